import HTTP

/// Which pages of other origins a browser may let call us (WHATWG Fetch, section 3.2).
struct CORS: Sendable {
    private let allowed: Set<String>

    init(_ config: GatewayConfig) { allowed = config.allowedOrigins }

    /// For every answer: without an allowed origin the browser keeps it from the page.
    func headers(for request: HTTPRequest) -> [(String, String)] {
        guard !allowed.isEmpty else { return [] }
        guard let origin = origin(of: request) else { return [("Vary", "Origin")] }
        return [
            ("Vary", "Origin"), ("Access-Control-Allow-Origin", origin),
            (
                "Access-Control-Expose-Headers",
                "X-Request-Id, Retry-After, ETag, Content-Disposition, Idempotency-Replayed, "
                    + "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit, "
                    + "RateLimit-Policy"
            ),
        ]
    }

    /// nil for what is no preflight of an allowed origin.
    func preflight(_ request: HTTPRequest) -> [(String, String)]? {
        guard request.method == "OPTIONS", origin(of: request) != nil,
            request.headers["access-control-request-method"] != nil
        else { return nil }
        return [
            ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
            (
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id, "
                    + "traceparent, If-None-Match"
            ), ("Access-Control-Max-Age", "600"),
        ]
    }

    private func origin(of request: HTTPRequest) -> String? {
        guard let origin = request.headers["origin"], allowed.contains(origin) else { return nil }
        return origin
    }
}
