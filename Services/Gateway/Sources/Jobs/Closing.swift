import MeshContract
import Synchronization

/// The live streams: so many and no more, and all of them told when the server stops. Without that
/// a drain would wait for them.
final class Closing: Sendable {
    private struct State {
        var isClosed = false
        var next = 0
        var open: [Int: @Sendable () -> Void] = [:]
    }

    /// So many that have begun, and what their beginnings used is worth giving back.
    private static let crowd = 1_000

    private let most: Int
    private let crowded: @Sendable () -> Void
    private let state = Mutex(State())

    /// `crowded` is called now and then while ever more streams begin.
    init(most: Int, crowded: @escaping @Sendable () -> Void = {}) {
        (self.most, self.crowded) = (most, crowded)
    }

    /// Whether the server stops.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// How many streams are open.
    var count: Int { state.withLock { $0.open.count } }

    func close() {
        let open = state.withLock { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        for end in open { end() }
    }

    /// Takes a place for a stream, which `leave` gives back; `end` is called when the server stops.
    func enter(_ end: @escaping @Sendable () -> Void) throws(Fault) -> Int {
        let (place, isCrowd) = state.withLock { state -> (Int?, Bool) in
            guard state.open.count < most, !state.isClosed else { return (nil, false) }
            state.next += 1
            state.open[state.next] = end
            return (state.next, state.open.count.isMultiple(of: Self.crowd))
        }
        if isCrowd { crowded() }
        guard let place else {
            throw Fault(
                .overloaded, "\(most) streams are open already, or the server stops",
                retryAfterMilliseconds: 5_000)
        }
        return place
    }

    func leave(_ place: Int) { state.withLock { _ = $0.open.removeValue(forKey: place) } }
}
