import HTTP

/// What stands above an answer beside what it says itself.
struct AnswerHeaders {
    /// Whatever an answer holds, a browser that shows it runs none of it on our origin.
    private static let inert = (
        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    /// What our page consists of has its own policy, or is none's to have.
    private static let ofPages = ["text/html", "text/css", "text/javascript", "image/", "font/"]

    private let request: HTTPRequest
    private let marks: RequestMarks
    private let notes: RequestNotes
    private let config: GatewayConfig

    init(
        _ request: HTTPRequest, _ marks: RequestMarks, _ notes: RequestNotes,
        _ config: GatewayConfig
    ) {
        (self.request, self.marks, self.notes, self.config) = (request, marks, notes, config)
    }

    /// What the client has already has its policy: another one would take its place (RFC 9111,
    /// section 3.2).
    func all(adding more: [(String, String)], isNews: Bool = true) -> [(String, String)] {
        let facts = notes.facts
        var (hasCaching, hasLimits, isInert) = (false, false, true)
        for (name, value) in more {
            switch name {
            case "Cache-Control": hasCaching = true
            case "RateLimit-Remaining": hasLimits = true
            case "Content-Security-Policy": isInert = false
            case "Content-Type":
                if Self.ofPages.contains(where: value.hasPrefix) { isInert = false }
            default: break
            }
        }
        var all: [(String, String)] = []
        all.reserveCapacity(12 + more.count)
        all.append(("X-Request-Id", marks.id))
        all.append(("X-Content-Type-Options", "nosniff"))
        if let trace = marks.trace { all.append(("traceparent", trace)) }
        if let strict = config.transport.header(for: request) { all.append(strict) }
        if !hasCaching { all.append(("Cache-Control", "no-store")) }
        if isNews, isInert { all.append(Self.inert) }
        // An answer that has limits of its own keeps them, unless it was refused by ours.
        if facts.isLimited || !hasLimits { all += facts.limits }
        all += CORS(config).headers(for: request)
        if facts.isLimited {
            all += more.filter { !$0.0.hasPrefix("RateLimit") }
        } else {
            all += more
        }
        return all
    }
}
