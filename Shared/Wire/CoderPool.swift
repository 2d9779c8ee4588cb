import Glibc

/// One idle coder for each thread: a fresh one costs a microsecond and knows no keys yet.
///
/// A coding call never waits, so it begins and ends on one thread and needs no lock. A call inside
/// of another one finds nothing idle and makes a coder of its own.
final class CoderPool<Coder: AnyObject & Sendable>: Sendable {
    /// Where each thread keeps its coder, or nil where the system has no such place left.
    private let place: pthread_key_t?

    init() {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { held in
            guard let held else { return }
            Unmanaged<AnyObject>.fromOpaque(held).release()
        }
        place = code == 0 ? key : nil
    }

    /// The idle coder of this thread, or nil where it is at work.
    @inline(__always)
    func take() -> Coder? {
        guard let place, let held = pthread_getspecific(place) else { return nil }
        pthread_setspecific(place, nil)
        return Unmanaged<Coder>.fromOpaque(held).takeRetainedValue()
    }

    /// Takes a coder back, unless another one is idle.
    @inline(__always)
    func give(_ coder: Coder) {
        guard let place, pthread_getspecific(place) == nil else { return }
        let held = Unmanaged.passRetained(coder)
        if pthread_setspecific(place, held.toOpaque()) != 0 { held.release() }
    }
}
