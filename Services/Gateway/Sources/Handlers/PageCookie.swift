import HTTP
import MeshContract

/// The credentials of our own page: an access token in a cookie that no script can read, and the rule
/// that only our own page may use it to change anything.
struct PageCookie: Sendable {
    /// Two stacks on one machine differ by their ports, and browsers do not tell cookies by port.
    private let name: String
    /// The one that gets the next access token; it goes nowhere else.
    private let refreshName: String
    private let seconds: Int
    private let refreshSeconds: Int
    private let origins: Set<String>
    private let isPublicSecure: Bool

    init(_ config: GatewayConfig) {
        name = "atelier_\(config.port)"
        refreshName = name + "_refresh"
        (seconds, refreshSeconds) = (config.tokenSeconds, config.refreshSeconds)
        origins = config.allowedOrigins.union(config.publicURL.map { [$0.lowercased()] } ?? [])
        isPublicSecure = config.publicURL?.hasPrefix("https://") == true
    }

    /// The token that a browser sent; nil for none.
    func token(in request: HTTPRequest) -> String? { Self.value(of: name, in: request) }

    /// The refresh token that a browser sent; nil for none.
    func refreshToken(in request: HTTPRequest) -> String? {
        Self.value(of: refreshName, in: request)
    }

    /// What a browser sent under a name; nil for nothing.
    static func value(of name: String, in request: HTTPRequest) -> String? {
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
        // A WebSocket is a GET, which a browser lets every page begin (RFC 6455, 10.2).
        let isRead = ["GET", "HEAD", "OPTIONS"].contains(request.method)
        guard !isRead || request.headers["upgrade"] != nil else { return }
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

    /// Keeps a sign-in in the browser (RFC 6265bis). Over TLS it is sent over TLS only.
    func keep(_ grant: Grant, for request: HTTPRequest) -> [(String, String)] {
        let rest = "HttpOnly; SameSite=Strict" + (isSecure(request) ? "; Secure" : "")
        return [
            ("Set-Cookie", "\(name)=\(grant.accessToken); Max-Age=\(seconds); Path=/api; \(rest)"),
            (
                "Set-Cookie",
                "\(refreshName)=\(grant.refreshToken); Max-Age=\(refreshSeconds); "
                    + "Path=/api/v1/auth; \(rest)"
            ),
        ]
    }

    func isSecure(_ request: HTTPRequest) -> Bool {
        isPublicSecure || request.isSecure
            || request.headers["origin"]?.lowercased().hasPrefix("https://") == true
    }

    /// Takes it back.
    var end: [(String, String)] {
        let rest = "HttpOnly; SameSite=Strict"
        return [
            ("Set-Cookie", "\(name)=; Max-Age=0; Path=/api; \(rest)"),
            ("Set-Cookie", "\(refreshName)=; Max-Age=0; Path=/api/v1/auth; \(rest)"),
        ]
    }

    // MARK: On the way to a provider

    private var bindingName: String { name + "_sign_in" }

    /// Binds a sign-in elsewhere to this browser. It has to come along when the provider sends the
    /// browser back, which `Strict` would not let it.
    func bind(
        _ value: String, seconds: Int, for request: HTTPRequest
    ) -> (String, String) {
        let rest = "HttpOnly; SameSite=Lax" + (isSecure(request) ? "; Secure" : "")
        return (
            "Set-Cookie", "\(bindingName)=\(value); Max-Age=\(seconds); Path=/api/v1/auth; \(rest)"
        )
    }

    func binding(in request: HTTPRequest) -> String? { Self.value(of: bindingName, in: request) }

    var unbind: (String, String) {
        (
            "Set-Cookie",
            "\(bindingName)=; Max-Age=0; Path=/api/v1/auth; HttpOnly; SameSite=Lax"
        )
    }
}
