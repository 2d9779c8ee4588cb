import EventLoop
import Glibc
import Synchronization

/// Counts, and wakes one waiter when the count is reached.
final class Tally: Sendable {
    private struct State {
        var count = 0
        var goal = Int.max
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func add(_ more: Int = 1) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.count += more
            guard state.count >= state.goal else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func reaches(_ goal: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                (state.goal, state.waiter) = (goal, waiter)
                guard state.count >= goal else { return false }
                state.waiter = nil
                return true
            }
            if isThere { waiter.resume() }
        }
    }
}

/// Runs `body` on threads of its own.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    let done = Tally()
    for index in 0..<count {
        let box = Unmanaged.passRetained(
            Work {
                body(index)
                done.add()
            })
        var thread = pthread_t()
        pthread_create(&thread, nil, runWork, box.toOpaque())
        pthread_detach(thread)
    }
    await done.reaches(count)
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runWork(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
    return nil
}

/// Does what a test gives it.
final class Probe: Pollable {
    let onReady: @Sendable (Readiness) -> Void
    let onFlush: @Sendable () -> Void
    let onExpire: @Sendable (UInt64) -> UInt64
    let onEnd: @Sendable () -> Void

    init(
        ready: @escaping @Sendable (Readiness) -> Void = { _ in },
        flush: @escaping @Sendable () -> Void = {},
        expire: @escaping @Sendable (UInt64) -> UInt64 = { _ in .max },
        end: @escaping @Sendable () -> Void = {}
    ) {
        (onReady, onFlush, onExpire, onEnd) = (ready, flush, expire, end)
    }

    func ready(_ readiness: Readiness) { onReady(readiness) }
    func flush() { onFlush() }
    func expire(_ now: UInt64) -> UInt64 { onExpire(now) }
    func loopEnded() { onEnd() }
}

/// Runs on the loop's thread and answers with what came of it.
func on<T: Sendable>(_ loop: EventLoop, _ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { answer in
        loop.perform { answer.resume(returning: body()) }
    }
}

/// Both ends of a connected pair of sockets, non-blocking.
func socketPair() -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    socketpair(AF_UNIX, kind, 0, &ends)
    return (ends[0], ends[1])
}
