import EventLoop
import Synchronization

/// What the public port has answered since the start.
final class RequestCounters: Sendable {
    struct Snapshot: Sendable {
        var byClass: [Int: Int] = [:]
        var nanoseconds: UInt64 = 0
        var latency = Histogram()
    }

    private let state = Mutex(Snapshot())

    func count(status: Int, nanoseconds: UInt64) {
        state.withLock { state in
            state.byClass[status / 100, default: 0] += 1
            state.nanoseconds &+= nanoseconds
            state.latency.note(nanoseconds)
        }
    }

    var snapshot: Snapshot { state.withLock { $0 } }
}
