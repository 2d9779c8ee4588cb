import EventLoop
import Glibc

/// An address of a server, as the system takes it.
struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private let length: socklen_t

    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: address, count: Int(self.length)))
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// Begins to connect a socket: zero, or errno.
    func connect(_ descriptor: Int32) -> Int32 {
        let result = withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length)
            }
        }
        return result == 0 ? 0 : errno
    }
}

/// Finds the addresses of names by the system's resolver, which blocks, on threads that nothing else
/// waits for. Answers are kept for a minute, as libcurl keeps them.
///
/// Unchecked: touched by the loop's thread only.
final class NameLookup: @unchecked Sendable {
    private struct Answer {
        let addresses: [SocketAddress]
        let until: UInt64
    }

    private static let lifetime: UInt64 = 60_000_000_000
    private static let mostNames = 256
    private static let threads = Workers(2, nice: 0)

    private let loop: EventLoop
    private var answers: [String: Answer] = [:]

    init(loop: EventLoop) { self.loop = loop }

    /// Answers at once or later, with nothing for a name that has no address.
    func find(_ target: PlainTarget, _ answer: @escaping @Sendable ([SocketAddress]) -> Void) {
        if LocalHost.isName(target.host) {
            return answer(["127.0.0.1", "::1"].flatMap { Self.addresses(of: $0, target.port) })
        }
        let literal = Self.addresses(of: target.host, target.port)
        if !literal.isEmpty { return answer(literal) }
        if let known = answers[target.authority], known.until > monotonic() {
            return answer(known.addresses)
        }
        let (host, port, authority) = (target.host, target.port, target.authority)
        Task(executorPreference: Self.threads) { [self] in
            let addresses = Self.addresses(of: host, port, isLiteral: false)
            loop.performLater { [self] in
                keep(addresses, of: authority)
                answer(addresses)
            }
        }
    }

    /// Connections to the name failed: the next one asks again.
    func forget(_ authority: String) { answers[authority] = nil }

    private func keep(_ addresses: [SocketAddress], of authority: String) {
        guard !addresses.isEmpty else { return }
        if answers.count >= Self.mostNames { answers.removeAll() }
        answers[authority] = Answer(addresses: addresses, until: monotonic() + Self.lifetime)
    }

    private static func addresses(
        of host: String, _ port: UInt16, isLiteral: Bool = true
    ) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (isLiteral ? AI_NUMERICHOST : AI_ADDRCONFIG)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap {
            info in
            guard let info = info?.pointee, let address = info.ai_addr else { return nil }
            return SocketAddress(address, length: info.ai_addrlen)
        }
    }
}
