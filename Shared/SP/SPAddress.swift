import Glibc

/// Where a service listens: `ipc://<path>`, `tcp://<host>:<port>` or `tls+tcp://<host>:<port>`.
public struct SPAddress: Sendable {
    /// A place that the kernel understands.
    struct Place {
        let family: Int32
        let storage: sockaddr_storage
        let length: socklen_t

        func withRaw<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
            withUnsafePointer(to: storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    /// As it was written.
    public let url: String
    /// The socket's file; nil on tcp.
    let path: String?
    /// The name or address that was written; empty on ipc.
    public let host: String
    /// True when what is said has to be private.
    public let isSecure: Bool
    let port: String
    /// nil for a name, which may mean another machine tomorrow.
    var fixed: Place?

    /// True when nobody but this machine's users can be on the other side, and the kernel tells who.
    public var isLocal: Bool { path != nil }

    /// Bytes before each message's length: nng marks its messages on ipc with one.
    var prefix: Int { path == nil ? 0 : 1 }

    /// nil for a form that is none of these, a path too long for a socket, or a port that is none.
    public init?(_ url: String) {
        if url.hasPrefix("ipc://") {
            self.init(path: String(url.dropFirst(6)), url)
        } else if let scheme = ["tcp://", "tls+tcp://"].first(where: url.hasPrefix) {
            let rest = url.dropFirst(scheme.count)
            guard let colon = rest.lastIndex(of: ":") else { return nil }
            var host = rest[..<colon]
            if host.hasPrefix("[") && host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            self.init(
                host: String(host), port: String(rest[rest.index(after: colon)...]), url,
                isSecure: scheme == "tls+tcp://")
        } else {
            return nil
        }
    }

    private init?(path: String, _ url: String) {
        var name = sockaddr_un()
        guard !path.isEmpty, !path.utf8.contains(0),
            path.utf8.count < MemoryLayout.size(ofValue: name.sun_path)
        else { return nil }
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: name) { target.copyMemory(from: $0) }
        }
        fixed = Place(
            family: AF_UNIX, storage: storage, length: socklen_t(MemoryLayout<sockaddr_un>.size))
        (self.path, self.url, host, port, isSecure) = (path, url, "", "", false)
    }

    private init?(host: String, port: String, _ url: String, isSecure: Bool) {
        guard !host.isEmpty, let number = UInt16(port), number > 0 else { return nil }
        fixed = Self.find(host, port, flags: AI_NUMERICHOST)
        (path, self.url, self.isSecure) = (nil, url, isSecure)
        (self.host, self.port) = (host, "\(number)")
    }

    /// Looks a name up, which may block for seconds; nil when nobody knows it.
    func resolve() -> Place? { fixed ?? Self.find(host, port, flags: 0) }

    private static func find(_ host: String, _ port: String, flags: Int32) -> Place? {
        places(of: host, port, flags: flags).first
    }

    func makeSocket(_ place: Place) -> Int32 {
        let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(place.family, Int32(flags), 0)
        if descriptor >= 0 { tune(descriptor) }
        return descriptor
    }

    /// Small messages leave at once, and a machine that has vanished is noticed within a minute
    /// (tcp(7)) instead of a quarter of an hour.
    func tune(_ descriptor: Int32) {
        guard path == nil else { return }
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(descriptor, level, option, &value, 4)
        }
        let tcp = Int32(IPPROTO_TCP)
        set(tcp, TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(tcp, TCP_KEEPIDLE, 20)
        set(tcp, TCP_KEEPINTVL, 10)
        set(tcp, TCP_KEEPCNT, 3)
        set(tcp, TCP_USER_TIMEOUT, 30_000)
        // Within a machine nothing is gained by a send buffer that grows to megabytes, and large
        // messages that wait in it fall out of the processor's cache: twice the time for each.
        if isHere { set(SOL_SOCKET, SO_SNDBUF, 1 << 17) }
    }

    /// True for an address that only this machine reaches.
    private var isHere: Bool {
        guard let fixed else { return host == "localhost" }
        return fixed.withRaw { address, _ in
            switch fixed.family {
            case AF_INET:
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
                }
            case AF_INET6:
                return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
                        bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
                    }
                }
            default: return true
            }
        }
    }
}
