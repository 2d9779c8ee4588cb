import Dialects
import EventLoop
import FoundationEssentials
import HTTP
import Synchronization

/// A provider in this process that speaks like OpenAI and does what a test says.
final class ScriptedProvider: Sendable {
    struct Question: Sendable, Equatable {
        var key: String
        var model: String
        var temperature: Double?
    }

    /// What becomes of one question.
    enum Script: Sendable {
        /// The text, and figures: 10 tokens in, 5 out.
        case says(String)
        case refuses(Int, code: String = "x", headers: [(String, String)] = [])
        /// The beginning of an answer without a word of it, then the end of the connection.
        case beginsThenBreaks
        case saysThenBreaks(String)
        /// The text, and then nothing until the client goes.
        case saysThenWaits(String)
        /// Nothing until the client goes.
        case waits
        /// Nothing until the latch is opened, then the text.
        case waitsFor(Latch, String)
    }

    private struct State {
        var questions: [Question] = []
        var gone = 0
        var open = 0
        var mostOpen = 0
    }

    private final class Book: Sendable {
        let state = Mutex(State())
    }

    private let loop = EventLoop("scripted")
    private let book = Book()
    private let server: HTTPServer

    /// The second argument counts the questions of the same key and model, from 1.
    init(_ script: @escaping @Sendable (Question, Int) -> Script) throws {
        server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            [book] request, body, writer in
            guard let bytes = try? await body.collect(upTo: 1 << 20),
                let json = try? JSONValue(parsing: bytes)
            else { return }
            let field = request.headers["Authorization"] ?? ""
            let question = Question(
                key: String(field.dropFirst("Bearer ".count)), model: json["model"]?.string ?? "",
                temperature: json["temperature"]?.double)
            let count = book.state.withLock { state in
                state.questions.append(question)
                state.open += 1
                state.mostOpen = max(state.mostOpen, state.open)
                return state.questions.filter {
                    ($0.key, $0.model) == (question.key, question.model)
                }.count
            }
            await Self.play(script(question, count), writer, book)
        }
    }

    deinit { loop.stop() }

    var url: String { "http://127.0.0.1:\(server.port)/v1" }
    var questions: [Question] { book.state.withLock { $0.questions } }
    var keys: [String] { questions.map(\.key) }
    var models: [String] { questions.map(\.model) }
    /// How many clients went away while they were waited for.
    var gone: Int { book.state.withLock { $0.gone } }
    /// The most questions that were open at once.
    var mostOpen: Int { book.state.withLock { $0.mostOpen } }

    // MARK: Playing

    private static func play(
        _ script: Script, _ writer: ResponseWriter, _ book: Book
    ) async {
        // Before the last bytes: the client may come again as soon as it has them.
        let end: @Sendable () -> Void = { book.state.withLock { $0.open -= 1 } }
        do {
            switch script {
            case .refuses(let status, let code, let headers):
                let body = #"{"error": {"message": "no", "type": "x", "code": "\#(code)"}}"#
                let all = [("Content-Type", "application/json")] + headers
                end()
                try await writer.send(status: status, headers: all, body: Array(body.utf8))
            case .says(let text): try await say(text, writer, isWhole: true, end)
            case .beginsThenBreaks: try await say(nil, writer, isWhole: false, end)
            case .saysThenBreaks(let text): try await say(text, writer, isWhole: false, end)
            case .saysThenWaits(let text):
                try await say(text, writer, isWhole: false, end)
                await wait(writer, book)
            case .waits:
                end()
                await wait(writer, book)
            case .waitsFor(let latch, let text):
                await latch.wait()
                try await say(text, writer, isWhole: true, end)
            }
        } catch {
            return  // the client has gone, as in some tests it does
        }
    }

    private static func say(
        _ text: String?, _ writer: ResponseWriter, isWhole: Bool, _ end: () -> Void
    ) async throws {
        func chunk(_ choices: String, _ more: String = "") -> [UInt8] {
            let head = #""id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m""#
            return Array("data: {\(head), \"choices\": [\(choices)]\(more)}\n\n".utf8)
        }
        try await writer.start(status: 200, headers: [("Content-Type", "text/event-stream")])
        try await writer.write(
            chunk(#"{"index": 0, "delta": {"role": "assistant", "content": ""}}"#))
        if let text {
            try await writer.write(chunk(#"{"index": 0, "delta": {"content": "\#(text)"}}"#))
        }
        end()
        guard isWhole else { return }
        try await writer.write(chunk(#"{"index": 0, "delta": {}, "finish_reason": "stop"}"#))
        let usage = #", "usage": {"prompt_tokens": 10, "completion_tokens": 5}"#
        try await writer.write(chunk("", usage))
        try await writer.write(Array("data: [DONE]\n\n".utf8))
        try await writer.finish()
    }

    private static func wait(_ writer: ResponseWriter, _ book: Book) async {
        let (stream, end) = AsyncStream.makeStream(of: Void.self)
        writer.onClose {
            book.state.withLock { $0.gone += 1 }
            end.finish()
        }
        for await _ in stream {}
    }
}

/// Lets whoever waits go on, once it is opened.
final class Latch: Sendable {
    private let stream: AsyncStream<Void>
    private let hand: AsyncStream<Void>.Continuation

    init() { (stream, hand) = AsyncStream.makeStream() }

    func open() { hand.finish() }
    /// For one waiter.
    func wait() async { for await _ in stream {} }
}

/// A file of routes for as long as the object lives.
final class RouteFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = "/tmp/atelier-routes-\(UInt64.random(in: 0 ... .max)).json"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // a test's litter is no failure
}
