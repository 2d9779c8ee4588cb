import HTTP
import MeshContract

/// Where a request says who it comes from.
struct Credentials: Sendable {
    private static let missing = Fault(
        .unauthenticated, "send Authorization: Bearer with a token")

    let cookie: PageCookie

    /// Whether it says so at all; what it says may be wrong.
    func areThere(in request: HTTPRequest) -> Bool {
        request.headers["authorization"] != nil || request.headers["x-api-key"] != nil
            || cookie.token(in: request) != nil
    }

    /// What the header says; nil for none, and for another scheme than `Bearer`.
    static func bearer(in request: HTTPRequest) -> String? {
        // The scheme's name in any case (RFC 9110, section 11.1).
        guard let header = request.headers["authorization"],
            zip(header.utf8, "bearer ".utf8).filter({ $0 | 32 == $1 }).count == 7
        else { return nil }
        return String(Substring(header.utf8.dropFirst(7).drop { $0 == 32 }))
    }

    /// The token or API key. Throws `unauthenticated` for none, and `denied` for a cookie that another
    /// site's page has sent along.
    ///
    /// The header counts for more: who sends one means it. Anthropic's clients put an API key in one
    /// of their own.
    func token(of request: HTTPRequest) throws(Fault) -> String {
        if request.headers["authorization"] != nil {
            guard let token = Self.bearer(in: request) else { throw Self.missing }
            return token
        }
        if let key = request.headers["x-api-key"], key.hasPrefix("atl_") { return key }
        guard let token = cookie.token(in: request) else { throw Self.missing }
        try cookie.check(request)
        return token
    }
}
