import Glibc

/// Closes a socket on a thread of its own.
///
/// libnng may wait for ever in `nng_close`: its reaper waits for a task that was prepared and never
/// started (nanomsg/nng issues 1543 and 1813, in 1.5.2 and later). It happened once in some
/// hundred closes here. A thread that nobody waits for is the price then, instead of a caller.
func closeAside(_ close: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Closing(close))
    var thread = pthread_t()
    if pthread_create(&thread, nil, runClosing, box.toOpaque()) == 0 {
        pthread_detach(thread)
    } else {
        box.release()  // no thread left: the socket goes with the process
    }
}

private final class Closing: Sendable {
    let close: @Sendable () -> Void
    init(_ close: @escaping @Sendable () -> Void) { self.close = close }
}

/// File-level, so that it is not inferred to belong to an actor.
private func runClosing(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Closing>.fromOpaque(raw).takeRetainedValue().close()
    return nil
}
