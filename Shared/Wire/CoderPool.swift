import Glibc
import Synchronization

/// What `CoderPool` lends.
protocol PooledCoder: ~Copyable {
    init()
    /// Whether a call is using it.
    var isBusy: Bool { get set }
}

/// The coders of a process, one for each thread that has coded: a fresh one costs a microsecond and
/// knows no keys yet.
///
/// A coding call never waits, so it begins and ends on one thread and takes that thread's coder
/// without a lock. A call inside of another one finds it busy and takes a spare one. Coders are
/// never freed: what escaped out of a call may still point to one, and is refused there. There are
/// as many as calls ever ran at the same time.
///
/// `@unchecked Sendable`: the spare coders are in a mutex, and every other one belongs to a thread.
final class CoderPool<Coder: PooledCoder & ~Copyable>: @unchecked Sendable {
    private struct Spare: @unchecked Sendable {
        let coder: UnsafeMutablePointer<Coder>
    }

    /// Where each thread keeps its coder, or nil where the system has no such place left.
    private let place: pthread_key_t?
    private let spares = Mutex<[Spare]>([])

    /// `ended` is called with the coder of a thread that ends, and hands it to `park`.
    init(ended: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) {
        var key = pthread_key_t()
        place = pthread_key_create(&key, ended) == 0 ? key : nil
    }

    /// An idle coder, which is busy from now on.
    @inline(__always)
    func take() -> UnsafeMutablePointer<Coder> {
        if let place, let held = pthread_getspecific(place) {
            let coder = held.assumingMemoryBound(to: Coder.self)
            if !coder.pointee.isBusy {
                coder.pointee.isBusy = true
                return coder
            }
        }
        return other()
    }

    @inline(never)
    private func other() -> UnsafeMutablePointer<Coder> {
        let coder = spares.withLock { $0.popLast() }?.coder ?? make()
        coder.pointee.isBusy = true
        // A thread keeps the first coder it takes.
        if let place, pthread_getspecific(place) == nil { pthread_setspecific(place, coder) }
        return coder
    }

    private func make() -> UnsafeMutablePointer<Coder> {
        let coder = UnsafeMutablePointer<Coder>.allocate(capacity: 1)
        coder.initialize(to: Coder())
        return coder
    }

    /// Takes a coder back when its call has ended.
    @inline(__always)
    func give(_ coder: UnsafeMutablePointer<Coder>) {
        coder.pointee.isBusy = false
        if let place, pthread_getspecific(place) == UnsafeMutableRawPointer(coder) { return }
        park(coder)
    }

    /// Keeps a coder that no thread has for itself.
    @inline(never)
    func park(_ coder: UnsafeMutableRawPointer) {
        let spare = Spare(coder: coder.assumingMemoryBound(to: Coder.self))
        spares.withLock { $0.append(spare) }
    }
}
