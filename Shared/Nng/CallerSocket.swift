import CNng
import Synchronization

/// One raw REQ socket and its one connection, for as long as that lasts: the next connection gets a
/// socket of its own, so that nothing of the old one waits in a queue for it.
///
/// As an operation it is the request for which libnng had no room.
///
/// Unchecked: libnng sockets may be used from any thread (nng(7)). `taking` is the loop's thread's,
/// `putting` belongs to the one thread that sends at a time.
final class CallerSocket: Operation, @unchecked Sendable {
    enum Put {
        case taken, failed
        /// The message is the caller's still.
        case noRoom(OpaquePointer)
    }

    /// Messages that libnng may hold in each direction.
    private static let depth: Int32 = 512

    /// Readable while a reply waits (nng_options(5), NNG_OPT_RECVFD). It is libnng's to close.
    let bell: Int32
    private let raw: nng_socket
    private let caller: NngCaller
    private let taking: Instant
    private let putting: Instant
    /// libnng's number of the connection; 0 while there is none.
    private let connection = Atomic<UInt32>(0)

    init(_ caller: NngCaller) throws(NngError) {
        var socket = nng_socket()
        try NngError.check(nng_req0_open_raw(&socket), "open a socket")
        (raw, self.caller) = (socket, caller)
        do {
            bell = try Self.configure(socket, caller.limit)
            taking = try Instant()
            putting = try Instant()
            try super.init()
            _ = Unmanaged.passRetained(self)  // until the socket is closed
        } catch {
            nng_close(socket)
            throw error
        }
    }

    private static func configure(_ socket: nng_socket, _ limit: Int) throws(NngError) -> Int32 {
        try NngError.check(
            nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, limit), "limit its messages")
        for option in [NNG_OPT_SENDBUF, NNG_OPT_RECVBUF] {
            try NngError.check(nng_socket_set_int(socket, option, depth), "size its queues")
        }
        try NngError.check(nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, 100), "set pauses")
        try NngError.check(nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, 5_000), "set pauses")
        var bell: Int32 = -1
        try NngError.check(nng_socket_get_int(socket, NNG_OPT_RECVFD, &bell), "hear of replies")
        return bell
    }

    /// Dials, and goes on until there is a connection.
    func dial() throws(NngError) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        for event in [NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_REM_POST] {
            nng_pipe_notify(raw, event, connectionChanged, me)
        }
        var dialer = nng_dialer()
        try NngError.check(nng_dialer_create(&dialer, raw, caller.url), "dial \(caller.url)")
        if caller.url.hasPrefix("tcp://") {
            try NngError.check(
                nng_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true), "keep it alive")
        }
        try NngError.check(
            nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK)), "dial \(caller.url)")
    }

    /// Closes it, aside. To be called once.
    func close() {
        closeAside { [self] in
            awaitCalm { [self] in Set([connection.load(ordering: .relaxed)]) }
            nng_close(raw)
            Unmanaged.passUnretained(self).release()  // nothing more is told
        }
    }

    fileprivate func changed(_ pipe: nng_pipe, _ event: nng_pipe_ev) {
        let isUp = event == NNG_PIPE_EV_ADD_POST
        connection.store(isUp ? UInt32(bitPattern: nng_pipe_id(pipe)) : 0, ordering: .relaxed)
        caller.connectionChanged(self, isUp: isUp)
    }

    /// The next reply, where one waits. A number of nobody's for what is no reply of ours.
    func take() -> (number: UInt32, body: [UInt8])? {
        guard let message = taking.take(from: raw) else { return nil }
        defer { nng_msg_free(message) }
        guard let number = Message.replyNumber(message) else { return (0, []) }
        return (number, Message.bytes(message))
    }

    /// Gives a request to libnng, where that has room now.
    func put(_ number: UInt32, _ body: [UInt8]) -> Put {
        guard let message = Message.request(body, number: number) else { return .failed }
        switch putting.put(message, on: raw) {
        case 0: return .taken
        case Int32(NNG_ETIMEDOUT.rawValue): return .noRoom(message)
        default:
            nng_msg_free(message)
            return .failed
        }
    }

    /// Gives it when there is room, and says so then. Or frees it.
    func putLater(_ message: OpaquePointer, unless isVain: Bool) {
        guard !isVain else { return nng_msg_free(message) }
        let operation = begin()
        nng_aio_set_msg(operation, message)
        nng_send_aio(raw, operation)
    }

    override func ended() {
        if nng_aio_result(handle) != 0 { nng_msg_free(nng_aio_get_msg(handle)) }
        caller.hasRoom(self)
    }
}

/// File-level, so that it is not inferred to belong to an actor; runs on libnng's threads.
private func connectionChanged(
    _ pipe: nng_pipe, _ event: nng_pipe_ev, _ raw: UnsafeMutableRawPointer?
) {
    guard let raw else { return }
    Unmanaged<CallerSocket>.fromOpaque(raw).takeUnretainedValue().changed(pipe, event)
}
