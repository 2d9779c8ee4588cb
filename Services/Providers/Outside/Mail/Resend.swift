public import Curl
import FoundationEssentials

/// Sends e-mail through Resend (https://resend.com/docs/api-reference/emails/send-email).
public struct Resend: Sendable {
    /// How long Resend knows a key: past it, the same letter would go out again.
    public static let keyLife = Duration.seconds(86_400)

    private let exchange: Exchange
    private let base: BaseURL
    private let key: String
    /// As `Atelier <studio@example.org>`.
    private let sender: String
    private let deadline: Duration

    public init(
        _ http: HTTPClient, base: BaseURL, key: String, from sender: String,
        deadline: Duration = .seconds(30)
    ) {
        exchange = Exchange(http: http, name: "the e-mail provider")
        (self.base, self.key) = (base, key)
        (self.sender, self.deadline) = (sender, deadline)
    }

    private struct Payload: Encodable {
        struct File: Encodable {
            var filename: String
            var content: String
            var contentType: String

            enum CodingKeys: String, CodingKey {
                case filename, content
                case contentType = "content_type"
            }
        }

        var from: String
        var to: [String]
        var subject: String
        var html: String?
        var text: String?
        var replyTo: String?
        var attachments: [File]?

        enum CodingKeys: String, CodingKey {
            case from, to, subject, html, text, attachments
            case replyTo = "reply_to"
        }
    }

    /// The request's body. Kept by the caller: a key stands for these bytes, at every attempt.
    public func payload(of letter: Letter) throws -> [UInt8] {
        let files = letter.attachments.map { file in
            Payload.File(
                filename: file.name, content: Data(file.content).base64EncodedString(),
                contentType: file.contentType)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(
            try encoder.encode(
                Payload(
                    from: sender, to: letter.to, subject: letter.subject,
                    html: letter.html.isEmpty ? nil : letter.html,
                    text: letter.text.isEmpty ? nil : letter.text, replyTo: letter.replyTo,
                    attachments: files.isEmpty ? nil : files)))
    }

    /// One attempt; answers with Resend's id of the letter. The same `idempotencyKey` sends once.
    public func send(
        _ payload: [UInt8], idempotencyKey: String
    ) async throws(OutsideFailure) -> String {
        let request = ClientRequest(
            method: "POST", url: base.text + "/emails",
            headers: [
                ("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"),
                ("Accept", "application/json"), ("Idempotency-Key", idempotencyKey),
                // Without one, Resend answers 403.
                ("User-Agent", "Atelier"),
            ], body: payload, idleTimeout: deadline, deadline: deadline, maxBody: 1 << 20)
        let response = try await exchange.once(request) { _ in true }
        guard (200..<300).contains(response.status) else { throw Self.failure(response, key) }
        guard let id = Self.field("id", of: response.body) else {
            throw OutsideFailure(.garbled, "the e-mail provider's answer has no id")
        }
        return id
    }

    private static func failure(_ response: ClientResponse, _ key: String) -> OutsideFailure {
        let name = field("name", of: response.body) ?? ""
        let said = field("message", of: response.body) ?? Exchange.words(of: response)
        let words = said.map { $0.replacing(key, with: "[key]") }
        let plain = OutsideFailure(
            status: response.status, headers: response.headers, words: words,
            with: "the e-mail provider")
        switch name {
        case "concurrent_idempotent_requests":
            return OutsideFailure(.failed, "the e-mail provider is at it still", words: words)
        case "daily_quota_exceeded", "monthly_quota_exceeded":
            return OutsideFailure(
                .limited, "the e-mail provider's quota is used up", words: words,
                retryAfter: max(plain.retryAfter ?? .zero, .seconds(3_600)))
        default: return plain
        }
    }

    private static func field(_ name: String, of body: [UInt8]) -> String? {
        struct Answer: Decodable {
            var id: String?
            var name: String?
            var message: String?
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            return nil
        }
        switch name {
        case "id": return answer.id
        case "name": return answer.name
        default: return answer.message
        }
    }
}
