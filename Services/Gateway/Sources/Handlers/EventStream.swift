import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// One watcher of one run, as server-sent events (WHATWG HTML, section 9.2).
///
/// Every event has its number as `id:`, so that a client returns with `Last-Event-ID` and misses
/// nothing. Text in progress has no number: a client that returns gets it from the beginning.
struct EventStream: Sendable {
    /// How long one question to the orchestrator waits for news; also the keep-alive's pace.
    private static let wait = 15_000

    let mesh: MeshClient
    let user: String
    let run: String
    let after: Int64

    /// Writes until the run has ended or the client is gone. An orchestrator that is away is waited
    /// for: the client keeps its stream over a restart.
    func write(to writer: ResponseWriter) async throws {
        var after = after
        var marks: [Orchestrator.TextMark] = []
        var pause = Duration.milliseconds(10)
        try await writer.write(Array(": atelier\nretry: 1000\n\n".utf8))
        while !writer.isClosed {
            guard let news = try await ask(after, marks) else {
                try Task.checkCancellation()
                try await writer.write(Array(": waiting\n\n".utf8))
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
                continue
            }
            pause = .milliseconds(10)
            var out = ""
            var texts = news.texts
            for event in news.events {
                // What a step has written stands before the event that ends it.
                if event.type == "turn.completed" {
                    let ended = texts.filter { $0.step == event.step }
                    texts.removeAll { $0.step == event.step }
                    for text in ended { out += Self.token(text, &marks) }
                }
                out +=
                    "id: \(event.seq)\nevent: \(event.type)\ndata: \(EventJSON.object(event))\n\n"
                after = event.seq
            }
            for text in texts { out += Self.token(text, &marks) }
            if marks.count > 16 { marks.removeFirst(marks.count - 16) }
            if news.isEnded {
                out += "event: end\ndata: {\"state\":\(EventJSON.quoted(news.state))}\n\n"
            }
            try await writer.write(Array((out.isEmpty ? ": still here\n\n" : out).utf8))
            if news.isEnded { return try await writer.finish() }
        }
    }

    private static func token(
        _ text: Orchestrator.TextPiece, _ marks: inout [Orchestrator.TextMark]
    ) -> String {
        marks.removeAll { $0.step == text.step }
        let end = text.offset + text.text.utf8.count
        marks.append(.init(step: text.step, attempt: text.attempt, offset: end))
        return "event: token\ndata: \(EventJSON.object(text))\n\n"
    }

    /// nil while the orchestrator is away.
    private func ask(
        _ after: Int64, _ marks: [Orchestrator.TextMark]
    ) async throws -> Orchestrator.News? {
        let question = Orchestrator.Follow(
            user: user, run: run, after: after, marks: marks, waitMilliseconds: Self.wait)
        do {
            return try await mesh.call(question, within: .milliseconds(Self.wait + 5_000))
        } catch {
            guard error.isTransient else { throw error }
            return nil
        }
    }
}
