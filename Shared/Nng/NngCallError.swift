/// Why a call over libnng brought no answer.
public enum NngCallError: Error, Equatable, Sendable {
    /// No answer within the time.
    case deadline
    /// The connection ended with the call under way: it may have been carried out.
    case lost
    /// This side was closed.
    case closed
    /// Too much waits to be sent, or too many calls wait for their answers.
    case full
    /// The request is larger than any listener takes.
    case tooLarge(limit: Int)
    /// The other side is about to end, and the request was not sent.
    case leaving
    /// No connection comes about that both sides agree to.
    case refused(String)
}
