import EventLoop
import Glibc

/// The system calls of the server, each with CLOEXEC and NONBLOCK where a descriptor is born.
enum Socket {
    /// What came of one `accept`.
    enum Accepted: Equatable {
        case peer(Int32, address: String)
        /// Nobody is waiting.
        case none
        /// This one failed; the next may not.
        case lost
        /// The process or the machine has no descriptor or memory left.
        case exhausted
    }

    static func accept(_ listener: Int32) -> Accepted {
        let descriptor = acceptConnection(listener)
        guard descriptor < 0 else {
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            return .peer(descriptor, address: peer(of: descriptor))
        }
        switch errno {
        case EAGAIN: return .none
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
        default: return .lost
        }
    }

    /// A listening socket. `shared` lets several loops listen on one port.
    static func listen(
        host: String, port: Int, shared: Bool, backlog: Int
    ) throws(HTTPError) -> Int32 {
        guard (0...65_535).contains(port) else { throw .misuse("port \(port)") }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        guard failure == 0, let first = list else {
            throw .system(doing: "resolve \(host)", errno: failure == EAI_SYSTEM ? errno : EINVAL)
        }
        defer { freeaddrinfo(list) }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(first.pointee.ai_family, flags, 0)
        guard descriptor >= 0 else { throw .system(doing: "open a socket", errno: errno) }
        do throws(HTTPError) {
            try prepare(descriptor, first.pointee, shared: shared, backlog: backlog)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func prepare(
        _ descriptor: Int32, _ info: addrinfo, shared: Bool, backlog: Int
    ) throws(HTTPError) {
        var on: Int32 = 1
        var off: Int32 = 0
        try check(
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4), doing: "reuse the address")
        if shared {
            try check(
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, 4), doing: "share the port")
        }
        if info.ai_family == AF_INET6 {
            // `::` is meant to take IPv4 as well, whatever the machine's default.
            try check(
                setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4),
                doing: "take both families")
        }
        try check(bind(descriptor, info.ai_addr, info.ai_addrlen), doing: "bind")
        try check(Glibc.listen(descriptor, Int32(clamping: backlog)), doing: "listen")
    }

    /// The port a socket is bound to.
    static func port(of descriptor: Int32) throws(HTTPError) -> Int {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        try check(result, doing: "read the port")
        // Both families keep the port in the same place.
        return withUnsafeBytes(of: &address) { Int($0[2]) << 8 | Int($0[3]) }
    }

    /// The other side's address; empty when it has gone already.
    private static func peer(of descriptor: Int32) -> String {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length)
            }
        }
        return result == 0 ? text(&address) : ""
    }

    private static func text(_ address: inout sockaddr_storage) -> String {
        let family = Int32(address.ss_family)
        let offset = family == AF_INET6 ? 8 : 4
        let text = withUnsafeBytes(of: &address) { raw in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { out in
                inet_ntop(
                    family, raw.baseAddress.map { $0 + offset }, out.baseAddress,
                    socklen_t(out.count)
                ).map { String(cString: $0) } ?? ""
            }
        }
        // A listener for both families shows IPv4 peers like this.
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }

    /// True when the peer has closed or reset its side; guards against an event meant for an
    /// earlier owner of the descriptor.
    static func peerIsGone(_ descriptor: Int32) -> Bool { isPeerGone(descriptor) }

    private static func check(_ result: Int32, doing action: String) throws(HTTPError) {
        guard result == 0 else { throw .system(doing: action, errno: errno) }
    }
}
