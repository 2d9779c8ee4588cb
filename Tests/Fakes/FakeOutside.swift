public import EventLoop
import FoundationEssentials
import HTTP
import Synchronization

/// Resend, DuckDuckGo and Pollinations in one, over real HTTP on a port of its own.
public final class FakeOutside: Sendable {
    /// What is answered to one request.
    public struct Answer: Sendable {
        public var status: Int
        public var headers: [(String, String)]
        public var body: [UInt8]

        public init(_ status: Int, _ body: String = "", headers: [(String, String)] = []) {
            self.init(status, bytes: Array(body.utf8), headers: headers)
        }

        public init(_ status: Int, bytes: [UInt8], headers: [(String, String)] = []) {
            (self.status, self.headers, self.body) = (status, headers, bytes)
        }

        /// As Resend says what is wrong.
        public static func refusal(
            _ status: Int, _ name: String, _ message: String, headers: [(String, String)] = []
        ) -> Answer {
            Answer(
                status, #"{"statusCode":\#(status),"name":"\#(name)","message":"\#(message)"}"#,
                headers: headers)
        }
    }

    /// A request as it came.
    public struct Asked: Sendable {
        public var method: String
        public var path: String
        public var query: [String: String]
        public var headers: [String: String]
        public var body: [UInt8]
    }

    private struct State {
        var asked: [Asked] = []
        var mails: [String: [UInt8]] = [:]
        var mailAnswers: [Answer] = []
        var lostAnswers = 0
        var pages: [String: [Answer]] = [:]
        var image: [Answer] = []
    }

    private final class Book: Sendable {
        let state = Mutex(State())
    }

    private let book = Book()
    private let server: HTTPServer

    public init(on loop: EventLoop) throws {
        server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            [book] request, body, writer in
            do {
                let bytes = try await body.collect(upTo: 32 << 20)
                guard let answer = Self.answer(request, bytes, book) else { return }
                try await writer.send(
                    status: answer.status, headers: answer.headers, body: answer.body)
            } catch {
                return  // whoever asked is gone
            }
        }
    }

    public var url: String { "http://127.0.0.1:\(server.port)" }

    /// The settings that lead all three here.
    public var settings: [String: String] {
        [
            "RESEND_API_KEY": "re_secret_key_1", "RESEND_FROM": "Atelier <studio@example.org>",
            "RESEND_BASE_URL": url, "DUCKDUCKGO_BASE_URL": url, "POLLINATIONS_BASE_URL": url,
            "ATELIER_MAIL_MILLISECONDS": "1", "MAIL_RETRY_MS": "1",
        ]
    }

    // MARK: For the test

    public var asked: [Asked] { book.state.withLock { $0.asked } }

    /// What was accepted to be sent, by key.
    public var mails: [String: [UInt8]] { book.state.withLock { $0.mails } }

    /// The next answers to letters; then each is accepted.
    public func answerMails(_ answers: [Answer]) {
        book.state.withLock { $0.mailAnswers = answers }
    }

    /// Accepts the next letters, and closes the connection in place of saying so.
    public func loseAnswers(_ count: Int) { book.state.withLock { $0.lostAnswers = count } }

    /// The answers at a path such as `/html/`; the last one stays.
    public func page(_ path: String, _ answers: Answer...) {
        book.state.withLock { $0.pages[path] = answers }
    }

    /// The answers to requests for images; the last one stays.
    public func image(_ answers: Answer...) { book.state.withLock { $0.image = answers } }

    // MARK: How

    private static func answer(
        _ request: HTTPRequest, _ body: [UInt8], _ book: Book
    ) -> Answer? {
        book.state.withLock { state in
            var query: [String: String] = [:]
            for (name, value) in request.query { query[name] = value }
            var headers: [String: String] = [:]
            for name in ["authorization", "idempotency-key", "user-agent", "content-type"] {
                headers[name] = request.headers[name]
            }
            state.asked.append(
                Asked(
                    method: request.method, path: request.path, query: query, headers: headers,
                    body: body))
            if request.path == "/emails" { return mail(headers, body, &state) }
            if request.path.hasPrefix("/prompt/") { return next(&state.image) }
            return next(&state.pages[request.path, default: []])
        }
    }

    private static func next(_ answers: inout [Answer]) -> Answer {
        guard let answer = answers.first else { return Answer(404, "nothing here") }
        if answers.count > 1 { answers.removeFirst() }
        return answer
    }

    private static func mail(
        _ headers: [String: String], _ body: [UInt8], _ state: inout State
    ) -> Answer? {
        if !state.mailAnswers.isEmpty { return state.mailAnswers.removeFirst() }
        guard headers["user-agent"] != nil else { return Answer(403, "error code: 1010") }
        guard headers["authorization"]?.hasPrefix("Bearer re_") == true else {
            return .refusal(401, "missing_api_key", "Missing API key")
        }
        guard let key = headers["idempotency-key"], (1...256).contains(key.utf8.count) else {
            return .refusal(400, "invalid_idempotency_key", "The key must be 1-256 characters")
        }
        if let known = state.mails[key], known != body {
            return .refusal(409, "invalid_idempotent_request", "Same key, different payload")
        }
        state.mails[key] = body
        if state.lostAnswers > 0 {
            state.lostAnswers -= 1
            return nil
        }
        return Answer(
            200, #"{"id":"outside-\#(key)"}"#, headers: [("Content-Type", "application/json")])
    }
}
