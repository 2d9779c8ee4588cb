import CNng

/// One operation of libnng (nng_aio(5)) that tells when it has ended.
///
/// It is kept alive while it is under way, so its owner may let go of it at any time, its own
/// callback included: an operation freed in its own callback would stop all of libnng's threads, and
/// is left to its reaper instead.
///
/// Unchecked: libnng never runs the callback twice at once, and subclasses say what guards the rest.
class Operation: @unchecked Sendable {
    private var made: OpaquePointer?

    init() throws(NngError) {
        try NngError.check(
            nng_aio_alloc(&made, operationEnded, Unmanaged.passUnretained(self).toOpaque()),
            "make an operation")
    }

    deinit { nng_aio_reap(made) }

    /// What became of it, on one of libnng's threads.
    func ended() {}

    /// Its handle, for a call of libnng that begins it and ends it some time later.
    final func begin() -> OpaquePointer {
        _ = Unmanaged.passRetained(self)  // until it has ended
        return handle
    }

    final var handle: OpaquePointer {
        guard let made else { preconditionFailure("libnng made no operation and no error") }
        return made
    }
}

/// File-level, so that it is not inferred to belong to an actor; runs on libnng's threads.
private func operationEnded(_ raw: UnsafeMutableRawPointer?) {
    guard let raw else { return }
    Unmanaged<Operation>.fromOpaque(raw).takeRetainedValue().ended()
}

/// An operation that never waits, and is over when its call returns: without a callback there is no
/// thread to wake (a socket's own `nng_recvmsg` makes one for each message, with a draw from the
/// kernel's random numbers). Used by one thread at a time.
struct Instant: ~Copyable {
    let handle: OpaquePointer

    init() throws(NngError) {
        var made: OpaquePointer?
        try NngError.check(nng_aio_alloc(&made, nil, nil), "make an operation")
        guard let made else { preconditionFailure("libnng made no operation and no error") }
        handle = made
        nng_aio_set_timeout(made, NNG_DURATION_ZERO)
    }

    deinit { nng_aio_free(handle) }

    /// The next message of a socket, where one waits.
    borrowing func take(from socket: nng_socket) -> OpaquePointer? {
        nng_recv_aio(socket, handle)
        nng_aio_wait(handle)
        guard nng_aio_result(handle) == 0 else { return nil }
        return nng_aio_get_msg(handle)
    }

    /// Gives a message to a socket. It is still the caller's unless the answer is 0.
    borrowing func put(_ message: OpaquePointer, on socket: nng_socket) -> Int32 {
        nng_aio_set_msg(handle, message)
        nng_send_aio(socket, handle)
        nng_aio_wait(handle)
        return nng_aio_result(handle)
    }
}
