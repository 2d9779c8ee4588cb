/// A step of a streamed reply. Parts have numbers, rising from zero in the order in which they
/// open; several may be open at once. A failure is no step: reading throws it.
public enum ModelEvent: Sendable, Equatable {
    case start(AnswerHead)
    /// A part begins, with what is known of it: a text that is empty so far, a call by its name.
    case open(Int, ContentPart)
    case text(Int, String)
    case thinking(Int, String)
    /// Replaces what came before.
    case signature(Int, Signature)
    /// A piece of a call's arguments.
    case arguments(Int, String)
    /// What only its dialect knows, of a part or, without a number, of the reply.
    case detail(Int?, Detail)
    case close(Int)
    /// The figures so far; each replaces the one before.
    case usage(TokenUsage)
    case stop(Stop)
    /// An event that has no meaning here, for a client of the same dialect.
    case other(RawPart)
}

/// How a reply introduces itself.
public struct AnswerHead: Sendable, Equatable {
    /// The provider's name for the reply; empty where it gives none.
    public var id: String
    public var model: String
    /// Seconds since 1970.
    public var created: Int?
    public var extras: Extras

    public init(id: String = "", model: String, created: Int? = nil, extras: Extras = Extras()) {
        (self.id, self.model, self.created, self.extras) = (id, model, created, extras)
    }
}

/// A member that a dialect adds to a part or a reply while it streams.
public struct Detail: Sendable, Equatable {
    public var dialect: DialectName
    public var key: String
    public var value: JSONValue
    /// True when the member is a list, and this one more item of it.
    public var isItem: Bool

    public init(_ dialect: DialectName, _ key: String, _ value: JSONValue, isItem: Bool = false) {
        (self.dialect, self.key, self.value, self.isItem) = (dialect, key, value, isItem)
    }

    func add(to extras: inout Extras) {
        guard isItem else {
            extras[dialect][key] = value
            return
        }
        let items = extras[dialect][key]?.array ?? []
        extras[dialect][key] = .array(items + [value])
    }
}
