public import EventLoop
public import MeshContract
import SP
import Synchronization

/// Calls over sockets: one channel for each service called.
public final class SocketTransport: Transport {
    private let directory: MeshDirectory
    private let loop: EventLoop
    /// nil once closed.
    private let channels = Mutex<[String: any Channel]?>([:])

    /// Connects at the first call of each service.
    public init(_ directory: MeshDirectory, on loop: EventLoop) {
        (self.directory, self.loop) = (directory, loop)
    }

    deinit { close() }

    /// Fails the calls under way and dials no more.
    public func close() {
        let all = channels.withLock { channels in
            defer { channels = nil }
            return channels
        }
        for channel in (all ?? [:]).values { channel.close() }
    }

    public nonisolated(nonsending) func roundTrip(
        to service: String, _ request: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8] {
        let channel = try channel(to: service)
        do throws(ChannelError) {
            return try await channel.roundTrip(request, within: time)
        } catch {
            throw error.fault(service, request.count, within: time)
        }
    }

    private func channel(to service: String) throws(Fault) -> any Channel {
        if let channel = channels.withLock({ $0?[service] }) { return channel }
        let url = directory.calls(to: service)
        guard let address = SPAddress(url) else {
            throw Fault(
                .invalid, "\(url) is no address",
                detail: "a socket's path may have 107 bytes; use a shorter data folder")
        }
        let channel = channels.withLock { channels -> (any Channel)? in
            guard channels != nil else { return nil }
            if let channel = channels?[service] { return channel }
            let channel = SPPeer(address, on: loop)
            channels?[service] = channel
            return channel
        }
        guard let channel else { throw ChannelError.closed.fault(service, 0, within: .zero) }
        return channel
    }
}
