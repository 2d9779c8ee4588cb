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
            for event in news.events {
                out += "id: \(event.seq)\nevent: \(event.type)\ndata: \(EventJSON.object(event))\n\n"
                after = event.seq
            }
            for text in news.texts {
                out += "event: token\ndata: \(EventJSON.object(text))\n\n"
                marks.removeAll { $0.step == text.step }
                let end = text.offset + text.text.utf8.count
                marks.append(.init(step: text.step, attempt: text.attempt, offset: end))
            }
            if marks.count > 16 { marks.removeFirst(marks.count - 16) }
            if news.isEnded { out += "event: end\ndata: {\"state\":\"\(news.state)\"}\n\n" }
            try await writer.write(Array((out.isEmpty ? ": still here\n\n" : out).utf8))
            if news.isEnded { return try await writer.finish() }
        }
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

/// Events as JSON text. Their data is JSON already, and a piece of text is on the path of every
/// token: both are written here by hand.
enum EventJSON {
    static func object(_ event: Orchestrator.Event) -> String {
        var out = "{\"seq\":\(event.seq),\"type\":\(quoted(event.type)),"
        out += "\"at\":\"\(rfc3339(event.at))\","
        if let step = event.step { out += "\"step\":\(quoted(step))," }
        return out + "\"data\":\(event.data)}"
    }

    static func object(_ text: Orchestrator.TextPiece) -> String {
        "{\"step\":\(quoted(text.step)),\"attempt\":\(text.attempt),"
            + "\"agent\":\(quoted(text.agent)),\"offset\":\(text.offset),"
            + "\"text\":\(quoted(text.text)),\"left_provider_at\":\(text.leftProviderAt)}"
    }

    /// A JSON string (RFC 8259, section 7).
    static func quoted(_ text: String) -> String {
        var out: [UInt8] = [34]
        out.reserveCapacity(text.utf8.count + 2)
        let digits = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            switch byte {
            case 34, 92: out += [92, byte]
            case 10: out += [92, 110]
            case 13: out += [92, 114]
            case 9: out += [92, 116]
            case 0..<32: out += [92, 117, 48, 48, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(34)
        return String(decoding: out, as: UTF8.self)
    }
}
