import EventLoop
import Glibc

/// One connection to a server: connects, carries one transfer after the other, and is kept between
/// them.
///
/// Unchecked: touched by the loop's thread only.
final class PlainConnection: Pollable, @unchecked Sendable {
    private enum Phase { case connecting, carrying, held, kept, closed }

    /// A buffer that has grown beyond is given back after its request.
    private static let largestBuffer = 64 << 10

    /// When what it waits for has taken too long: the name, or one address.
    private(set) var waitsUntil = UInt64.max
    /// Set by the owner.
    var keptSince: UInt64 = 0
    private(set) var authority = ""
    private unowned let owner: PlainConnections
    private var phase = Phase.connecting
    private var descriptor: Int32 = -1
    private var isWatched = false
    private var connectBy = UInt64.max
    /// Those not given up, the one that is tried now at their head.
    private var addresses: ArraySlice<SocketAddress> = []
    private var target: PlainTarget?
    private var transfer: Transfer?
    private var reader = ResponseReader(to: "")
    private var output: [UInt8] = []
    private var sent = 0
    private var interest = Readiness.read
    /// Whether an earlier exchange has gone over it, and whether this one has been answered.
    private var isUsed = false
    private var isAnswered = false
    /// Read, and not yet taken by a slow reader.
    private var rest: [UInt8] = []

    init(_ owner: PlainConnections) { self.owner = owner }

    var isConnecting: Bool { phase == .connecting }

