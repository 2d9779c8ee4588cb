/// Why a request could not be read or an answer not be sent.
public enum HTTPError: Error, Sendable, Equatable {
    /// The peer has gone, or the exchange is over.
    case closed
    /// The waiting task was cancelled.
    case cancelled
    /// The peer sent the body slower than `HTTPLimits.minBodyRate`.
    case timedOut
    /// The body is longer than this many bytes.
    case bodyTooLarge(limit: Int)
    /// The body breaks the framing it declared; the text is the code of the problem.
    case malformedBody(String)
    /// A response header that may not be sent: bad characters, or one that the core writes itself.
    case invalidHeader(String)
    /// A call that does not fit the state of the answer, such as `write` before `start`.
    case misuse(String)
    /// The operating system refused.
    case system(doing: String, errno: Int32)

    /// What the peer is told when the handler leaves the answer to the core.
    var refusal: Refusal {
        switch self {
        case .timedOut: .bodyTimeout
        case .bodyTooLarge: .bodyTooLarge
        case .malformedBody: .badChunk
        default: .noAnswer
        }
    }
}
