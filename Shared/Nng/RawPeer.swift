import CNng

/// libnng's own request and reply sockets, for the tests that hold our wire format against them.
/// Its calls block: use them from a thread of their own.
///
/// Unchecked: libnng sockets may be used from any thread (nng(7)).
public final class RawPeer: @unchecked Sendable {
    /// Which side of a conversation it takes.
    public enum Role: Sendable { case asks, answers }

    private let raw: nng_socket

    /// Connects to `url` when it asks, listens there when it answers. Each wait ends after
    /// `milliseconds`. A `tls+tcp` address needs `security`.
    public init(
        _ role: Role, at url: String, milliseconds: Int32 = 5_000,
        security: RawPeerSecurity? = nil
    ) throws(NngError) {
        var socket = nng_socket()
        let code = role == .asks ? nng_req0_open(&socket) : nng_rep0_open(&socket)
        try NngError.check(code, "open a socket")
        raw = socket
        do {
            try NngError.check(nng_socket_set_size(raw, NNG_OPT_RECVMAXSZ, 16 << 20), "limit it")
            for option in [NNG_OPT_RECVTIMEO, NNG_OPT_SENDTIMEO] {
                try NngError.check(nng_socket_set_ms(raw, option, milliseconds), "set a deadline")
            }
            let config = try security?.config(asServer: role == .answers)
            defer { if let config { nng_tls_config_free(config) } }
            switch role {
            case .asks: try Self.dial(raw, url, config)
            case .answers: try Self.listen(raw, url, config)
            }
        } catch {
            nng_close(raw)
            throw error
        }
    }

    private static func dial(
        _ raw: nng_socket, _ url: String, _ config: OpaquePointer?
    ) throws(NngError) {
        var dialer = nng_dialer()
        try NngError.check(nng_dialer_create(&dialer, raw, url), "make a dialer for \(url)")
        if let config {
            let code = nng_dialer_set_ptr(
                dialer, NNG_OPT_TLS_CONFIG, UnsafeMutableRawPointer(config))
            try NngError.check(code, "secure \(url)")
        }
        try NngError.check(nng_dialer_start(dialer, 0), "dial \(url)")
    }

    private static func listen(
        _ raw: nng_socket, _ url: String, _ config: OpaquePointer?
    ) throws(NngError) {
        var listener = nng_listener()
        try NngError.check(nng_listener_create(&listener, raw, url), "make a listener at \(url)")
        if let config {
            let code = nng_listener_set_ptr(
                listener, NNG_OPT_TLS_CONFIG, UnsafeMutableRawPointer(config))
            try NngError.check(code, "secure \(url)")
        }
        try NngError.check(nng_listener_start(listener, 0), "listen on \(url)")
    }

    deinit { closeAside { [raw] in nng_close(raw) } }

    /// Sends a request and waits for its reply.
    public func ask(_ body: [UInt8]) throws(NngError) -> [UInt8] {
        try send(body)
        return try receive()
    }

    /// Waits for a request and sends what `reply` makes of it.
    public func answer(_ reply: ([UInt8]) -> [UInt8]) throws(NngError) {
        try send(reply(try receive()))
    }

    private func send(_ body: [UInt8]) throws(NngError) {
        let code = body.withUnsafeBytes { bytes in
            nng_send(raw, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, 0)
        }
        try NngError.check(code, "send")
    }

    private func receive() throws(NngError) -> [UInt8] {
        var message: OpaquePointer?
        try NngError.check(nng_recvmsg(raw, &message, 0), "receive")
        guard let message else {
            throw NngError(code: Int32(NNG_EINTERNAL.rawValue), doing: "receive")
        }
        defer { nng_msg_free(message) }
        return Array(
            UnsafeRawBufferPointer(start: nng_msg_body(message), count: nng_msg_len(message)))
    }
}
