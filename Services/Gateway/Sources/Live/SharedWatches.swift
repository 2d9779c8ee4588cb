import Synchronization

/// Streams of runs that are shared in a workspace, so that they end for who is taken out of it.
final class SharedWatches: Sendable {
    private struct Watch {
        var workspace: String
        var person: String
        var end: @Sendable () -> Void
    }

    private struct State {
        var next = 0
        var watches: [Int: Watch] = [:]
    }

    private let state = Mutex(State())

    /// `end` is called when this person may not watch any more.
    func enter(
        _ workspace: String, _ person: String, end: @escaping @Sendable () -> Void
    ) -> WatchPass {
        let number = state.withLock { state in
            state.next += 1
            state.watches[state.next] = Watch(workspace: workspace, person: person, end: end)
            return state.next
        }
        return WatchPass { [self] in
            state.withLock { _ = $0.watches.removeValue(forKey: number) }
        }
    }

    /// Ends what a person watches of a workspace; everybody's for nil.
    func end(_ workspace: String, _ person: String? = nil) {
        let ends = state.withLock { state in
            state.watches.values.filter {
                $0.workspace == workspace && (person == nil || $0.person == person)
            }.map(\.end)
        }
        for end in ends { end() }
    }
}
