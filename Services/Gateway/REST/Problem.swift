public import MeshContract

/// A failure as HTTP tells it: a problem document (RFC 9457).
public struct Problem: Encodable, Sendable {
    public struct FieldProblem: Encodable, Sendable {
        /// A JSON pointer (RFC 6901) into the request's body.
        let pointer: String
        let detail: String
    }

    let type: String
    let title: String
    public let status: Int
    let detail: String
    let code: String
    let requestId: String
    let errors: [FieldProblem]?
    /// A provider's own words, apart from ours.
    let upstream: String?

    public init(_ fault: Fault, requestID: String) {
        let (status, title) = Self.meaning(of: fault)
        self.init(fault, status: status, title: title, requestID: requestID)
    }

    /// The path is known and the method is not: no fault of the mesh says so.
    public static func wrongMethod(_ allowed: [String], requestID: String) -> Problem {
        let words = allowed.joined(separator: ", ")
        return Problem(
            Fault(.invalid, "this path takes \(words)"), status: 405, title: "Method not allowed",
            requestID: requestID)
    }

    /// The path is spoken to by WebSocket only.
    public static func upgradeRequired(requestID: String) -> Problem {
        Problem(
            Fault(.invalid, "this path takes WebSocket, version 13"), status: 426,
            title: "Upgrade required", requestID: requestID)
    }

    private init(_ fault: Fault, status: Int, title: String, requestID: String) {
        type = "urn:atelier:problem:\(fault.code.rawValue)"
        (self.status, self.title) = (status, title)
        code = fault.code.rawValue
        requestId = requestID
        let isUpstream = fault.code == .upstream
        upstream = isUpstream ? fault.detail : nil
        // The detail of what is ours to mend is for the log.
        let isShown = !isUpstream && status != 500
        detail = [fault.message, isShown ? fault.detail : nil].compactMap { $0 }
            .joined(separator: ": ")
        errors = fault.fields?.map { FieldProblem(pointer: $0.pointer, detail: $0.message) }
    }

    /// The one table from faults on the mesh to HTTP.
    private static let table: [Fault.Code: (Int, String)] = [
        .invalid: (400, "Invalid request"),
        .unauthenticated: (401, "Not logged in"),
        .denied: (403, "Not allowed"),
        .notFound: (404, "Not found"),
        .conflict: (409, "Conflict"),
        .noCredits: (402, "Not enough credits"),
        .capped: (403, "Over a cap"),
        .limited: (429, "Too many requests"),
        .overloaded: (503, "Overloaded"),
        .unavailable: (503, "Unavailable"),
        .upstream: (502, "A provider failed"),
        .timedOut: (504, "Timed out"),
        .internal: (500, "Internal error"),
    ]

    private static let tooLarge = "too large: "
    private static let wrongType = "unsupported type: "
    private static let otherRequest = "another request: "

    /// A body past its limit: `invalid` on the mesh, 413 over HTTP.
    public static func tooLarge(_ limit: Int) -> Fault {
        Fault(.invalid, tooLarge + "a body here has at most \(limit) bytes")
    }

    /// A body of a type that is not read here: `invalid` on the mesh, 415 over HTTP.
    public static func wrongType(_ what: String) -> Fault { Fault(.invalid, wrongType + what) }

    /// An `Idempotency-Key` that came with another request: `conflict` on the mesh, 422 over HTTP, as
    /// draft-ietf-httpapi-idempotency-key-header-07 has it.
    public static let usedKey = Fault(
        .conflict, otherRequest + "this Idempotency-Key came with another one before")

    private static func meaning(of fault: Fault) -> (Int, String) {
        if fault.code == .invalid, fault.message.hasPrefix(tooLarge) { return (413, "Too large") }
        if fault.code == .invalid, fault.message.hasPrefix(wrongType) {
            return (415, "Unsupported type")
        }
        if fault.code == .conflict, fault.message.hasPrefix(otherRequest) {
            return (422, "Used before")
        }
        return table[fault.code] ?? (500, "Internal error")
    }

    /// Headers that belong to this failure.
    public static func headers(for fault: Fault) -> [(String, String)] {
        switch fault.code {
        case .unauthenticated: return [("WWW-Authenticate", "Bearer")]
        case .limited:
            let seconds = wait(fault)
            return [
                ("Retry-After", seconds), ("RateLimit-Remaining", "0"),
                ("RateLimit-Reset", seconds),
            ] + limit(fault)
        case .overloaded, .unavailable: return [("Retry-After", wait(fault))]
        default:
            return fault.retryAfterMilliseconds == nil ? [] : [("Retry-After", wait(fault))]
        }
    }

    /// Whole seconds, rounded up: a client that obeys is not refused again.
    private static func wait(_ fault: Fault) -> String {
        let milliseconds = min(max(fault.retryAfterMilliseconds ?? 1_000, 1), 86_400_000)
        return "\((milliseconds + 999) / 1_000)"
    }

    /// The number a `limited` fault begins its detail with, as in "10 a minute".
    private static func limit(_ fault: Fault) -> [(String, String)] {
        let digits = (fault.detail ?? "").prefix { ("0"..."9").contains($0) }
        return digits.isEmpty ? [] : [("RateLimit-Limit", String(digits))]
    }
}
