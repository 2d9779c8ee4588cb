import Glibc

/// A peer that sends exactly the bytes it is told to. Its calls block, with a limit, so they belong
/// into `onThread`.
final class RawClient: Sendable {
    struct Failure: Error {
        var doing: String
        var number: Int32
    }

    struct Response: Sendable, Equatable {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let descriptor: Int32
    private nonisolated(unsafe) var pending: [UInt8] = []

    init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        let isNew = host.contains(":")
        descriptor = socket(isNew ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(doing: "socket", number: errno) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4)
        }
        let result = isNew ? Self.connect6(descriptor, port) : Self.connect4(descriptor, port)
        guard result == 0 else { throw Failure(doing: "connect", number: errno) }
    }

    deinit { close() }

    private static func connect4(_ descriptor: Int32, _ port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
        }
    }

    private static func connect6(_ descriptor: Int32, _ port: Int) -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(port).bigEndian
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 28) }
        }
    }

    func close() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends all, or as much as the peer takes before it closes; false in that case.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { raw in
                Glibc.send(
                    descriptor, raw.baseAddress.map { $0 + offset }, raw.count - offset,
                    Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends what fits into the kernel's buffers without waiting; answers how much.
    func sendWhatFits(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { raw in
            max(
                Glibc.send(
                    descriptor, raw.baseAddress, raw.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)), 0)
        }
    }

    /// Reads once; nil at the end.
    func receive(upTo limit: Int = 65_536) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        guard count >= 0 else { throw Failure(doing: "recv", number: errno) }
        return count == 0 ? nil : Array(buffer[..<count])
    }

    /// Whether something, the end included, is there to be read.
    var hasNews: Bool {
        var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&asked, 1, 0) == 1
    }

    /// Reads that many bytes and drops them; answers how many came before the end.
    func readBytes(_ count: Int) throws -> Int {
        var got = pending.count
        pending = []
        while got < count, let more = try receive(upTo: min(count - got, 1 << 20)) {
            got += more.count
        }
        return got
    }

    /// Everything until the peer closes.
    func readToEnd() throws -> String {
        while let more = try receive() { pending += more }
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    private func fill() throws {
        guard let more = try receive() else { throw Failure(doing: "read on", number: 0) }
        pending += more
    }

    private func readLine() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = String(decoding: pending[..<end].dropLast(), as: UTF8.self)
                pending.removeFirst(end + 1)
                return line
            }
            try fill()
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while pending.count < count { try fill() }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    func readHead() throws -> Response {
        var response = Response()
        let status = try readLine().split(separator: " ")
        guard status.count >= 2, let number = Int(status[1]) else {
            throw Failure(doing: "read a status", number: 0)
        }
        response.status = number
        while case let line = try readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = String(parts[1].dropFirst())
        }
        return response
    }

    func readChunk() throws -> [UInt8] {
        guard let size = Int(try readLine(), radix: 16) else {
            throw Failure(doing: "read a chunk", number: 0)
        }
        let chunk = try read(size)
        _ = try readLine()
        return chunk
    }

    func readResponse(toHead: Bool = false) throws -> Response {
        var response = try readHead()
        if toHead || response.status == 204 || response.status == 100 { return response }
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try read(length)
        } else if response.headers["transfer-encoding"] == "chunked" {
            while case let chunk = try readChunk(), !chunk.isEmpty { response.body += chunk }
        } else {
            response.body = Array(try readToEnd().utf8)
        }
        return response
    }

    func ask(_ text: String) throws -> Response {
        send(text)
        return try readResponse()
    }
}

/// Rests a test thread, to be slow on purpose.
func pause(_ time: Duration) {
    usleep(UInt32(time / .microseconds(1)))
}

/// Runs blocking work on a thread of its own, so that it does not hold up the shared pool.
func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let box = Work { continuation.resume(with: Result { try work() }) }
        var thread = pthread_t()
        pthread_create(&thread, nil, runWork, Unmanaged.passRetained(box).toOpaque())
        pthread_detach(thread)
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runWork(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().run()
    return nil
}
