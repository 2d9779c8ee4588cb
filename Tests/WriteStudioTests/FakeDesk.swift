import Refinement
import Synchronization
import WriteStudio

/// A desk in memory: what a test has a person do.
final class FakeDesk: Desk {
    private struct State {
        var acts: [String: [PersonAct]] = [:]
        var last: Int64 = 0
        var closed: Set<String> = []
    }

    private let state = Mutex(State())

    /// True when the run will still see it.
    @discardableResult
    func put(
        edit: PersonAct.Edit? = nil, locks: [String]? = nil, decision: PersonAct.Decision? = nil,
        on run: String = "run_1"
    ) -> Bool {
        state.withLock { state in
            state.last += 1
            state.acts[run, default: []].append(
                PersonAct(number: state.last, edit: edit, locks: locks, decision: decision))
            return !state.closed.contains(run)
        }
    }

    func acts(on run: String, after number: Int64) async throws -> [PersonAct] {
        state.withLock { ($0.acts[run] ?? []).filter { $0.number > number } }
    }

    func close(_ run: String, after number: Int64) async throws -> [PersonAct] {
        state.withLock { state in
            let acts = (state.acts[run] ?? []).filter { $0.number > number }
            if acts.isEmpty { state.closed.insert(run) }
            return acts
        }
    }
}