    /// True when nothing has come on a kept one: neither an end nor anything else.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0
            && (errno == EAGAIN || errno == EINTR)
    }

    // MARK: Connecting

    func open(_ transfer: Transfer, to target: PlainTarget) {
        (authority, self.target, self.transfer) = (target.authority, target, transfer)
        connectBy = monotonic() &+ max(transfer.request.connectTimeout.nanoseconds, 1_000_000)
        wait(until: connectBy)
        transfer.connection = self
        write(transfer.request, to: target)
        owner.names.find(target, for: self) { [self] found in
            switch found {
            case .success(let addresses):
                self.addresses = addresses[...]
                connect()
            case .failure(let error): fail(error)
            }
        }
    }

    /// The time for what it waits for is over.
    func giveUp() {
        guard phase == .connecting else { return }
        descriptor < 0 ? fail(.resolve) : connectNext()
    }

    /// Tries one address after the other. Each has its share of the time that is left, as one that
    /// lies behind a broken route never answers; the system refuses others quickly.
    private func connect() {
        let now = monotonic()
        guard let address = addresses.first, now < connectBy else {
            owner.names.forget(authority)
            return fail(.connect)
        }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { return connectNext() }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, 4)
        let result = address.connect(descriptor)
        guard result == 0 || result == EINPROGRESS else { return connectNext() }
        wait(until: now + (connectBy - now) / UInt64(addresses.count))
        watch(for: .write)
    }

    private func connectNext() {
        closeDescriptor()
        addresses = addresses.dropFirst()
        connect()
    }

    private func wait(until moment: UInt64) {
        waitsUntil = moment
        owner.look(by: moment)
    }

    private func finishConnecting() {
        var failure: Int32 = 0
        var size = socklen_t(4)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0 else { return connectNext() }
        phase = .carrying
        // Others need not go through the time of those before it.
        if addresses.startIndex > 0, let address = addresses.first {
            owner.names.prefer(address, of: authority)
        }
        addresses = []
        owner.connected(self)
        send()
    }

    // MARK: Carrying

    /// Takes the next transfer, on a connection that was kept.
    func carry(_ transfer: Transfer, to target: PlainTarget) {
        (self.target, self.transfer, phase) = (target, transfer, .carrying)
        transfer.connection = self
        write(transfer.request, to: target)
        send()
    }

    private func write(_ request: ClientRequest, to target: PlainTarget) {
        reader = ResponseReader(to: request.method)
        (sent, isAnswered) = (0, false)
        request.write(to: target, &output)
    }

    private func send() {
        while sent < output.count {
            let count = output.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
                transfer?.lastByte = monotonic()
            } else if errno == EAGAIN {
                return watch(for: [.read, .write])
            } else if errno != EINTR {
                // The server may have said why before it closed.
                return receive()
            }
        }
        watch(for: .read)
    }

    func ready(_ readiness: Readiness) {
        switch phase {
        case .connecting: finishConnecting()
        case .carrying:
            if readiness.contains(.write), sent < output.count { send() }
            let ends: Readiness = [.read, .hangup, .error]
            if phase == .carrying, !readiness.isDisjoint(with: ends) { receive() }
        case .kept:
            owner.lost(self)
            close()
        case .held, .closed: break
        }
    }

    private func receive() {
        while phase == .carrying {
            let count = recv(descriptor, owner.piece.baseAddress, owner.piece.count, 0)
            if count > 0 {
                isAnswered = true
                transfer?.lastByte = monotonic()
                take(UnsafeRawBufferPointer(rebasing: owner.piece[..<count]))
                if count < owner.piece.count { return }
            } else if count == 0 {
                return reader.endsByClose ? complete(isClean: false) : closed()
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return closed()
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let transfer else { return }
        let used: Int
        do throws(HTTPClientError) {
            used = try reader.read(bytes, into: transfer)
        } catch {
            return fail(error)
        }
        if let refusal = transfer.refusal { return fail(refusal) }
        if reader.isComplete { return complete(isClean: used == bytes.count) }
        if used < bytes.count {
            rest = Array(bytes[used...])
            phase = .held
            unwatch()
        }
    }

    /// The reader is there again.
    func resume() {
        guard phase == .held else { return }
        phase = .carrying
        let bytes = rest
        rest = []
        bytes.withUnsafeBytes { take($0) }
        if phase == .carrying { watch(for: sent < output.count ? [.read, .write] : .read) }
    }

    // MARK: The end of an exchange

    private func complete(isClean: Bool) {
        guard let transfer else { return }
        let isKept = isClean && reader.keepsConnection && sent == output.count
        letGo()
        if isKept, owner.keep(self) {
            (phase, isUsed) = (.kept, true)
            output.removeAll(keepingCapacity: output.capacity <= Self.largestBuffer)
            watch(for: .read)
        } else {
            close()
        }
        owner.ended(transfer, .success(()))
    }

    /// The server has closed the connection before its answer was whole, or the network has.
    private func closed() {
        guard isUsed, !isAnswered, let transfer, let target else { return fail(.truncated) }
        if sent > 0 { transfer.wasSent = true }
        letGo()
        close()
        owner.again(transfer, to: target)
    }

    private func fail(_ error: HTTPClientError) {
        guard let transfer else { return }
        letGo()
        close()
        owner.failed(self, transfer, error)
    }

    private func letGo() {
        transfer?.connection = nil
        transfer = nil
    }

    func close() {
        if phase == .connecting, descriptor < 0 { owner.names.leave(authority, self) }
        phase = .closed
        transfer = nil
        output = []
        closeDescriptor()
    }

    // MARK: The descriptor

    private func watch(for interest: Readiness) {
        if !isWatched {
            isWatched = owner.loop.add(descriptor, self, for: interest)
            self.interest = interest
            if !isWatched { fail(.other("no descriptor can be watched any more")) }
        } else if interest != self.interest {
            owner.loop.watch(descriptor, for: interest)
            self.interest = interest
        }
    }

    /// Not even its end is told then, which would be told over and over.
    private func unwatch() {
        guard isWatched else { return }
        isWatched = false
        owner.loop.remove(descriptor, closing: false)
    }

    private func closeDescriptor() {
        guard descriptor >= 0 else { return }
        unwatch()
        Glibc.close(descriptor)
        descriptor = -1
    }
}
