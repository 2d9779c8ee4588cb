import COpenSSL
import Glibc

/// The way of OpenSSL's bytes to a descriptor. Its own would write without MSG_NOSIGNAL, and end a
/// process that does not ignore SIGPIPE.
enum SocketBIO {
    /// Unsafe for the compiler only: made once and then read (BIO_meth_new(3)).
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(kind, "socket without signals") else { return nil }
        BIO_meth_set_write(method, write)
        BIO_meth_set_read(method, read)
        BIO_meth_set_ctrl(method, control)
        return method
    }()

    /// Belongs to the session that it is given to.
    static func make(_ descriptor: Int32) -> OpaquePointer? {
        guard let method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
        BIO_set_init(bio, 1)
        return bio
    }

    fileprivate static func descriptor(_ bio: OpaquePointer?) -> Int32 {
        Int32(truncatingIfNeeded: Int(bitPattern: BIO_get_data(bio)) - 1)
    }

    /// Tells OpenSSL whether to come again.
    fileprivate static func verdict(
        _ bio: OpaquePointer?, _ count: Int, _ direction: Int32
    ) -> Int32 {
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        if count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN) {
            BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY)
        }
        return Int32(truncatingIfNeeded: count)
    }
}

private func write(_ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    let sent = send(SocketBIO.descriptor(bio), bytes, Int(count), Int32(MSG_NOSIGNAL))
    return SocketBIO.verdict(bio, sent, BIO_FLAGS_WRITE)
}

private func read(
    _ bio: OpaquePointer?, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int32
) -> Int32 {
    let got = recv(SocketBIO.descriptor(bio), bytes, Int(count), 0)
    return SocketBIO.verdict(bio, got, BIO_FLAGS_READ)
}

private func control(
    _: OpaquePointer?, _ command: Int32, _: Int, _: UnsafeMutableRawPointer?
) -> Int {
    command == BIO_CTRL_FLUSH ? 1 : 0
}
