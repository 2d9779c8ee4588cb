import Curl
import Dialects
import MeshContract

/// What a caller hears of a provider's failure: what happened in our words, and the provider's own
/// in the detail. Neither holds a key.
enum UpstreamFault {
    static let cancelled = Fault(.init(rawValue: "cancelled"), "the answer was cancelled")
    static let stopped = Fault(.unavailable, "the service stopped during this answer")

    static func silent(_ provider: String, _ time: Duration) -> Fault {
        let milliseconds =
            time.components.seconds * 1_000
            + time.components.attoseconds / 1_000_000_000_000_000
        return Fault(.timedOut, "\(provider) sent no token within \(milliseconds) ms")
    }

    static func make(_ error: any Error, provider: String) -> Fault {
        switch error {
        case let fault as Fault: fault
        case let failure as UpstreamFailure: make(failure, provider)
        case let error as HTTPClientError: make(error, provider)
        default: Fault(.internal, "the answer could not be written")
        }
    }

    private static func make(_ failure: UpstreamFailure, _ provider: String) -> Fault {
        let wait = failure.retryAfter.map {
            Int(clamping: $0.components.seconds) * 1_000
                + Int($0.components.attoseconds / 1_000_000_000_000_000)
        }
        func fault(_ code: Fault.Code, _ words: String) -> Fault {
            let status = failure.status.map { "\($0): " } ?? ""
            return Fault(
                code, "\(provider) \(words)", detail: status + failure.message,
                retryAfterMilliseconds: wait)
        }
        return switch failure.kind {
        case .rateLimited: fault(.limited, "takes no more requests for now")
        case .overloaded: fault(.upstream, "is overloaded")
        case .unauthorized: fault(.upstream, "refuses the key")
        case .badRequest: fault(.upstream, "refuses the request")
        case .notFound: fault(.upstream, "has no such model")
        case .server: fault(.upstream, "failed")
        case .truncated: fault(.upstream, "ended the stream before the answer")
        case .garbage: fault(.upstream, "sent what is not its dialect")
        case .quota: fault(.upstream, "says that nothing is left to spend")
        case .timeout: fault(.timedOut, "ran out of its own time")
        }
    }

    private static func make(_ error: HTTPClientError, _ provider: String) -> Fault {
        switch error {
        case .idle, .timedOut: Fault(.timedOut, "\(provider) went silent", detail: "\(error)")
        case .overloaded: Fault(.overloaded, "too many requests to providers are under way")
        case .truncated:
            Fault(
                .upstream, "\(provider) ended the stream before the answer", detail: "\(error)")
        case .badURL, .resolve, .connect, .tls:
            Fault(.upstream, "\(provider) cannot be reached", detail: "\(error)")
        case .tooLarge, .cancelled, .other:
            Fault(.upstream, "the exchange with \(provider) failed", detail: "\(error)")
        }
    }
}
