import Glibc

/// Names, which mean as many machines as the directory of names says.
extension SPAddress {
    /// The most addresses that one name is believed to have.
    private static let most = 64

    /// True for a name, which may mean other machines tomorrow.
    public var isName: Bool { fixed == nil }

    /// One address for each machine that the name means now, which may take seconds to learn; none
    /// when nobody knows it. What is no name means itself.
    public func lookUp() -> [SPAddress] {
        guard isName else { return [self] }
        return Self.places(of: host, port, flags: 0).map { place in
            var address = self
            address.fixed = place
            return address
        }
    }

    /// The address that `name` has by the look of it, which is where `numbers` leads: for those who
    /// know better than the directory of names. nil unless those are numbers.
    public init?(_ name: String, at numbers: String) {
        guard let place = SPAddress(numbers)?.fixed, let address = SPAddress(name) else {
            return nil
        }
        self = address
        fixed = place
    }

    /// Where it leads, as numbers where those are known.
    public var place: String {
        guard path == nil, let fixed else { return url }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: 32)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let isKnown = fixed.withRaw { raw, length in
            getnameinfo(
                raw, length, &host, socklen_t(host.count), &port, socklen_t(port.count), flags) == 0
        }
        guard isKnown else { return url }
        let number = fixed.family == AF_INET6 ? "[\(Self.text(host))]" : Self.text(host)
        return "\(url.prefix { $0 != ":" })://\(number):\(Self.text(port))"
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func places(of host: String, _ port: String, flags: Int32) -> [Place] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        var places: [Place] = []
        var next = found
        while let one = next, places.count < most {
            var storage = sockaddr_storage()
            memcpy(&storage, one.pointee.ai_addr, Int(one.pointee.ai_addrlen))
            places.append(
                Place(
                    family: one.pointee.ai_family, storage: storage,
                    length: one.pointee.ai_addrlen))
            next = one.pointee.ai_next
        }
        return places
    }
}
