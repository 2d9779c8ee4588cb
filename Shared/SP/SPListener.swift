public import EventLoop
import Glibc
import Synchronization

/// Answers calls: REP on the wire. Calls of one peer run at once, and each reply leaves when it is
/// ready.
///
/// Unchecked: `links` and `retryAt` are touched by the loop's thread only.
public final class SPListener: Pollable, @unchecked Sendable {
    public typealias Handler = @Sendable ([UInt8]) async -> [UInt8]

    public struct Limits: Sendable {
        /// The largest request in bytes.
        public var message = 16 << 20
        /// The most bytes of replies that may wait for one peer before it is read no further.
        public var room = 64 << 20
        /// The most calls of one peer in hand before it is read no further.
        public var calls = 4_096
        public var peers = 4_096

        public init() {}
    }

    let loop: EventLoop
    let address: SPAddress
    let handler: Handler
    let limits: Limits
    private let descriptor: Int32
    private var links: [Int32: SPLink] = [:]
    private var retryAt = UInt64.max

    /// Binds and listens; a socket file left by a dead process is replaced. Throws `errno` as
    /// `SPBindError`.
    public init(
        _ address: SPAddress, on loop: EventLoop, limits: Limits = Limits(),
        _ handler: @escaping Handler
    ) throws(SPBindError) {
        (self.address, self.loop) = (address, loop)
        (self.limits, self.handler) = (limits, handler)
        descriptor = address.makeSocket()
        guard descriptor >= 0 else { throw SPBindError(url: address.url, number: errno) }
        var on: Int32 = 1
        if let path = address.path {
            unlink(path)
        } else {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        }
        let old = umask(0o177)  // from its first moment nobody else may open the socket
        let bound = address.withRaw { bind(descriptor, $0, $1) } == 0
        umask(old)
        guard bound, listen(descriptor, 512) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw SPBindError(url: address.url, number: number)
        }
        loop.perform {
            loop.add(self.descriptor, self)
            loop.addTimed(self)
        }
    }

    /// Takes no further connection or request; calls in hand are still answered.
    public func stopReading() {
        loop.perform {
            self.loop.watch(self.descriptor, for: [])
            for link in self.links.values { link.stopReading() }
        }
    }

    /// Ends every connection; the tasks of calls in hand are cancelled.
    public func close() {
        loop.perform {
            self.loop.removeTimed(self)
            self.loop.remove(self.descriptor)
            for link in self.links.values { link.drop() }
        }
    }

    func forget(_ descriptor: Int32) { links[descriptor] = nil }

    public func ready(_ readiness: Readiness) {
        while true {
            let accepted = acceptConnection(descriptor)
            if accepted < 0 {
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM { rest() }
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            guard links.count < limits.peers, isOurs(accepted) else {
                Glibc.close(accepted)
                continue
            }
            address.tune(accepted)
            let link = SPLink(accepted, self)
            links[accepted] = link
            loop.add(accepted, link)
            loop.changed(link)
        }
    }

    public func expire(_ now: UInt64) -> UInt64 {
        guard now >= retryAt else { return retryAt }
        retryAt = .max
        loop.watch(descriptor, for: .read)
        return .max
    }

    /// Out of descriptors: waiting on the listener would spin, so it rests for a moment.
    private func rest() {
        loop.watch(descriptor, for: [])
        retryAt = monotonic() + 100_000_000
        loop.wake(by: retryAt)
    }

    /// On ipc the kernel vouches for the caller's user: ours, or root.
    private func isOurs(_ accepted: Int32) -> Bool {
        guard address.path != nil else { return true }
        guard let user = peerUser(accepted) else { return false }
        return user == geteuid() || user == 0
    }
}

/// A listener could not be set up.
public struct SPBindError: Error, CustomStringConvertible {
    public let url: String
    public let number: Int32
    public var description: String { "listen on \(url): \(String(cString: strerror(number)))" }
}
