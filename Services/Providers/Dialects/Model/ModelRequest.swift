/// A conversation to be continued, in no provider's dialect. Nothing a served dialect can say is
/// lost in it: what has no field is in `extras`.
public struct ModelRequest: Sendable, Equatable {
    /// The model's name as the provider knows it.
    public var model: String
    /// What the model is told before the conversation.
    public var system: [ContentPart]
    public var messages: [ModelMessage]
    public var tools: [ModelTool]
    public var toolChoice: ToolChoice?
    /// Whether several tools may be called at once; nil where nothing was said.
    public var parallelTools: Bool?
    public var format: ResponseFormat?
    public var sampling: Sampling
    /// Texts that end the reply when the model writes them.
    public var stop: [String]
    /// Most tokens of the reply.
    public var maxTokens: Int?
    public var thinking: ThinkingWish?
    /// Who asks, as the provider is told; nothing that identifies a person.
    public var user: String?
    /// A mark for the whole request (Anthropic).
    public var cache: CacheMark?
    /// True when the reply is to come in pieces.
    public var isStreamed: Bool
    /// True when a client of OpenAI's chat wants the figures in a chunk of their own.
    public var wantsUsage: Bool
    /// What is not part of a provider's interface yet and asked for by name: Anthropic's betas.
    public var betas: [String] = []
    public var extras: Extras

    public init(
        model: String, system: [ContentPart] = [], messages: [ModelMessage],
        tools: [ModelTool] = [], toolChoice: ToolChoice? = nil, parallelTools: Bool? = nil,
        format: ResponseFormat? = nil, sampling: Sampling = Sampling(), stop: [String] = [],
        maxTokens: Int? = nil, thinking: ThinkingWish? = nil, user: String? = nil,
        isStreamed: Bool = true
    ) {
        (self.model, self.system, self.messages) = (model, system, messages)
        (self.tools, self.toolChoice, self.parallelTools) = (tools, toolChoice, parallelTools)
        (self.format, self.sampling, self.stop) = (format, sampling, stop)
        (self.maxTokens, self.thinking, self.user) = (maxTokens, thinking, user)
        (self.isStreamed, wantsUsage, cache, extras) = (isStreamed, false, nil, Extras())
    }

    /// Refuses what every provider would, before anything is sent.
    func validate() throws(UpstreamFailure) {
        if model.isEmpty { throw .badRequest("the request names no model") }
        if messages.isEmpty { throw .badRequest("the request has no messages") }
        if let maxTokens, maxTokens < 1 { throw .badRequest("the request allows no tokens") }
        if let heat = sampling.temperature, !heat.isFinite || heat < 0 {
            throw .badRequest("the temperature is not a number from zero up")
        }
    }
}

/// One turn of a conversation.
public struct ModelMessage: Sendable, Equatable {
    public enum Role: String, Codable, Sendable { case system, developer, user, assistant, tool }

    public var role: Role
    public var parts: [ContentPart]
    /// Who of several speaks (OpenAI).
    public var name: String?
    public var extras: Extras

    public init(
        _ role: Role, _ parts: [ContentPart], name: String? = nil, extras: Extras = Extras()
    ) {
        (self.role, self.parts, self.name, self.extras) = (role, parts, name, extras)
    }

    public init(_ role: Role, _ text: String) { self.init(role, [.plain(text)]) }

    /// Its texts, joined.
    public var text: String { parts.compactMap(\.text).joined() }
}

/// How freely the next token is chosen. Left out where a provider no longer takes it.
public struct Sampling: Sendable, Equatable {
    public var temperature: Double?
    public var topP: Double?
    public var topK: Int?
    public var seed: Int?
    public var frequencyPenalty: Double?
    public var presencePenalty: Double?

    public init(
        temperature: Double? = nil, topP: Double? = nil, topK: Int? = nil, seed: Int? = nil,
        frequencyPenalty: Double? = nil, presencePenalty: Double? = nil
    ) {
        (self.temperature, self.topP, self.topK) = (temperature, topP, topK)
        (self.seed, self.frequencyPenalty) = (seed, frequencyPenalty)
        self.presencePenalty = presencePenalty
    }
}

/// What form the reply is to have.
public enum ResponseFormat: Sendable, Equatable {
    case text
    /// Some JSON.
    case json
    case schema(SchemaFormat)
}

/// JSON that fits a schema.
public struct SchemaFormat: Sendable, Equatable {
    public var schema: JSONValue
    /// OpenAI wants one; the others have none.
    public var name: String?
    public var description: String?
    public var isStrict: Bool?
    public var extras: Extras

    public init(
        _ schema: JSONValue, name: String? = nil, description: String? = nil,
        isStrict: Bool? = nil, extras: Extras = Extras()
    ) {
        (self.schema, self.name, self.description) = (schema, name, description)
        (self.isStrict, self.extras) = (isStrict, extras)
    }
}
