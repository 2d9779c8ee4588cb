import Glibc
import Testing

/// A client or listener that speaks bytes of the test's choosing. Blocking, with a deadline.
struct RawSocket: ~Copyable {
    private let descriptor: Int32

    /// Connects to an address of ours.
    init(connecting url: String) throws {
        let isLocal = url.hasPrefix("ipc://")
        descriptor = socket(
            isLocal ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var time = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let result =
            isLocal
            ? Self.withPath(String(url.dropFirst(6))) { connect(descriptor, $0, $1) }
            : Self.withPort(url) { connect(descriptor, $0, $1) }
        try #require(result == 0, "connect to \(url): \(errno)")
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Waits no longer than this for what is read from now on.
    func wait(atMost milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Exactly this many bytes, or fewer when the other side has ended; nil when it says nothing.
    func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while bytes.count < count {
            let got = recv(descriptor, &buffer, count - bytes.count, 0)
            if got < 0 { return nil }
            if got == 0 { return bytes }
            bytes += buffer[..<got]
        }
        return bytes
    }

    /// True when the other side ends the connection, whatever it says before.
    func isEnded() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let got = recv(descriptor, &buffer, buffer.count, 0)
            if got == 0 || (got < 0 && errno == ECONNRESET) { return true }
            if got < 0 { return false }
        }
    }

    /// A socket file as a process leaves it behind that was killed.
    static func leaveBehind(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let result = withPath(path) { bind(descriptor, $0, $1) }
        try #require(result == 0 && listen(descriptor, 1) == 0)
    }

    private static func withPath<R>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &name) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func withPort<R>(
        _ url: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = (UInt16(url.split(separator: ":").last ?? "") ?? 0).bigEndian
        return withUnsafePointer(to: &address) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Runs what blocks on a thread of its own.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { waiter in
        let box = Unmanaged.passRetained(Work { waiter.resume(with: Result { try body() }) })
        var thread = pthread_t()
        pthread_create(&thread, nil, runWork, box.toOpaque())
        pthread_detach(thread)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runWork(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
    return nil
}
