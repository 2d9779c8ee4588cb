public import Contracts
import Synchronization

/// The text that agents are writing now, kept for whoever comes to watch; a finished turn's text is
/// in the journal.
public final class LiveText: Sendable {
    private struct Piece {
        var attempt: Int
        var agent: String
        var bytes: [UInt8] = []
        var leftProviderAt: Int64 = 0
    }

    private let runs = Mutex<[String: [String: Piece]]>([:])

    public init() {}

    /// Begins the text of a step, or begins it again when the attempt is another one.
    func begin(_ step: String, of run: String, attempt: Int, agent: String) {
        runs.withLock { runs in
            guard runs[run]?[step]?.attempt != attempt else { return }
            runs[run, default: [:]][step] = Piece(attempt: attempt, agent: agent)
        }
    }

    func append(_ text: String, at offset: Int, to step: String, of run: String, leftAt: Int64) {
        runs.withLock { runs in
            guard var piece = runs[run]?[step], offset <= piece.bytes.count else { return }
            // A step that is run again reads its text from the start: only what is new counts.
            piece.bytes += text.utf8.dropFirst(piece.bytes.count - offset)
            piece.leftProviderAt = leftAt
            runs[run]?[step] = piece
        }
    }

    func end(_ step: String, of run: String) {
        runs.withLock { runs in
            runs[run]?[step] = nil
            if runs[run]?.isEmpty == true { runs[run] = nil }
        }
    }

    /// What has been written past the marks. A mark of another attempt counts as none.
    public func pieces(
        of run: String, beyond marks: [Orchestrator.TextMark]
    ) -> [Orchestrator.TextPiece] {
        runs.withLock { runs in
            (runs[run] ?? [:]).compactMap { step, piece in
                let mark = marks.first { $0.step == step && $0.attempt == piece.attempt }
                let from = min(max(mark?.offset ?? 0, 0), piece.bytes.count)
                // An empty piece tells a watcher of the step's beginning, once.
                guard from < piece.bytes.count || (mark == nil && piece.bytes.isEmpty) else {
                    return nil
                }
                return Orchestrator.TextPiece(
                    step: step, attempt: piece.attempt, agent: piece.agent, offset: from,
                    text: String(decoding: piece.bytes[from...], as: UTF8.self),
                    leftProviderAt: piece.leftProviderAt)
            }
        }
    }
}
