/// A piece of a streamed reply.
public enum ChatDelta: Sendable, Equatable {
    case text(String)
    /// What a model shows of its reasoning.
    case thinking(String)
    /// The figures so far; each replaces the one before.
    case usage(TokenUsage)
    case stop(StopReason)
}

/// What a call has used, counted alike for every provider.
public struct TokenUsage: Codable, Sendable, Equatable {
    /// All tokens of the request, with those read from and written to a cache.
    public var input: Int
    /// All tokens of the reply, reasoning included.
    public var output: Int
    /// Of `input`, read from a cache.
    public var cachedInput: Int
    /// Of `input`, written to a cache.
    public var cacheWrite: Int
    /// Of `cacheWrite`, kept for an hour, which has its own price.
    public var cacheWriteHour: Int
    /// Of `output`, spent on reasoning.
    public var reasoning: Int
    /// True when a figure was worked out here because the provider gave none.
    public var isEstimated: Bool

    public init(
        input: Int = 0, output: Int = 0, cachedInput: Int = 0, cacheWrite: Int = 0,
        cacheWriteHour: Int = 0, reasoning: Int = 0, isEstimated: Bool = false
    ) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWriteHour = cacheWriteHour
        self.reasoning = reasoning
        self.isEstimated = isEstimated
    }

    /// For a reply whose figures never came, as after an interruption: four bytes to a token, and
    /// a few tokens around each message.
    public static func estimated(for chat: ChatRequest, outputBytes: Int) -> TokenUsage {
        let texts = [chat.system ?? ""] + chat.messages.map(\.content)
        let input = texts.reduce(0) { $0 + ($1.utf8.count + 3) / 4 + 4 }
        return TokenUsage(input: input, output: (outputBytes + 3) / 4, isEstimated: true)
    }
}

/// Why a reply ended.
public enum StopReason: Sendable, Equatable {
    /// The model had said what it had to say.
    case end
    /// The limit of tokens was reached.
    case length
    /// The model wrote one of the texts that end a reply.
    case stopSequence
    /// The model wants a tool called.
    case toolUse
    /// The provider paused a long turn, which can be continued.
    case pause
    /// The model or a filter refused.
    case refusal
    /// The conversation no longer fits the model.
    case contextWindow
    /// The provider's own word.
    case other(String)
}
