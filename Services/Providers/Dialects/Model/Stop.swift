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

/// The end of a reply, with what its dialect says of it.
public struct Stop: Sendable, Equatable {
    public var reason: StopReason
    /// The dialect's own word for the reason, for several words can mean the same.
    public var word: RawWord?
    /// The text that ended the reply, where the dialect tells.
    public var sequence: String?
    public var extras: Extras

    public struct RawWord: Sendable, Equatable {
        public var origin: DialectName
        public var word: String
    }

    public init(_ reason: StopReason, sequence: String? = nil, extras: Extras = Extras()) {
        (self.reason, word, self.sequence, self.extras) = (reason, nil, sequence, extras)
    }

    init(_ reason: StopReason, _ origin: DialectName, _ word: String, sequence: String? = nil) {
        self.init(reason, sequence: sequence)
        self.word = RawWord(origin: origin, word: word)
    }

    /// The dialect's own word, if the reply came in that dialect.
    func word(in dialect: DialectName) -> String? {
        word?.origin == dialect ? word?.word : nil
    }
}
