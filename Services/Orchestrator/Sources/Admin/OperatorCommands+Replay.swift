import Console
import Durable
import FoundationEssentials
import MeshContract
import ServiceKit

/// Histories against the present code: before a release, and when a run needs attention.
extension OrchestratorNode {
    private static let page = 500

    func printHistory(_ words: [String]) async throws -> Report {
        guard let id = words.first else { throw UsageError("which run?") }
        guard let history = try await engine.history(id) else { throw RunStore.absent(id) }
        return Report([try Self.text(of: history)])
    }

    /// A history as it is kept among the tests' fixtures.
    static func text(of history: History) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(history), as: UTF8.self)
    }

    static func history(from text: some DataProtocol) throws -> History {
        do {
            return try JSONDecoder().decode(History.self, from: Data(text))
        } catch {
            throw Fault(.invalid, "this is no history", detail: "\(error)")
        }
    }

    func replay(_ words: [String], _ flags: Flags) async throws -> Report {
        let version = try Self.number(flags, "version")
        if let file = try flags.text("file") {
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw Fault(.unavailable, "\(file) cannot be read")
            }
            return try await verdicts([try Self.history(from: bytes)], version)
        }
        if flags.names.contains("all") { return try await replayAll(version) }
        guard let id = words.first else { throw UsageError("which run? Or --all, or --file") }
        guard let history = try await engine.history(id) else { throw RunStore.absent(id) }
        return try await verdicts([history], version)
    }

    /// One run after the other, for a history may be large.
    private func replayAll(_ version: Int?) async throws -> Report {
        var (lines, bad, count) = ([String](), 0, 0)
        var last: String?
        while true {
            let ids = try await engine.runs(after: last, limit: Self.page)
            guard !ids.isEmpty else { break }
            for id in ids {
                guard let history = try await engine.history(id) else { continue }
                let verdict = try await engine.replay(history, version: version)
                count += 1
                // Of many, what is as it should be is not worth a line each.
                if !verdict.isFaithful {
                    bad += 1
                    lines.append(Self.line(history, verdict))
                }
            }
            last = ids.last
        }
        lines.append("\(count) histories replayed, \(count - bad) fit the code")
        return Report(lines, failure: Self.failure(bad))
    }

    private func verdicts(_ histories: [History], _ version: Int?) async throws -> Report {
        var (lines, bad) = ([String](), 0)
        for history in histories {
            let verdict = try await engine.replay(history, version: version)
            if !verdict.isFaithful { bad += 1 }
            lines.append(Self.line(history, verdict))
        }
        return Report(lines, failure: Self.failure(bad))
    }

    private static func failure(_ bad: Int) -> Fault? {
        bad == 0 ? nil : Fault(.conflict, "\(bad) histories do not fit the code")
    }

    private static func line(_ history: History, _ verdict: Replay) -> String {
        let words =
            switch verdict {
            case .same: "same"
            case .goesOn(let steps): "goes on with \(steps.joined(separator: ", "))"
            case .diverges(let why): "DIVERGES: \(why)"
            }
        return "\(history.run) \(history.workflow) v\(history.version) \(history.state), "
            + "\(history.count) rows: \(words)"
    }
}
