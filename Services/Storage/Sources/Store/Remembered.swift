import Synchronization

/// Values that do not change under their key, found again without asking the database; the oldest
/// go when there are too many.
final class Remembered<Value: Sendable>: Sendable {
    private struct State {
        var values: [String: Value] = [:]
        var order: [String] = []
        var weight = 0
    }

    private let most: Int
    private let weigh: @Sendable (Value) -> Int
    private let state = Mutex(State())

    /// `most` is what all of them may weigh.
    init(most: Int, weigh: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        (self.most, self.weigh) = (most, weigh)
    }

    func find(_ key: String) -> Value? { state.withLock { $0.values[key] } }

    func keep(_ value: Value, under key: String) {
        state.withLock { state in
            guard state.values.updateValue(value, forKey: key) == nil else { return }
            state.order.append(key)
            state.weight += weigh(value)
            while state.weight > most, state.order.count > 1 {
                let oldest = state.order.removeFirst()
                if let gone = state.values.removeValue(forKey: oldest) {
                    state.weight -= weigh(gone)
                }
            }
        }
    }

    func forget(_ key: String) {
        state.withLock { state in
            guard let gone = state.values.removeValue(forKey: key) else { return }
            state.order.removeAll { $0 == key }
            state.weight -= weigh(gone)
        }
    }

    func forgetAll() { state.withLock { $0 = State() } }
}
