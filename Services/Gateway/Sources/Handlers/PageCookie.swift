import HTTP
import MeshContract

/// The credentials of our own page: an access token in a cookie that no script can read, and the rule
/// that only our own page may use it to change anything.
struct PageCookie: Sendable {
    /// Two stacks on one machine differ by their ports, and browsers do not tell cookies by port.
    private let name: String
    private let seconds: Int
    private let origins: Set<String>

    init(_ config: GatewayConfig) {
        name = "atelier_\(config.port)"
        (seconds, origins) = (config.tokenSeconds, config.allowedOrigins)
    }

    /// The token that a browser sent; nil for none.
    func token(in request: HTTPRequest) -> String? {
        for part in request.headers.all("cookie").joined(separator: "; ").split(separator: ";") {
            let part = part.drop { $0 == " " }
            guard part.hasPrefix(name + "=") else { continue }
            return String(part.dropFirst(name.count + 1))
        }
        return nil
    }

    /// Throws `denied` for a change that another site would have made: a browser tells the origin of
    /// each (WHATWG Fetch, section 3.2), and `SameSite` alone lets other ports of a host through.
    func check(_ request: HTTPRequest) throws(Fault) {
        guard !["GET", "HEAD", "OPTIONS"].contains(request.method) else { return }
        guard let origin = request.headers["origin"]?.lowercased(), isOurs(origin, request) else {
            throw Fault(
                .denied, "a request with a cookie is taken from our own page only",
                detail: "send Authorization: Bearer instead")
        }
    }

    private func isOurs(_ origin: String, _ request: HTTPRequest) -> Bool {
        if origins.contains(origin) { return true }
        guard let host = request.headers["host"]?.lowercased(),
            let scheme = origin.firstRange(of: "://")
        else { return false }
        return origin[scheme.upperBound...] == host
    }

    /// Keeps a token in the browser (RFC 6265bis). Over TLS it is sent over TLS only.
    func keep(_ token: String, for request: HTTPRequest) -> (String, String) {
        let isSecure = request.headers["origin"]?.lowercased().hasPrefix("https://") == true
        let rest = "Path=/api; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
        return ("Set-Cookie", "\(name)=\(token); Max-Age=\(seconds); \(rest)")
    }

    /// Takes it back.
    var end: (String, String) {
        ("Set-Cookie", "\(name)=; Max-Age=0; Path=/api; HttpOnly; SameSite=Strict")
    }
}
