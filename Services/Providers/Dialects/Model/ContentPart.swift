/// A piece of a turn. Every dialect's pieces have their place here, and what has none is `other`.
public enum ContentPart: Sendable, Equatable {
    case text(TextPart)
    case media(MediaPart)
    case toolCall(ToolCall)
    case toolResult(ToolResult)
    case thinking(ThinkingPart)
    case redacted(RedactedPart)
    /// As the dialect wrote it, for that dialect alone.
    case other(RawPart)

    /// Text and nothing more.
    public static func plain(_ text: String) -> ContentPart { .text(TextPart(text)) }

    public var extras: Extras {
        get {
            switch self {
            case .text(let part): part.extras
            case .media(let part): part.extras
            case .toolCall(let part): part.extras
            case .toolResult(let part): part.extras
            case .thinking(let part): part.extras
            case .redacted(let part): part.extras
            case .other: Extras()
            }
        }
        set {
            switch self {
            case .text(var part):
                part.extras = newValue
                self = .text(part)
            case .media(var part):
                part.extras = newValue
                self = .media(part)
            case .toolCall(var part):
                part.extras = newValue
                self = .toolCall(part)
            case .toolResult(var part):
                part.extras = newValue
                self = .toolResult(part)
            case .thinking(var part):
                part.extras = newValue
                self = .thinking(part)
            case .redacted(var part):
                part.extras = newValue
                self = .redacted(part)
            case .other: break
            }
        }
    }

    /// What is read aloud of it; nil for what is no text.
    public var text: String? {
        if case .text(let part) = self { part.text } else { nil }
    }
}

/// A text of a turn.
public struct TextPart: Sendable, Equatable {
    public var text: String
    /// The model says no in it; only OpenAI's dialects set such a text apart.
    public var isRefusal: Bool
    public var cache: CacheMark?
    /// What its provider wants to see again with it.
    public var signature: Signature?
    public var extras: Extras

    public init(
        _ text: String, isRefusal: Bool = false, cache: CacheMark? = nil,
        signature: Signature? = nil, extras: Extras = Extras()
    ) {
        (self.text, self.isRefusal, self.cache) = (text, isRefusal, cache)
        (self.signature, self.extras) = (signature, extras)
    }
}

/// A picture, a recording or a document.
public struct MediaPart: Sendable, Equatable {
    public enum Kind: String, Sendable { case image, audio, video, document }

    public enum Source: Sendable, Equatable {
        /// Base64, as all dialects carry it.
        case data(String)
        case url(String)
        /// The words of a document.
        case text(String)
        /// A file that the provider holds already, by the provider's name for it.
        case file(String)
    }

    public var kind: Kind
    public var source: Source
    /// As in `image/png`; nil where nothing tells.
    public var mediaType: String?
    /// The file's name.
    public var name: String?
    /// How closely a picture is to be looked at: OpenAI's `low`, `high`, `auto`.
    public var detail: String?
    public var cache: CacheMark?
    public var extras: Extras

    public init(
        _ kind: Kind, _ source: Source, mediaType: String? = nil, name: String? = nil,
        detail: String? = nil, cache: CacheMark? = nil, extras: Extras = Extras()
    ) {
        (self.kind, self.source, self.mediaType, self.name) = (kind, source, mediaType, name)
        (self.detail, self.cache, self.extras) = (detail, cache, extras)
    }
}

/// What a model shows of its reasoning.
public struct ThinkingPart: Sendable, Equatable {
    public var text: String
    /// Without it, or with another provider's, thinking is not shown to a provider that signs it.
    public var signature: Signature?
    public var extras: Extras

    public init(_ text: String, signature: Signature? = nil, extras: Extras = Extras()) {
        (self.text, self.signature, self.extras) = (text, signature, extras)
    }
}

/// Reasoning that only its provider can read. It is given back unchanged.
public struct RedactedPart: Sendable, Equatable {
    public var sealed: Signature
    public var extras: Extras

    public init(_ sealed: Signature, extras: Extras = Extras()) {
        (self.sealed, self.extras) = (sealed, extras)
    }
}

/// A part that the model has no word for, as it was written.
public struct RawPart: Sendable, Equatable {
    public var origin: DialectName
    public var value: JSONValue

    public init(_ origin: DialectName, _ value: JSONValue) {
        (self.origin, self.value) = (origin, value)
    }

    /// Its dialect's word for it.
    var kind: String {
        let word = value["type"]?.string ?? value["role"]?.string ?? value.object?.keys.first
        return String((word ?? "another").prefix(80))
    }
}

/// What a provider signs reasoning with, and wants to see again as it was. It means nothing to any
/// other provider.
public struct Signature: Sendable, Equatable {
    public var origin: DialectName
    public var value: String

    public init(_ origin: DialectName, _ value: String) {
        (self.origin, self.value) = (origin, value)
    }
}
