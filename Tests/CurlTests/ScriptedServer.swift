import Glibc
import Synchronization

/// A server of a few blocking threads that does exactly what a test tells it, right or wrong.
final class ScriptedServer: Sendable {
    /// One accepted connection, in a thread of its own.
    struct Peer {
        let descriptor: Int32

        /// The head and body of the next request; nil once the client has closed.
        func request() -> String? {
            var all: [UInt8] = []
            while true {
                let text = String(decoding: all, as: UTF8.self)
                if let end = text.range(of: "\r\n\r\n") {
                    let wanted = text.field("content-length").flatMap { Int($0) } ?? 0
                    if text[end...].utf8.count - 4 >= wanted { return text }
                }
                guard let more = read() else { return nil }
                all += more
            }
        }

        /// Whatever comes; nil at the end.
        func read() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 16384)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer.prefix(count)) : nil
        }

        func write(_ text: String) { write(Array(text.utf8)) }

        func write(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    send(
                        descriptor, $0.baseAddress! + sent, $0.count - sent,
                        Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }

        /// How many of `bytes` go out before the client stops taking them for `milliseconds`.
        func writeUntilStalled(_ bytes: [UInt8], milliseconds: Int) -> Int {
            var sent = 0
            while sent < bytes.count {
                var slot = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&slot, 1, Int32(milliseconds)) == 1 else { break }
                let count = bytes.withUnsafeBytes {
                    send(
                        descriptor, $0.baseAddress! + sent, $0.count - sent,
                        Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                guard count > 0 else { break }
                sent += count
            }
            return sent
        }

        func respond(_ body: String, status: String = "200 OK", _ extra: String = "") {
            write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)")
        }

        /// Has the system end the connection without a proper end, once the script is over.
        func reset() {
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }

        func chunk(_ text: String) { write("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n") }
    }

    typealias Script = @Sendable (Peer) -> Void
    let port: Int
    let path: String?
    private let listener: Int32
    private let script: Script
    private let accepted = Mutex(0)

    var url: String { "http://127.0.0.1:\(port)/" }
    var connections: Int { accepted.withLock { $0 } }

    /// Listens on a free port of this machine, or at `path`.
    init(path: String? = nil, _ script: @escaping Script) {
        self.path = path
        self.script = script
        let unix = path != nil
        listener = socket(unix ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if let path { Self.bindLocal(listener, path) }
        port = unix ? 0 : Self.bindLoopback(listener)
        listen(listener, 64)
        spawn { [self] in accept() }
    }

    /// Ends the listener's thread; connections end with their scripts.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        if let path { unlink(path) }
    }

    deinit { close(listener) }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            accepted.withLock { $0 += 1 }
            spawn { [script] in
                script(Peer(descriptor: descriptor))
                close(descriptor)
            }
        }
    }

    private static func bindLocal(_ listener: Int32, _ path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        unlink(path)
        withUnsafeBytes(of: &address) {
            _ = bind(
                listener, $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t($0.count))
        }
    }

    static func bindLoopback(_ listener: Int32) -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutableBytes(of: &address) { raw in
            let generic = raw.assumingMemoryBound(to: sockaddr.self).baseAddress
            _ = bind(listener, generic, size)
            _ = getsockname(listener, generic, &size)
            return Int(UInt16(bigEndian: raw.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}

/// Runs `work` in a thread that may block.
func spawn(_ work: @escaping @Sendable () -> Void) {
    final class Box {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(work)).toOpaque()
    _ = pthread_create(
        &thread, nil,
        { raw in
            if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().work() }
            return nil
        }, box)
    pthread_detach(thread)
}

extension String {
    /// Where `other` starts, nil when it does not occur.
    func range(of other: String) -> String.Index? {
        indices.first { self[$0...].utf8.starts(with: other.utf8) }
    }

    /// The value of a header field in the text of a request.
    func field(_ name: String) -> String? {
        for line in split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }
}
