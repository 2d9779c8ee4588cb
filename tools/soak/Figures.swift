import MeshContract
import Synchronization

/// What became of the calls.
final class Figures: Sendable {
    private struct State {
        var answered = 0
        var lost = 0
        var late = 0
        var cancelled = 0
        var missed = 0
        var hints = 0
        var surprises: [String] = []
        var surprised = 0
    }

    private let state = Mutex(State())

    func answered() { state.withLock { $0.answered += 1 } }
    /// Made once, and its connection ended: nobody knows.
    func lost() { state.withLock { $0.lost += 1 } }
    func cancelled() { state.withLock { $0.cancelled += 1 } }
    func missed() { state.withLock { $0.missed += 1 } }
    func heard() { state.withLock { $0.hints += 1 } }

    /// Ended much after its deadline.
    func late(_ what: String, _ time: Duration) {
        state.withLock { $0.late += 1 }
        surprise("\(what) took \(time)")
    }

    /// What should not have been; the first few are kept.
    func surprise(_ what: String) {
        state.withLock { state in
            state.surprised += 1
            if state.surprises.count < 20 { state.surprises.append(what) }
        }
    }

    var surprises: [String] { state.withLock { $0.surprises } }
    var surprised: Int { state.withLock { $0.surprised } }

    var line: String {
        state.withLock { state in
            "\(state.answered) answered, \(state.lost) lost that act once, "
                + "\(state.cancelled) cancelled, \(state.missed) past their deadline, "
                + "\(state.hints) hints, \(state.surprised) surprises"
        }
    }
}
