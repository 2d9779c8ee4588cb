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
    /// `milliseconds`.
    public init(_ role: Role, at url: String, milliseconds: Int32 = 5_000) throws(NngError) {
        var socket = nng_socket()
        let code = role == .asks ? nng_req0_open(&socket) : nng_rep0_open(&socket)
        try NngError.check(code, "open a socket")
        raw = socket
        do {
            try NngError.check(nng_socket_set_size(raw, NNG_OPT_RECVMAXSZ, 16 << 20), "limit it")
            for option in [NNG_OPT_RECVTIMEO, NNG_OPT_SENDTIMEO] {
                try NngError.check(nng_socket_set_ms(raw, option, milliseconds), "set a deadline")
            }
            switch role {
            case .asks: try NngError.check(nng_dial(raw, url, nil, 0), "dial \(url)")
            case .answers: try NngError.check(nng_listen(raw, url, nil, 0), "listen on \(url)")
            }
        } catch {
            nng_close(raw)
            throw error
        }
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
