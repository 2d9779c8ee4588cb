import Glibc
import Synchronization

/// Tells of the signals that ask a process to end.
///
/// The handler does the one thing a handler may: it writes the number into a pipe, which a thread
/// reads. No thread's signal mask matters, and a program that is spawned starts with the usual
/// dispositions.
public enum Signals {
    private struct State {
        var isCaught = false
        var listeners: [Int: AsyncStream<Int32>.Continuation] = [:]
        var made = 0
        /// What came before anybody listened: a service told to end while it starts has to end.
        var unheard: [Int32] = []
    }

    private static let state = Mutex(State())

    /// From now on SIGTERM, SIGINT and SIGHUP do not end the process but reach `stream()`, and
    /// SIGPIPE is ignored: a closed peer is an error of the write.
    public static func catchAll() {
        let first = state.withLock { state in
            defer { state.isCaught = true }
            return !state.isCaught
        }
        guard first else { return }
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        var thread = pthread_t()
        guard pthread_create(&thread, nil, listen, nil) == 0 else { return }
        pthread_detach(thread)
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, caught) }
    }

    /// Every signal that arrives from now on, as its number; each stream sees all, and the first
    /// one also what came before it.
    public static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingNewest(4))
        let number = state.withLock { state in
            for number in state.unheard { continuation.yield(number) }
            state.unheard = []
            state.made += 1
            state.listeners[state.made] = continuation
            return state.made
        }
        continuation.onTermination = { _ in
            state.withLock { $0.listeners[number] = nil }
        }
        return stream
    }

    static func tell(_ number: Int32) {
        let listeners = state.withLock { state in
            if state.listeners.isEmpty && state.unheard.count < 4 { state.unheard.append(number) }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(number) }
    }
}

// Written once, before the handler is set and the thread begins.
nonisolated(unsafe) private var readEnd: Int32 = -1
nonisolated(unsafe) private var writeEnd: Int32 = -1

private func caught(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(writeEnd, &byte, 1)
    errno = before
}

private func listen(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var byte: UInt8 = 0
    while true {
        let count = read(readEnd, &byte, 1)
        if count == 1 { Signals.tell(Int32(byte)) }
        if count == 0 || (count < 0 && errno != EINTR) { return nil }
    }
}
