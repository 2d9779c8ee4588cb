/// What servers that speak OpenAI's chat do not agree on.
public struct ChatFlavor: Sendable, Equatable {
    /// Which reasoning of earlier turns a server wants to see again.
    public enum ReasoningEcho: Sendable {
        case none
        /// Since the last question, as for calls of tools that are under way.
        case sinceQuestion
        case all
    }

    /// Limits the reply by `max_tokens`, which OpenAI has given up and some servers alone know.
    public var usesOlderLimit = false
    /// Asks for the figures of a stream; some servers refuse the option.
    public var asksForUsage = true
    /// True when a stream that ends without `[DONE]` was cut off. Some servers never send it; with
    /// them a reason to stop is the end.
    public var endsWithDone = true
    public var reasoningEcho = ReasoningEcho.none
    /// Sends what is no part of OpenAI's interface and known to many servers: `top_k`, signatures
    /// of reasoning and calls, marks for caches in Anthropic's way.
    public var takesExtensions = false
    /// Sends marks for caches that came from another dialect; only newer models take them.
    public var translatesCacheMarks = false

    public init() {}

    /// OpenAI itself.
    public static let openAI = ChatFlavor()

    /// A server of one's own, or another provider's: what most of them take.
    public static let compatible: ChatFlavor = {
        var flavor = ChatFlavor()
        flavor.usesOlderLimit = true
        flavor.endsWithDone = false
        flavor.reasoningEcho = .sinceQuestion
        flavor.takesExtensions = true
        return flavor
    }()

    /// Towards a client of ours: everything, so that it can be given back.
    static let served: ChatFlavor = {
        var flavor = ChatFlavor()
        flavor.reasoningEcho = .all
        flavor.takesExtensions = true
        flavor.translatesCacheMarks = true
        return flavor
    }()
}
