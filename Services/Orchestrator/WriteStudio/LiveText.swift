public import Contracts
import Synchronization

/// The text that agents write, for whoever watches: while it is written, and for a while after its
/// turn has ended, for a watcher who is not as fast as the agent. The journal has it for good.
public final class LiveText: Sendable {
    /// What finished texts may take together; the oldest goes first.
    static let mostKeptBytes = 32 << 20
    static let mostKept = 1_024

    private struct Piece {
        var attempt: Int
        var agent: String
        var bytes: [UInt8] = []
        var leftProviderAt: Int64 = 0
        /// Its turn stands in the journal, and so in the events.
        var isJournaled = false
    }

    private struct Place: Equatable {
        var run: String
        var step: String
    }

    private struct State {
        var runs: [String: [String: Piece]] = [:]
        /// Finished texts, the oldest first.
        var kept: [Place] = []
        var keptBytes = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Begins the text of a step, or begins it again where the attempt is a later one.
    func begin(_ step: String, of run: String, attempt: Int, agent: String) {
        state.withLock { state in
            if let known = state.runs[run]?[step], known.attempt >= attempt { return }
            Self.unkeep(Place(run: run, step: step), &state)
            state.runs[run, default: [:]][step] = Piece(attempt: attempt, agent: agent)
        }
    }

    /// Adds what an attempt has written from an offset on. A step that is run again reads its text
    /// from the start: only what is new counts.
    func append(
        _ text: String, at offset: Int, to step: String, of run: String, attempt: Int,
        leftAt: Int64
    ) {
        state.withLock { state in
            guard let piece = state.runs[run]?[step], piece.attempt == attempt,
                offset >= 0, offset <= piece.bytes.count,
                offset + text.utf8.count > piece.bytes.count
            else { return }
            // In place: a copy for each token would make a long text slow.
            state.runs[run]?[step]?.bytes += text.utf8.dropFirst(piece.bytes.count - offset)
            state.runs[run]?[step]?.leftProviderAt = leftAt
        }
    }

    /// The step's turn is journaled: the text is kept for those who have not read it.
    func end(_ step: String, of run: String) {
        state.withLock { state in
            let place = Place(run: run, step: step)
            guard let piece = state.runs[run]?[step], !piece.isJournaled else { return }
            state.runs[run]?[step]?.isJournaled = true
            state.kept.append(place)
            state.keptBytes += piece.bytes.count
            while state.keptBytes > Self.mostKeptBytes || state.kept.count > Self.mostKept,
                let oldest = state.kept.first
            {
                Self.unkeep(oldest, &state)
                Self.drop(oldest, &state)
            }
        }
    }

    /// The step has failed, or is given up: nothing of it will be journaled.
    func discard(_ step: String, of run: String) {
        state.withLock { state in
            let place = Place(run: run, step: step)
            Self.unkeep(place, &state)
            Self.drop(place, &state)
        }
    }

    private static func unkeep(_ place: Place, _ state: inout State) {
        guard let at = state.kept.firstIndex(of: place) else { return }
        state.kept.remove(at: at)
        state.keptBytes -= state.runs[place.run]?[place.step]?.bytes.count ?? 0
    }

    private static func drop(_ place: Place, _ state: inout State) {
        state.runs[place.run]?[place.step] = nil
        if state.runs[place.run]?.isEmpty == true { state.runs[place.run] = nil }
    }

    /// What has been written past the marks, by step. A mark of another attempt counts as none.
    ///
    /// Text of a turn that is journaled goes only to those who are just being told of its end, which
    /// `ending` says: whoever came later has it from the session.
    public func pieces(
        of run: String, beyond marks: [Orchestrator.TextMark], ending: Set<String> = []
    ) -> [Orchestrator.TextPiece] {
        state.withLock { state in
            (state.runs[run] ?? [:]).sorted { $0.key < $1.key }.compactMap { step, piece in
                if piece.isJournaled && !ending.contains(step) { return nil }
                let mark = marks.first { $0.step == step && $0.attempt == piece.attempt }
                let from = Self.boundary(in: piece.bytes, at: mark?.offset ?? 0)
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

    /// The beginning of the character at an offset that a watcher names.
    private static func boundary(in bytes: [UInt8], at offset: Int) -> Int {
        var from = min(max(offset, 0), bytes.count)
        while from > 0, from < bytes.count, bytes[from] & 0xC0 == 0x80 { from -= 1 }
        return from
    }
}
