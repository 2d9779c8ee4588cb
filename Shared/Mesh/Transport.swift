public import EventLoop
public import MeshContract
import SP
import Synchronization

/// The way of a request's bytes to a service and of its answer back.
public protocol Transport: Sendable {
    /// Sends and waits; throws what became of the way itself, never the callee's fault.
    nonisolated(nonsending) func roundTrip(
        to service: String, _ request: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8]
}

/// Where services listen: sockets in one private folder, unless configuration says otherwise.
public struct MeshDirectory: Sendable {
    private let folder: String
    private let overrides: [String: String]

    /// `overrides` maps a service's name to the URL it answers at.
    public init(folder: String, overrides: [String: String] = [:]) {
        (self.folder, self.overrides) = (folder, overrides)
    }

    /// The URL at which a service answers.
    public func calls(to service: String) -> String {
        overrides[service] ?? "ipc://\(folder)/\(service).sock"
    }

    /// The URL at which a service publishes.
    public func events(of service: String) -> String {
        overrides["\(service).events"] ?? "ipc://\(folder)/\(service).pub"
    }
}

/// Req/rep in nng's wire format on our event loop: one connection for each service called.
public final class SPTransport: Transport {
    private let directory: MeshDirectory
    private let loop: EventLoop
    /// nil once closed.
    private let peers = Mutex<[String: SPPeer]?>([:])

    /// Connects at the first call of each service.
    public init(_ directory: MeshDirectory, on loop: EventLoop) {
        (self.directory, self.loop) = (directory, loop)
    }

    deinit { close() }

    /// Fails the calls under way and dials no more.
    public func close() {
        let all = peers.withLock { peers in
            defer { peers = nil }
            return peers
        }
        for peer in (all ?? [:]).values { peer.close() }
    }

    public nonisolated(nonsending) func roundTrip(
        to service: String, _ request: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8] {
        let peer = try peer(for: service)
        do {
            return try await peer.call(request, within: time)
        } catch let error as SPError {
            switch error {
            case .deadline: throw Fault(.timedOut, "\(service) did not answer within \(time)")
            case .full: throw Fault(.overloaded, "too much waits to be sent to \(service)")
            case .lost: throw Fault(.unavailable, "\(service) went away during the call")
            case .closed: throw closed(service)
            case .tooLarge(let limit):
                throw Fault(
                    .invalid,
                    "a request of \(request.count) bytes to \(service); \(limit) are the most")
            }
        } catch {
            throw Fault(.timedOut, "the call to \(service) was cancelled")
        }
    }

    private func closed(_ service: String) -> Fault {
        Fault(.unavailable, "the way to \(service) is closed")
    }

    private func peer(for service: String) throws(Fault) -> SPPeer {
        if let peer = peers.withLock({ $0?[service] }) { return peer }
        let url = directory.calls(to: service)
        guard let address = SPAddress(url) else {
            throw Fault(
                .invalid, "\(url) is no address",
                detail: "a socket's path may have 107 bytes; use a shorter data folder")
        }
        let peer = peers.withLock { peers -> SPPeer? in
            guard peers != nil else { return nil }
            if let peer = peers?[service] { return peer }
            let peer = SPPeer(address, on: loop)
            peers?[service] = peer
            return peer
        }
        guard let peer else { throw closed(service) }
        return peer
    }
}
