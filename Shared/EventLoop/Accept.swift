import CEpoll

/// Takes one connection from a listener, non-blocking and closed on exec from its first moment.
/// -1 with `errno` as accept(2) has it; getpeername(2) tells who it is.
public func acceptConnection(_ listener: Int32) -> Int32 { shim_accept(listener) }

/// The user on the other end of a Unix socket, as the kernel vouches for it (unix(7), SO_PEERCRED).
public func peerUser(_ socket: Int32) -> UInt32? { UInt32(exactly: shim_peer_user(socket)) }

/// True when the peer of a socket has closed, or reset, its side (poll(2), POLLRDHUP).
public func isPeerGone(_ socket: Int32) -> Bool { shim_peer_gone(socket) == 1 }
