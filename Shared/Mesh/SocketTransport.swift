public import EventLoop
public import MeshContract
import SP
import Synchronization

/// Calls over sockets: one channel for each replica of a service.
public final class SocketTransport: Transport {
    private let directory: MeshDirectory
    private let loop: EventLoop
    private let rules: Circuit.Rules
    private let lookUp: Replicas.LookUp
    /// nil once closed.
    private let services = Mutex<[String: Replicas]?>([:])

    /// Connects at the first call of each service.
    public convenience init(_ directory: MeshDirectory, on loop: EventLoop) {
        self.init(directory, on: loop, rules: Circuit.Rules())
    }

    init(
        _ directory: MeshDirectory, on loop: EventLoop, rules: Circuit.Rules,
        lookUp: @escaping Replicas.LookUp = { $0.lookUp() }
    ) {
        (self.directory, self.loop) = (directory, loop)
        (self.rules, self.lookUp) = (rules, lookUp)
    }

    deinit { close() }

    /// Fails the calls under way and dials no more.
    public func close() {
        let all = services.withLock { services in
            defer { services = nil }
            return services
        }
        for replicas in (all ?? [:]).values { replicas.close() }
    }

    public var known: [Replicas] {
        services.withLock { ($0 ?? [:]).values.sorted { $0.service < $1.service } }
    }

    public func replicas(of service: String) throws(Fault) -> Replicas {
        if let replicas = services.withLock({ $0?[service] }) { return replicas }
        let addresses = try directory.addresses(of: service)
        let identity = directory.identity
        // What is missing is said now, not at each connection.
        for address in addresses { _ = try address.needs(identity) }
        let replicas = services.withLock { services -> Replicas? in
            guard services != nil else { return nil }
            if let replicas = services?[service] { return replicas }
            let replicas = Replicas(service, at: addresses, on: loop, rules: rules, lookUp: lookUp)
            {
                [loop, carrier = directory.carrier] address, changed in
                carrier.channel(
                    to: address, on: loop, trust: address.trust(identity, of: service), changed)
            }
            services?[service] = replicas
            return replicas
        }
        guard let replicas else { throw ChannelError.closed.fault(service, 0, within: .zero) }
        return replicas
    }
}
