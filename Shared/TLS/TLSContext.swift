import COpenSSL
import Glibc
import Synchronization

/// Makes private connections out of plain ones. Its files may change while it is in use: what is
/// connected stays, and who connects from then on sees the new certificates.
public final class TLSContext: Sendable {
    private struct State {
        var made: Made
        var marks: [FileMark?]
        var lookAt: UInt64
    }

    /// How often the files are looked at, when somebody connects.
    private static let period: UInt64 = 1_000_000_000

    public let role: TLSRole
    private let options: TLSOptions
    private let report: @Sendable (TLSError) -> Void
    private let state: Mutex<State>

    /// Reads the files. `report` hears once of changed files that cannot be used; those before them
    /// stay in use.
    public init(
        _ role: TLSRole, _ options: TLSOptions,
        report: @escaping @Sendable (TLSError) -> Void = { _ in }
    ) throws(TLSError) {
        (self.role, self.options, self.report) = (role, options, report)
        let marks = options.files.map(FileMark.init)
        let made = try Made(role, options)
        state = Mutex(State(made: made, marks: marks, lookAt: now() + Self.period))
    }

    /// A session over a connected, non-blocking descriptor, which stays its owner's. `name` is the
    /// host name or address that a server's certificate must have; a client has to give one.
    public func session(
        over descriptor: Int32, expecting name: String? = nil
    ) throws(TLSError) -> TLSSession {
        refresh()
        let made = state.withLock { $0.made }
        return try TLSSession(made.context, role, descriptor, name)
    }

    /// Reads the files again, whether they have changed or not.
    public func reload() throws(TLSError) {
        let marks = options.files.map(FileMark.init)
        let made = try Made(role, options)
        state.withLock { ($0.made, $0.marks) = (made, marks) }
    }

    private func refresh() {
        let isDue = state.withLock { state in
            let now = now()
            guard now >= state.lookAt else { return false }
            state.lookAt = now + Self.period
            let marks = options.files.map(FileMark.init)
            // Noted first: a file that changes while it is read is read again.
            defer { state.marks = marks }
            return state.marks != marks
        }
        guard isDue else { return }
        do {
            try reload()
        } catch {
            report(error)
        }
    }
}

/// What tells one state of a file from another.
private struct FileMark: Equatable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode, size) = (UInt(status.st_dev), UInt(status.st_ino), Int(status.st_size))
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}

/// OpenSSL's context for one state of the files.
///
/// Unchecked: set up before anybody else sees it; sessions are then made of it from any thread, and
/// it is counted (SSL_CTX_new(3), openssl-threads(7)).
private final class Made: @unchecked Sendable {
    let context: OpaquePointer

    init(_ role: TLSRole, _ options: TLSOptions) throws(TLSError) {
        ERR_clear_error()
        let method = role == .client ? TLS_client_method() : TLS_server_method()
        guard let context = SSL_CTX_new(method) else { throw .taken() }
        self.context = context
        shim_prepare(context)
        shim_ask_nobody(context)
        let minimum = options.minimum == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard shim_minimum(context, minimum) == 1,
            // For TLS 1.2; that of 1.3 has nothing else (RFC 7525, 4.2).
            SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
        else { throw .taken() }
        try present(options)
        try believe(role, options)
    }

    deinit { SSL_CTX_free(context) }

    private func present(_ options: TLSOptions) throws(TLSError) {
        guard let certificate = options.certificate else { return }
        let key = options.key ?? certificate
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .unreadable(certificate, "certificate")
        }
        var status = stat()
        guard stat(key, &status) == 0 else { throw .unreadable(key, "key") }
        guard status.st_mode & 0o007 == 0 else {
            throw .file("\(key) may be read by everybody; chmod 600 it")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            if ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH {
                ERR_clear_error()
                throw .file("\(key) is not the key of \(certificate)")
            }
            throw .unreadable(key, "key without a password")
        }
    }

    private func believe(_ role: TLSRole, _ options: TLSOptions) throws(TLSError) {
        if let authorities = options.authorities {
            guard SSL_CTX_load_verify_file(context, authorities) == 1 else {
                throw .unreadable(authorities, "certificate of an authority")
            }
        } else if role == .client || options.requiresPeer {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw .taken() }
        }
        let asks = role == .client || options.requiresPeer
        SSL_CTX_set_verify(
            context, asks ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE,
            nil)
    }
}

extension TLSError {
    static func unreadable(_ path: String, _ what: String) -> TLSError {
        defer { ERR_clear_error() }
        guard access(path, R_OK) == 0 else {
            return .file("\(path): \(String(cString: strerror(errno)))")
        }
        return .file("\(path) holds no \(what) in PEM: \(words(ERR_peek_last_error()))")
    }
}

private func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
