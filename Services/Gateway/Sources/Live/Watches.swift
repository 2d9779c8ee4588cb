import Synchronization

/// What is open for long, each under what it depends on, so that it can be ended.
final class Watches<Key: Hashable & Sendable>: Sendable {
    typealias End = @Sendable () -> Void

    private struct State {
        var next = 0
        var ends: [Key: [Int: End]] = [:]
    }

    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.ends.values.reduce(0) { $0 + $1.count } } }
    var keys: [Key] { state.withLock { Array($0.ends.keys) } }

    /// `end` is called when `key` counts no more, for as long as the pass is held.
    func enter(_ key: Key, end: @escaping End) -> WatchPass {
        let (kept, number) = state.withLock { state in
            state.next += 1
            state.ends[key, default: [:]][state.next] = end
            // The same text for thousands of them, and not one each.
            return (state.ends.index(forKey: key).map { state.ends[$0].key } ?? key, state.next)
        }
        return WatchPass { [self] in leave(kept, number) }
    }

    private func leave(_ key: Key, _ number: Int) {
        state.withLock { state in
            state.ends[key]?[number] = nil
            if state.ends[key]?.isEmpty == true { state.ends[key] = nil }
        }
    }

    func end(_ key: Key) {
        let ends = state.withLock { $0.ends[key].map { Array($0.values) } ?? [] }
        for end in ends { end() }
    }
}
