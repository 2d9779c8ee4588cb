import Glibc

/// Where a service listens: `ipc://<path>` or `tcp://<host>:<port>`.
public struct SPAddress: Sendable {
    let family: Int32
    let storage: sockaddr_storage
    let length: socklen_t
    /// The socket's file; nil on tcp.
    let path: String?
    public let url: String

    /// Bytes before each message's length: nng marks its messages on ipc with one.
    var prefix: Int { path == nil ? 0 : 1 }

    /// nil for a form that is neither, a path too long for a socket, or a name that does not
    /// resolve.
    public init?(_ url: String) {
        if url.hasPrefix("ipc://") {
            self.init(path: String(url.dropFirst(6)), url)
        } else if url.hasPrefix("tcp://"), let colon = url.lastIndex(of: ":") {
            var host = String(url.dropFirst(6).prefix(upTo: colon))
            if host.hasPrefix("[") && host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            self.init(host: host, port: String(url[url.index(after: colon)...]), url)
        } else {
            return nil
        }
    }

    private init?(path: String, _ url: String) {
        var name = sockaddr_un()
        guard !path.isEmpty, path.utf8.count < MemoryLayout.size(ofValue: name.sun_path) else {
            return nil
        }
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: name) { target.copyMemory(from: $0) }
        }
        (family, self.storage, self.path, self.url) = (AF_UNIX, storage, path, url)
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
    }

    private init?(host: String, port: String, _ url: String) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(found) }
        var storage = sockaddr_storage()
        memcpy(&storage, first.pointee.ai_addr, Int(first.pointee.ai_addrlen))
        (family, self.storage, length) = (
            first.pointee.ai_family, storage, first.pointee.ai_addrlen
        )
        (path, self.url) = (nil, url)
    }

    func makeSocket() -> Int32 {
        let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(flags), 0)
        if descriptor >= 0 { tune(descriptor) }
        return descriptor
    }

    /// Small messages leave at once.
    func tune(_ descriptor: Int32) {
        guard family != AF_UNIX else { return }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    func withRaw<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
