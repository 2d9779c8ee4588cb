import CNng

/// The publishing end of pub/sub. A message reaches whoever is connected and keeps up: it is a
/// hint, never the only record of anything.
///
/// Unchecked: libnng sockets may be used from any thread (nng(7)).
public final class PubSocket: @unchecked Sendable {
    private let raw: nng_socket
    private let listener: nng_listener

    /// Listens at once.
    public init(listening url: String) throws(NngError) {
        var socket = nng_socket()
        try NngError.check(nng_pub0_open(&socket), "open a pub socket")
        raw = socket
        do {
            try NngError.check(nng_socket_set_int(raw, NNG_OPT_SENDBUF, 8_192), "size its buffer")
            var made = nng_listener()
            try NngError.check(nng_listener_create(&made, raw, url), "listen on \(url)")
            if url.hasPrefix("ipc://") {
                // Set before the socket file exists, so that nobody else can open it meanwhile.
                try NngError.check(
                    nng_listener_set_int(made, NNG_OPT_IPC_PERMISSIONS, 0o600),
                    "close \(url) to others")
            }
            try NngError.check(nng_listener_start(made, 0), "listen on \(url)")
            listener = made
        } catch {
            nng_close(raw)
            throw error
        }
    }

    deinit {
        // Here and now, for it removes the socket's file: later, it may be another's.
        nng_listener_close(listener)
        closeAside { [raw] in nng_close(raw) }
    }

    /// Sends without waiting: a pub socket drops what a slow subscriber has no room for.
    public func publish(_ message: [UInt8]) throws(NngError) {
        let code = message.withUnsafeBytes { bytes in
            nng_send(
                raw, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count,
                Int32(NNG_FLAG_NONBLOCK))
        }
        try NngError.check(code, "publish")
    }
}
