import EventLoop
import Glibc
import TLS

/// The bytes of one connection, as they are or under TLS, in the manner of the system's calls: 0
/// when the peer is gone, -1 with `errno`, which is EAGAIN when readiness has to be waited for.
struct SPStream: Sendable {
    /// TLS wraps so much at once (RFC 8446, 5.1).
    private static let record = 1 << 14

    let descriptor: Int32
    let session: TLSSession?

    func receive(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let session else { return recv(descriptor, target.baseAddress, target.count, 0) }
        switch session.read(into: target) {
        case .done(let count): return count
        case .wantsRead, .wantsWrite:
            errno = EAGAIN
            return -1
        case .ended, .failed: return 0
        }
    }

    /// Into the first, and what there is more into the one behind it.
    func receive(
        _ first: UnsafeMutableRawBufferPointer, _ behind: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard session == nil else { return receive(first) }
        let both = (
            iovec(iov_base: first.baseAddress, iov_len: first.count),
            iovec(iov_base: behind.baseAddress, iov_len: behind.count)
        )
        return withUnsafePointer(to: both) { both in
            both.withMemoryRebound(to: iovec.self, capacity: 2) { readv(descriptor, $0, 2) }
        }
    }

    /// True when something has been received that no readiness will tell of.
    var hasPending: Bool { session?.hasPending ?? false }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let session else {
            return Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        switch session.write(bytes) {
        case .done(let count): return count
        case .wantsWrite:
            errno = EAGAIN
            return -1
        // Without renegotiation, writing never waits for the other side.
        case .wantsRead, .ended, .failed:
            errno = EPIPE
            return -1
        }
    }

    /// All of these, one behind the other, as far as there is room.
    func send(_ list: UnsafeMutableBufferPointer<iovec>) -> Int {
        guard session == nil else { return sendRecord(list) }
        var message = msghdr()
        message.msg_iov = list.baseAddress
        message.msg_iovlen = list.count
        return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
    }

    /// A head of a few bytes would be a record of its own, and a packet.
    private func sendRecord(_ list: UnsafeMutableBufferPointer<iovec>) -> Int {
        if let first = list.first, first.iov_len >= Self.record {
            return send(UnsafeRawBufferPointer(start: first.iov_base, count: first.iov_len))
        }
        return withUnsafeTemporaryAllocation(byteCount: Self.record, alignment: 16) { gathered in
            var count = 0
            for piece in list where count < gathered.count {
                let part = UnsafeRawBufferPointer(
                    start: piece.iov_base, count: min(piece.iov_len, gathered.count - count))
                gathered[count...].copyBytes(from: part)
                count += part.count
            }
            return send(UnsafeRawBufferPointer(rebasing: gathered[..<count]))
        }
    }

    /// What stands in the way of a private connection, if it ended so.
    var trouble: TLSError? { session?.failure }
}

/// How far a connection's handshake is.
enum Shaking {
    case done
    case waits(Readiness)
    case failed(TLSError)

    /// Goes on with it.
    init(_ session: TLSSession) {
        self =
            switch session.handshake() {
            case .done: .done
            case .wantsRead: .waits(.read)
            case .wantsWrite: .waits([.read, .write])
            case .ended: .failed(.gone)
            case .failed(let why): .failed(why)
            }
    }
}
