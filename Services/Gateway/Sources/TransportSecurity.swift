import HTTP

/// Tells browsers that came over TLS to come over nothing else from then on (RFC 6797).
struct TransportSecurity: Sendable {
    private let seconds: Int
    /// Of the public address, where that is `https`: TLS ends before us, and plain requests may have
    /// come over it.
    private let publicHost: String?
    private let isOwn: Bool

    init(_ http: HTTPSettings, publicURL: String?) {
        seconds = http.strictSeconds
        isOwn = http.certificate != nil
        let url = publicURL?.lowercased()
        publicHost = url.flatMap { url in
            url.hasPrefix("https://")
                ? String(Self.host(url.dropFirst(8).prefix { $0 != "/" })) : nil
        }
    }

    /// nil where it would not hold, or would do harm: a browser keeps it for a host with all its ports,
    /// so this machine itself never gets it, and addresses are not names (section 8.1.1).
    func header(for request: HTTPRequest) -> (String, String)? {
        guard seconds > 0, isOwn || publicHost != nil, let field = request.headers["host"] else {
            return nil
        }
        let host = String(Self.host(Substring(field.lowercased())))
        guard host == publicHost || request.isSecure, Self.isName(host) else { return nil }
        return ("Strict-Transport-Security", "max-age=\(seconds)")
    }

    private static func host(_ authority: Substring) -> Substring {
        authority.hasPrefix("[") ? authority : authority.prefix { $0 != ":" }
    }

    private static func isName(_ host: String) -> Bool {
        guard host != "localhost", !host.hasSuffix(".localhost"), !host.isEmpty else {
            return false
        }
        // An address of IPv4 ends in digits, one of IPv6 stands in brackets.
        return !host.hasPrefix("[")
            && !host.utf8.allSatisfy {
                (0x30...0x39).contains($0) || $0 == 0x2E
            }
    }
}
