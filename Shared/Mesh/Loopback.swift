import MeshContract
import Synchronization

/// Calls that never leave the process: for tests, with the same bytes, deadlines and faults.
public final class Loopback: Transport {
    private let servers = LoopbackServers()
    private let services = Mutex<[String: Replicas]>([:])

    public init() {}

    /// Lets `server` be called; one of the same name is replaced.
    public func add(_ server: MeshServer) {
        servers.all.withLock { $0[server.service] = server }
    }

    /// The service is gone until it is added again.
    public func remove(_ service: String) {
        servers.all.withLock { $0[service] = nil }
    }

    public func replicas(of service: String) -> Replicas {
        services.withLock { services in
            if let replicas = services[service] { return replicas }
            let replicas = Replicas(service, LoopbackChannel(service, servers))
            services[service] = replicas
            return replicas
        }
    }

    public var known: [Replicas] {
        services.withLock { $0.values.sorted { $0.service < $1.service } }
    }
}

private final class LoopbackServers: Sendable {
    let all = Mutex<[String: MeshServer]>([:])
}

private final class LoopbackChannel: Channel {
    private let service: String
    private let servers: LoopbackServers

    init(_ service: String, _ servers: LoopbackServers) {
        (self.service, self.servers) = (service, servers)
    }

    var isUp: Bool { servers.all.withLock { $0[service] != nil } }

    func close() {}

    nonisolated(nonsending) func roundTrip(
        _ request: [UInt8], within time: Duration
    ) async throws(ChannelError) -> [UInt8] {
        guard let server = servers.all.withLock({ $0[service] }) else { throw .absent }
        let end = ContinuousClock.now + min(max(time, .zero), .seconds(86_400))
        let trip = Trip()
        // The caller returns at its deadline even when the handler heeds no cancellation, so the
        // two tasks are told to end instead of awaited.
        let handler = Task { trip.finish(.success(await server.answer(request))) }
        let timer = Task {
            try await Task.sleep(until: end)
            trip.finish(.failure(.deadline))
        }
        defer {
            handler.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            await trip.result
        } onCancel: {
            trip.finish(.failure(.cancelled))
        }.get()
    }
}

/// The first of two ends, for the one who waits.
private final class Trip: Sendable {
    typealias End = Result<[UInt8], ChannelError>

    private struct State {
        var result: End?
        var waiter: CheckedContinuation<End, Never>?
    }

    private let state = Mutex(State())

    func finish(_ result: End) {
        let waiter = state.withLock { state -> CheckedContinuation<End, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    var result: End {
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
