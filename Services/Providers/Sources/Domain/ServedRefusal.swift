import Contracts
import Dialects
import MeshContract

/// How failures are told to the clients of an interface.
struct ServedRefusal: Sendable {
    /// True for Anthropic's form, false for OpenAI's.
    let isAnthropic: Bool

    init(_ request: Providers.Serve) {
        switch request.interface {
        case .messages, .countTokens: isAnthropic = true
        case .chat, .responses, .embeddings: isAnthropic = false
        case .models: isAnthropic = request.field("anthropic-version") != nil
        }
    }

    func reply(_ fault: ServedFault) -> ErrorReply {
        isAnthropic ? AnthropicFault.reply(fault) : OpenAIFault.reply(fault)
    }

    /// What went wrong, as the client may know it.
    func fault(_ error: any Error) -> ServedFault {
        if let invalid = error as? InvalidRequest {
            return isAnthropic ? AnthropicFault.fault(invalid) : OpenAIFault.fault(invalid)
        }
        if let failure = error as? UpstreamFailure { return ServedFault(failure) }
        return Self.fault((error as? Fault) ?? UpstreamFault.make(error, provider: "the provider"))
    }

    private static func fault(_ fault: Fault) -> ServedFault {
        let kind: ServedFault.Kind =
            switch fault.code {
            case .invalid, .conflict: .badRequest
            case .unauthenticated: .unauthorized
            case .denied: .forbidden
            case .notFound: .notFound
            case .limited: .rateLimited
            case .noCredits, .capped: .quota
            case .overloaded, .unavailable: .overloaded
            case .upstream: .upstream
            case .timedOut: .timeout
            default: .server
            }
        // The detail of what is ours to mend is for the log.
        let isShown = kind != .server && kind != .upstream
        let words = [fault.message, isShown ? fault.detail : nil].compactMap(\.self)
        let field = fault.fields?.first?.pointer.dropFirst()
        return ServedFault(
            kind, words.joined(separator: ": "),
            path: field.flatMap { $0.isEmpty ? nil : .key(.root, String($0)) },
            retryAfter: fault.retryAfterMilliseconds.map { .milliseconds($0) },
            isRetryable: isRetryable(fault))
    }

    /// What the clients' libraries would guess from the status is right for the others.
    private static func isRetryable(_ fault: Fault) -> Bool? {
        switch fault.code {
        case .noCredits, .capped: false
        case .overloaded, .unavailable: true
        default: nil
        }
    }
}

extension Providers.Serve {
    /// A header field or a parameter, by its name in lower case.
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}
