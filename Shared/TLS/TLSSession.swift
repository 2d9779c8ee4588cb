import COpenSSL
import Glibc
import Synchronization

/// One private connection over a non-blocking descriptor. From any thread, one at a time.
///
/// Nothing waits here: what cannot be done yet says which readiness to wait for, and is then asked
/// again.
public final class TLSSession: Sendable {
    /// What became of one step.
    public enum Outcome: Sendable, Equatable {
        /// Done; of reading and writing, with so many bytes.
        case done(Int)
        case wantsRead
        case wantsWrite
        /// The other side has said farewell.
        case ended
        case failed(TLSError)
    }

    /// OpenSSL's session. Unchecked: used under the mutex only.
    private struct Handle: @unchecked Sendable {
        let raw: OpaquePointer
        /// After a failure OpenSSL must not be asked again (SSL_get_error(3)).
        var failure: TLSError?
    }

    private let handle: Mutex<Handle>

    init(
        _ context: OpaquePointer, _ role: TLSRole, _ descriptor: Int32, _ name: String?
    ) throws(TLSError) {
        ERR_clear_error()
        guard let raw = SSL_new(context) else { throw .taken() }
        handle = Mutex(Handle(raw: raw))
        guard let bio = SocketBIO.make(descriptor) else { throw .taken() }
        SSL_set_bio(raw, bio, bio)
        guard role == .client else {
            SSL_set_accept_state(raw)
            return
        }
        SSL_set_connect_state(raw)
        guard let name, !name.isEmpty else {
            throw .broken("whose certificate to expect has to be said")
        }
        try Self.expect(name, raw)
    }

    deinit { handle.withLock { SSL_free($0.raw) } }

    /// The certificate must have this name, or this address where it is one (RFC 6125).
    private static func expect(_ name: String, _ raw: OpaquePointer) throws(TLSError) {
        var space = in6_addr()
        let isAddress =
            inet_pton(AF_INET, name, &space) == 1 || inet_pton(AF_INET6, name, &space) == 1
        let isSet: Bool
        if isAddress {
            isSet = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), name) == 1
        } else {
            SSL_set_hostflags(raw, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            isSet = SSL_set1_host(raw, name) == 1 && shim_tell_name(raw, name) == 1
        }
        guard isSet else { throw .taken() }
    }

    /// Goes on with the handshake.
    public func handshake() -> Outcome { step { raw in (SSL_do_handshake(raw), 0) } }

    /// Reads what is there, at most until the buffer is full.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        step { raw in
            var count = 0
            return (SSL_read_ex(raw, buffer.baseAddress, buffer.count, &count), count)
        }
    }

    /// Writes a part of the bytes. What wants to wait has to come again with the same bytes in
    /// front, wherever they then are.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard bytes.count > 0 else { return .done(0) }
        return step { raw in
            var count = 0
            return (SSL_write_ex(raw, bytes.baseAddress, bytes.count, &count), count)
        }
    }

    /// Says farewell, as far as there is room for it. The descriptor stays open.
    public func shutdown() {
        handle.withLock { handle in
            guard handle.failure == nil, SSL_is_init_finished(handle.raw) == 1 else { return }
            ERR_clear_error()
            SSL_shutdown(handle.raw)
            ERR_clear_error()
        }
    }

    /// True when something was received that has not been read: no readiness will tell of it.
    public var hasPending: Bool { handle.withLock { SSL_has_pending($0.raw) == 1 } }

    /// What ended it, if something did.
    public var failure: TLSError? { handle.withLock { $0.failure } }

    /// The protocol spoken, such as `TLSv1.3`, once that is settled.
    public var version: String { handle.withLock { String(cString: SSL_get_version($0.raw)) } }

    private func step(_ body: (OpaquePointer) -> (code: Int32, count: Int)) -> Outcome {
        handle.withLock { handle in
            if let failure = handle.failure { return .failed(failure) }
            ERR_clear_error()
            let (code, count) = body(handle.raw)
            if code > 0 { return .done(count) }
            let failure: TLSError
            switch SSL_get_error(handle.raw, code) {
            case SSL_ERROR_WANT_READ: return .wantsRead
            case SSL_ERROR_WANT_WRITE: return .wantsWrite
            case SSL_ERROR_ZERO_RETURN: return .ended
            case SSL_ERROR_SSL: failure = .taken(verdict: SSL_get_verify_result(handle.raw))
            default: failure = .gone
            }
            ERR_clear_error()
            handle.failure = failure
            return .failed(failure)
        }
    }
}
