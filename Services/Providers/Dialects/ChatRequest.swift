/// A conversation to be continued, in no provider's dialect.
public struct ChatRequest: Codable, Sendable, Equatable {
    /// The model's name as the provider knows it.
    public var model: String
    /// What the model is told before the conversation.
    public var system: String?
    public var messages: [ChatMessage]
    /// Most tokens of the reply. Every dialect can say it, and one insists on it.
    public var maxTokens: Int
    /// Left out where a provider no longer takes one.
    public var temperature: Double?
    /// Texts that end the reply when the model writes them.
    public var stop: [String]?

    public init(
        model: String, system: String? = nil, messages: [ChatMessage], maxTokens: Int,
        temperature: Double? = nil, stop: [String]? = nil
    ) {
        self.model = model
        self.system = system
        self.messages = messages
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.stop = stop
    }

    /// Refuses what every provider would, before anything is sent.
    func validate() throws(UpstreamFailure) {
        if model.isEmpty { throw .badRequest("the request names no model") }
        if messages.isEmpty { throw .badRequest("the request has no messages") }
        if maxTokens < 1 { throw .badRequest("the request allows no tokens") }
        if let temperature, !temperature.isFinite || temperature < 0 {
            throw .badRequest("the temperature is not a number from zero up")
        }
    }
}

/// One turn of a conversation.
public struct ChatMessage: Codable, Sendable, Equatable {
    public enum Role: String, Codable, Sendable { case user, assistant }

    public var role: Role
    public var content: String

    public init(role: Role, content: String) {
        self.role = role
        self.content = content
    }
}
