import EventLoop
import Glibc

/// An address of a server, as the system takes it.
struct SocketAddress: Sendable, Equatable {
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

    static func == (one: Self, other: Self) -> Bool {
        one.length == other.length
            && withUnsafeBytes(of: one.storage) { bytes in
                withUnsafeBytes(of: other.storage) { bytes.elementsEqual($0) }
            }
    }

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
/// waits for. A name is looked up once at a time, however many wait for it. Its addresses are kept for
/// a minute, as libcurl keeps them; that it has none, for a second.
///
/// Unchecked: touched by the loop's thread only.
final class NameLookup: @unchecked Sendable {
    typealias Resolve = @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress]
    typealias Answer = (Result<[SocketAddress], HTTPClientError>) -> Void

    private struct Known {
        var addresses: [SocketAddress]
        let until: UInt64

        var outcome: Result<[SocketAddress], HTTPClientError> {
            addresses.isEmpty ? .failure(.resolve) : .success(addresses)
        }
    }

    private struct Search {
        let target: PlainTarget
        var waiting: [(who: ObjectIdentifier, answer: Answer)]
    }

    private static let lifetime: UInt64 = 60_000_000_000
    private static let failureLifetime: UInt64 = 1_000_000_000
    private static let mostNames = 256
    /// Names that somebody waits for at once, and those that are still being looked up for nobody.
    static let mostSearches = 64
    /// For the process, and so many look-ups of one client.
    static let threads = Workers(4, nice: 0)

    private let loop: EventLoop
    private let resolve: Resolve
    /// By authority, as the next.
    private var known: [String: Known] = [:]
    private var searches: [String: Search] = [:]
    /// Those of the searches that no thread has been asked for yet.
    private var queue: [String] = []
    private var running = 0

    init(loop: EventLoop, resolve: @escaping Resolve) {
        self.loop = loop
        self.resolve = resolve
    }

    /// Answers at once, or later unless the one that asks has left.
    func find(_ target: PlainTarget, for waiter: AnyObject, _ answer: @escaping Answer) {
        if LocalHost.isName(target.host) {
            return answer(
                .success(["127.0.0.1", "::1"].flatMap { Self.literal($0, target.port) }))
        }
        let literal = Self.literal(target.host, target.port)
        if !literal.isEmpty { return answer(.success(literal)) }
        let authority = target.authority
        if let known = known[authority], known.until > monotonic() {
            return answer(known.outcome)
        }
        guard searches[authority] != nil || searches.count < Self.mostSearches else {
            return answer(.failure(.overloaded))
        }
        if searches[authority] == nil {
            searches[authority] = Search(target: target, waiting: [])
            queue.append(authority)
        }
        searches[authority]?.waiting.append((ObjectIdentifier(waiter), answer))
        beginNext()
    }

    /// The waiter is not told any more. A name that nobody waits for is not looked up, unless that
    /// has begun.
    func leave(_ authority: String, _ waiter: AnyObject) {
        searches[authority]?.waiting.removeAll { $0.who == ObjectIdentifier(waiter) }
        guard searches[authority]?.waiting.isEmpty == true,
            let index = queue.firstIndex(of: authority)
        else { return }
        queue.remove(at: index)
        searches[authority] = nil
    }

    /// Connections to the name failed: the next one asks again.
    func forget(_ authority: String) { known[authority] = nil }

    /// Those before it did not answer: it is tried first from now on.
    func prefer(_ address: SocketAddress, of authority: String) {
        guard let index = known[authority]?.addresses.firstIndex(of: address) else { return }
        known[authority]?.addresses.remove(at: index)
        known[authority]?.addresses.insert(address, at: 0)
    }

    private func beginNext() {
        while running < Self.threads.count, !queue.isEmpty {
            guard let target = searches[queue.removeFirst()]?.target else { continue }
            running += 1
            Task(executorPreference: Self.threads) { [self] in
                let addresses = resolve(target.host, target.port)
                loop.performLater { [self] in found(addresses, of: target.authority) }
            }
        }
    }

    private func found(_ addresses: [SocketAddress], of authority: String) {
        running -= 1
        let time = addresses.isEmpty ? Self.failureLifetime : Self.lifetime
        let answer = Known(addresses: addresses, until: monotonic() + time)
        if known.count >= Self.mostNames { known.removeAll() }
        known[authority] = answer
        let search = searches.removeValue(forKey: authority)
        for waiter in search?.waiting ?? [] { waiter.answer(answer.outcome) }
        beginNext()
    }

    // MARK: The system's resolver

    static let system: Resolve = { addresses(of: $0, $1, AI_ADDRCONFIG) }

    static func literal(_ host: String, _ port: UInt16) -> [SocketAddress] {
        addresses(of: host, port, AI_NUMERICHOST)
    }

    private static func addresses(
        of host: String, _ port: UInt16, _ flags: Int32
    ) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | flags
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
