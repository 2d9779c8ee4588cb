import HTTP
import Mesh

/// What marks a request on its way through the services: ours, or the caller's where it is sane.
struct RequestMarks: Sendable {
    let id: String
    /// W3C Trace Context.
    let trace: String?

    init(_ request: HTTPRequest) {
        id = request.headers["x-request-id"].flatMap { Self.isID($0) ? $0 : nil } ?? CallID.make()
        trace = request.headers["traceparent"].flatMap { Self.isTrace($0) ? $0 : nil }
    }

    /// It comes back in a header and stands in the logs.
    private static func isID(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 }
    }

    /// Version, trace, parent and flags in lower-case hexadecimal.
    private static func isTrace(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [2, 32, 16, 2]
            && parts.allSatisfy { $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) } }
    }
}
