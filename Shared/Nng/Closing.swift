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

/// Waits until nothing has come by these connections for a moment, at most a second.
///
/// This is what libnng's reaper stumbles over: a connection closed between the head of a message and
/// its rest waits for ever, and with it all that the process closes later; lost connections are not
/// told of any more. Only a thread that may sleep calls this.
func awaitCalm(_ connections: @Sendable () -> Set<UInt32>) {
    var before: [UInt32: UInt64] = [:]
    for look in 0..<50 {
        let mine = connections()
        let now = Figures.connections().filter { mine.contains($0.key) }.mapValues(\.received)
        if now.isEmpty || (look > 0 && now == before) { return }
        before = now
        usleep(20_000)
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
