import MeshContract
import SP

/// The calls to one address. Two libraries carry them, in one format on the wire: our loop (`SP`)
/// and libnng (`Nng`).
protocol Channel: AnyObject, Sendable {
    /// Sends a request and waits for its reply. Cancelled, it ends at once and takes the request
    /// back where the other side understands that.
    nonisolated(nonsending) func roundTrip(
        _ request: [UInt8], within time: Duration
    ) async throws(ChannelError) -> [UInt8]
    /// True while requests can be sent at once.
    var isUp: Bool { get }
    /// True when the other side is about to end and takes nothing more: another channel to the same
    /// address is then made, and this one closed once its calls are answered.
    var isLeaving: Bool { get }
    /// Why the two sides do not agree to a connection; nil while there is one, or none was tried.
    var trouble: String? { get }
    /// Fails what waits and dials no more.
    func close()
}

extension Channel {
    var isLeaving: Bool { false }
    var trouble: String? { nil }
}

/// What became of the way to the other side and back.
enum ChannelError: Error, Equatable {
    /// No answer within the time.
    case deadline
    /// The connection ended with the call under way: it may have been carried out.
    case lost
    /// This side was closed.
    case closed
    /// Too much waits to be sent, or too many calls wait for their answers.
    case full
    case tooLarge(limit: Int)
    case cancelled
    /// The other side is about to end; the request was not sent.
    case leaving
    /// There is nobody to send it to.
    case absent
    /// The other side does not believe who we are.
    case refused(String)
}

extension SPPeer: Channel {
    nonisolated(nonsending) func roundTrip(
        _ request: [UInt8], within time: Duration
    ) async throws(ChannelError) -> [UInt8] {
        do {
            return try await call(request, within: time)
        } catch let error as SPError {
            throw ChannelError(error)
        } catch {
            throw .cancelled
        }
    }
}

extension ChannelError {
    init(_ error: SPError) {
        self =
            switch error {
            case .deadline: .deadline
            case .lost: .lost
            case .closed: .closed
            case .full: .full
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .leaving: .leaving
            case .refused(let why): .refused(why)
            }
    }

    /// The fault of a call to `service`.
    func fault(_ service: String, _ size: Int, within time: Duration) -> Fault {
        switch self {
        case .deadline: Fault(.timedOut, "\(service) did not answer within \(time)")
        case .full:
            Fault(.overloaded, "too much waits to be sent to \(service)", notExecuted: true)
        case .leaving: Fault(.unavailable, "\(service) is stopping", notExecuted: true)
        case .absent: Fault(.unavailable, "no service \(service)", notExecuted: true)
        case .lost: Fault(.unavailable, "\(service) went away during the call")
        case .closed: Fault(.unavailable, "the way to \(service) is closed")
        case .tooLarge(let limit):
            Fault(
                .invalid, "a request of \(size) bytes to \(service); \(limit) are the most")
        case .cancelled: Fault(.timedOut, "the call to \(service) was cancelled")
        case .refused(let why): Fault(.unauthenticated, "\(service) refused us: \(why)")
        }
    }
}
