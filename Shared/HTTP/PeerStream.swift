import Glibc
import TLS

/// The bytes of one connection, as they are or under TLS, in the manner of the system's calls: 0
/// when the peer is gone, -1 with `errno`. EINPROGRESS says that reading has to wait until something
/// can be written.
struct PeerStream: Sendable {
    let descriptor: Int32
    let session: TLSSession?

    var isSecure: Bool { session != nil }

    /// True when something has been received that no readiness will tell of.
    var hasPending: Bool { session?.hasPending ?? false }

    func receive(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let session else { return recv(descriptor, target.baseAddress, target.count, 0) }
        switch session.read(into: target) {
        case .done(let count): return count
        case .wantsRead: errno = EAGAIN
        case .wantsWrite: errno = EINPROGRESS
        case .ended, .failed: return 0
        }
        return -1
    }

    /// `more` tells that other bytes follow at once.
    func send(_ bytes: UnsafeRawBufferPointer, more: Bool) -> Int {
        guard let session else {
            let flags = Int32(MSG_NOSIGNAL | (more ? MSG_MORE : 0))
            return Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        }
        switch session.write(bytes) {
        case .done(let count): return count
        case .wantsWrite: errno = EAGAIN
        // Before the handshake is over nothing is answered, and afterwards writing waits for
        // nothing but room.
        case .wantsRead, .ended, .failed: errno = EPIPE
        }
        return -1
    }

    /// Says farewell; what the peer sends can still be read.
    func endSending() {
        session?.shutdown()
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
