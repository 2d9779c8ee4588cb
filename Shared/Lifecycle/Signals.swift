import Glibc
import Synchronization

/// Tells of the signals that ask a process to end.
///
/// They are blocked in the calling thread, and so in every thread it makes later, and taken by one
/// thread that does nothing else; no code runs inside a signal handler.
public enum Signals {
    private struct Listeners {
        var isListening = false
        var all: [AsyncStream<Int32>.Continuation] = []
    }

    private static let listeners = Mutex(Listeners())

    /// Blocks SIGTERM, SIGINT and SIGHUP and ignores SIGPIPE. Call first in `main`, before any
    /// other thread exists.
    public static func block() {
        var set = terminating()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Every signal that arrives from now on, as its number; each stream sees all.
    public static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingNewest(4))
        let first = listeners.withLock { state in
            state.all.append(continuation)
            defer { state.isListening = true }
            return !state.isListening
        }
        if first {
            var thread = pthread_t()
            if pthread_create(&thread, nil, listen, nil) == 0 { pthread_detach(thread) }
        }
        return stream
    }

    fileprivate static func tell(_ number: Int32) {
        for listener in listeners.withLock({ $0.all }) { listener.yield(number) }
    }

    fileprivate static func terminating() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}

private func listen(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var set = Signals.terminating()
    while true {
        var number: Int32 = 0
        if sigwait(&set, &number) == 0 { Signals.tell(number) }
    }
}
