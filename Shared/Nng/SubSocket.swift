import CNng

/// The subscribing end of pub/sub. It may be made before its publisher: it keeps dialling.
///
/// Unchecked: libnng sockets may be used from any thread; `aio` is used by its callback only, which
/// libnng never runs twice at once, and freed after the socket is closed and the callback stopped.
public final class SubSocket: @unchecked Sendable {
    /// The largest message that is accepted.
    private static let largest = 1 << 20

    /// What arrives, newest kept when the reader falls behind.
    public let messages: AsyncStream<[UInt8]>
    private let raw: nng_socket
    private let aio: OpaquePointer
    private let receiver: Unmanaged<Receiver>

    /// Connects to `url` and asks for messages that begin with one of `topics`.
    public init(dialing url: String, topics: [[UInt8]]) throws(NngError) {
        var socket = nng_socket()
        try NngError.check(nng_sub0_open(&socket), "open a sub socket")
        let (stream, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingNewest(8_192))
        let receiver = Receiver(socket, continuation)
        let retained = Unmanaged.passRetained(receiver)
        var made: OpaquePointer?
        do {
            try NngError.check(
                nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, Self.largest), "limit messages")
            try NngError.check(nng_socket_set_int(socket, NNG_OPT_RECVBUF, 8_192), "size a buffer")
            try NngError.check(nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, 100), "set pauses")
            try NngError.check(nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, 1_000), "set pauses")
            for topic in topics {
                try NngError.check(
                    nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, topic, topic.count), "subscribe")
            }
            try NngError.check(
                nng_aio_alloc(&made, received, retained.toOpaque()), "make an operation")
            try NngError.check(
                nng_dial(socket, url, nil, Int32(NNG_FLAG_NONBLOCK)), "dial \(url)")
        } catch {
            nng_close(socket)
            if let made { nng_aio_free(made) }
            retained.release()
            throw error
        }
        (raw, messages, self.receiver) = (socket, stream, retained)
        guard let made else { preconditionFailure("libnng made no operation and no error") }
        aio = made
        receiver.aio = made
        nng_recv_aio(raw, made)
    }

    deinit {
        receiver.takeUnretainedValue().continuation.finish()
        let handles = Handles(raw: raw, aio: aio, receiver: receiver)
        closeAside {
            nng_close(handles.raw)
            nng_aio_stop(handles.aio)  // waits for the callback, which then never runs again
            nng_aio_free(handles.aio)
            handles.receiver.release()
        }
    }

    /// Unchecked: handed over to the one thread that closes them.
    private struct Handles: @unchecked Sendable {
        let raw: nng_socket
        let aio: OpaquePointer
        let receiver: Unmanaged<Receiver>
    }
}

/// What the callback needs. Unchecked: set up before the first receive, then used by it alone.
private final class Receiver: @unchecked Sendable {
    let socket: nng_socket
    let continuation: AsyncStream<[UInt8]>.Continuation
    var aio: OpaquePointer?

    init(_ socket: nng_socket, _ continuation: AsyncStream<[UInt8]>.Continuation) {
        (self.socket, self.continuation) = (socket, continuation)
    }
}

/// File-level, so that it is not inferred to belong to an actor; runs on libnng's threads.
private func received(_ raw: UnsafeMutableRawPointer?) {
    guard let raw else { return }
    let receiver = Unmanaged<Receiver>.fromOpaque(raw).takeUnretainedValue()
    guard let aio = receiver.aio, nng_aio_result(aio) == 0 else {
        // Closed, or out of memory: whoever listens is to know that nothing more comes.
        return receiver.continuation.finish()
    }
    if let message = nng_aio_get_msg(aio) {
        let body = UnsafeRawBufferPointer(start: nng_msg_body(message), count: nng_msg_len(message))
        receiver.continuation.yield([UInt8](body))
        nng_msg_free(message)
    }
    nng_recv_aio(receiver.socket, aio)
}
