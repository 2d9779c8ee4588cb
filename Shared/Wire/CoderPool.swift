import Synchronization

/// Idle coders: a fresh one costs a microsecond and knows no keys yet.
///
/// A coder belongs to the call that took it until that call gives it back.
final class CoderPool<Coder: AnyObject & Sendable>: Sendable {
    private let idle = Mutex<[Coder]>([])

    /// An idle coder, or nil where all are at work.
    func take() -> Coder? {
        idle.withLock { $0.popLast() }
    }

    /// Takes a coder back, unless enough are idle.
    func give(_ coder: Coder) {
        idle.withLock { coders in
            if coders.count < WireLimits.idleCoders { coders.append(coder) }
        }
    }
}
