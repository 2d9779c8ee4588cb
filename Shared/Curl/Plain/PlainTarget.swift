import Glibc

/// Where a plain request goes, taken from a URL that leaves no room for doubt. What needs a
/// judgement, or a proxy, is left to libcurl.
struct PlainTarget: Equatable {
    /// A name or an address, the latter without brackets.
    let host: String
    let port: UInt16
    /// Host and port as the `Host` field has them; requests with the same one share connections.
    let authority: String
    /// Path and query, as they were given.
    let path: String

    init?(of request: ClientRequest) {
        guard !request.isPublicOnly, request.unixSocket == nil,
            // Who frames the body himself wants it framed so.
            !request.names("transfer-encoding"), !request.names("content-length")
        else { return nil }
        self.init(request.url)
        guard !Self.goesByProxy || LocalHost.isLocal(host) else { return nil }
    }

    init?(_ url: String) {
        let bytes = url.utf8
        guard url.hasPrefix("http://"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 })
        else { return nil }
        let rest = bytes.dropFirst(7)
        let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F }
        let path = rest[authority.endIndex...]
        let isLiteral = authority.first == 0x5B
        let host =
            isLiteral
            ? authority.dropFirst().prefix { $0 != 0x5D } : authority.prefix { $0 != 0x3A }
        guard !host.isEmpty, host.allSatisfy({ Self.isHost($0) || isLiteral && $0 == 0x3A })
        else { return nil }
        let end = isLiteral ? authority.index(after: host.endIndex) : host.endIndex
        guard end <= authority.endIndex, let port = Self.port(authority[end...]) else {
            return nil
        }
        self.host = String(Substring(host))
        self.port = port
        self.authority = String(Substring(authority))
        self.path = (path.first == 0x2F ? "" : "/") + String(Substring(path))
    }

    /// libcurl knows which hosts are exempt (https://everything.curl.dev/usingcurl/proxies/env.html).
    private static let goesByProxy = ["http_proxy", "all_proxy", "ALL_PROXY"].contains {
        (name: String) in
        getenv(name).map { $0.pointee != 0 } ?? false
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// What stands behind the host: nothing, or a colon and a number.
    private static func port(_ text: Substring.UTF8View) -> UInt16? {
        guard let colon = text.first else { return 80 }
        let digits = text.dropFirst()
        guard colon == 0x3A, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(Substring(digits)), port > 0
        else { return nil }
        return port
    }
}
