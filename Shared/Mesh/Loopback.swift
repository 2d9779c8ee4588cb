public import MeshContract
import Synchronization

/// Calls that never leave the process: for tests, with the same bytes, deadlines and faults.
public final class Loopback: Transport {
    private let servers = Mutex<[String: MeshServer]>([:])

    public init() {}

    /// Lets `server` be called; one of the same name is replaced.
    public func add(_ server: MeshServer) {
        servers.withLock { $0[server.service] = server }
    }

    /// The service is gone until it is added again.
    public func remove(_ service: String) {
        servers.withLock { $0[service] = nil }
    }

    public nonisolated(nonsending) func roundTrip(
        to service: String, _ request: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8] {
        guard let server = servers.withLock({ $0[service] }) else {
            throw Fault(.unavailable, "no service \(service)")
        }
        let end = ContinuousClock.now + min(max(time, .zero), .seconds(86_400))
        let trip = Trip()
        // The caller returns at its deadline even when the handler heeds no cancellation, so the
        // two tasks are told to end instead of awaited.
        let handler = Task { trip.finish(.success(await server.answer(request))) }
        let timer = Task {
            try await Task.sleep(until: end)
            trip.finish(
                .failure(Fault(.timedOut, "\(service) did not answer within \(time)")))
        }
        defer {
            handler.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            await trip.result
        } onCancel: {
            trip.finish(.failure(Fault(.timedOut, "the call to \(service) was cancelled")))
        }.get()
    }
}

/// The first of two ends, for the one who waits.
private final class Trip: Sendable {
    private struct State {
        var result: Result<[UInt8], Fault>?
        var waiter: CheckedContinuation<Result<[UInt8], Fault>, Never>?
    }

    private let state = Mutex(State())

    func finish(_ result: Result<[UInt8], Fault>) {
        let waiter = state.withLock {
            state -> CheckedContinuation<Result<[UInt8], Fault>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    var result: Result<[UInt8], Fault> {
        get async {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state in
                    state.waiter = waiter
                    return state.result
                }
                if let known { waiter.resume(returning: known) }
            }
        }
    }
}
