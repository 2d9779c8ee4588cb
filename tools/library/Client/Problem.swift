import Console
import FoundationEssentials
import MeshContract

/// A problem document (RFC 9457) as the gateway sends it.
struct Problem: Codable, Sendable, Equatable {
    struct Field: Codable, Sendable, Equatable {
        var pointer: String?
        var detail: String?
        var message: String?
    }

    var title: String?
    var status: Int?
    var detail: String?
    var code: String?
    var requestID: String?
    var errors: [Field]?

    enum CodingKeys: String, CodingKey {
        case title, status, detail, code, errors
        case requestID = "request_id"
    }

    /// What a response says went wrong, even when it is no problem document.
    init(status: Int, body: [UInt8]) {
        if let problem = try? JSONDecoder().decode(Problem.self, from: Data(body)) {
            self = problem
        } else {
            title = "the gateway answered with HTTP status \(status)"
        }
        self.status = self.status ?? status
    }

    /// The code decides; without one, the status stands in by the same table the gateway uses.
    var exitCode: ExitCode {
        if let code { return ExitCode(Fault(Fault.Code(rawValue: code), "")) }
        switch status ?? 500 {
        case 400, 413, 415, 422: return .badInput
        case 401, 403: return .denied
        case 402: return .noCredits
        case 429, 503, 504: return .temporary
        case 502: return .unavailable
        case 500...: return .internalError
        default: return .failure
        }
    }

    /// Worth asking again a little later.
    var isPassing: Bool { [408, 429, 502, 503, 504].contains(status ?? 500) }

    var text: String {
        var text = title ?? "refused"
        if let detail, detail != title { text += ": \(detail)" }
        let marks = [code.map { "code \($0)" }, requestID.map { "request \($0)" }]
            .compactMap { $0 }
        if !marks.isEmpty { text += " (\(marks.joined(separator: ", ")))" }
        for field in errors ?? [] {
            let words = field.detail ?? field.message ?? "is not valid"
            text += "\n  \(field.pointer ?? "/"): \(words)"
        }
        return Printable.text(text)
    }

    var refusal: Refusal { Refusal(exitCode, text) }
}
