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
        let known = Self.table[fault.code] ?? (500, "Internal error")
        type = "urn:atelier:problem:\(fault.code.rawValue)"
        title = known.1
        status = Self.status(of: fault, known.0)
        code = fault.code.rawValue
        requestId = requestID
        let isUpstream = fault.code == .upstream
        upstream = isUpstream ? fault.detail : nil
        detail = [fault.message, isUpstream ? nil : fault.detail].compactMap { $0 }
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

    private static func status(of fault: Fault, _ usual: Int) -> Int {
        switch fault {
        case _ where fault.code == .invalid && fault.message.hasPrefix("too large"): 413
        case _ where fault.code == .invalid && fault.message.hasPrefix("unsupported type"): 415
        default: usual
        }
    }

    /// Headers that belong to this failure.
    public static func headers(for fault: Fault) -> [(String, String)] {
        switch fault.code {
        case .unauthenticated: return [("WWW-Authenticate", "Bearer")]
        case .limited, .overloaded, .unavailable:
            let milliseconds = fault.retryAfterMilliseconds ?? 1_000
            return [("Retry-After", "\(max(1, (milliseconds + 999) / 1_000))")]
        default: return []
        }
    }
}
