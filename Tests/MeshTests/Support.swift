import Glibc
import Synchronization
import Testing

/// Counts, and lets one wait for a count.
final class Tally: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func add() { state.withLock { $0 += 1 } }

    /// Waits for a count, and records an issue when half a minute does not bring it: a test that is
    /// wrong must fail, not hang.
    func reaches(_ goal: Int) async {
        let deadline = ContinuousClock.now + .seconds(30)
        while count < goal {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(count) of \(goal)")
                return
            }
            try? await Task.sleep(for: .milliseconds(1))  // cancelled, it asks the faster
        }
    }
}

/// Closed until it is opened; whoever is cancelled in front of it goes away.
final class Door: Sendable {
    private struct State {
        var isOpen = false
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    }
    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for waiter in waiting { waiter.resume() }
    }

    func pass() async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let now = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isOpen { return .success(()) }
                    state.waiting[number] = waiter
                    return nil
                }
                if let now { waiter.resume(with: now) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?
                .resume(throwing: CancellationError())
        }
    }
}

/// Asks again until `condition` holds, for at most ten seconds.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return try await condition()
}

/// Runs what depends on libnng's noticing that a connection has ended, where `isLibrary`. Its reaper may
/// have stopped for good in this process (docs/DECISIONS.md), which is then no fault of ours.
func reaping(
    by isLibrary: Bool, _ body: @Sendable () async throws -> Void
) async throws {
    guard isLibrary else { return try await body() }
    await withKnownIssue("libnng's reaper may have stopped", isIntermittent: true) {
        try await body()
    }
}

/// Listens once more where it could not at once. A process that another test is about to start holds all
/// our descriptors for a moment, a listener's that has been closed among them.
func again<R>(_ listen: () throws -> R) throws -> R {
    for _ in 0..<200 {
        if let listening = try? listen() { return listening }
        usleep(5_000)
    }
    return try listen()
}
