/// How one kind of provider is spoken to. Values and state machines only: somebody else connects.
public protocol Dialect: Sendable {
    /// The name it has in configuration.
    static var name: DialectName { get }

    /// The call for a reply to `request`, in pieces if that is what it wants.
    func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall

    /// Reads the body of one streamed response with status 200. Where a provider gives a call no
    /// identifier, one is made of `name`, which is to be new in each reply of a conversation.
    func makeParser(named name: String) -> any StreamParser

    /// Reads the body of one whole response with status 200.
    func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer

    /// What a response with another status means.
    func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure
}

extension Dialect {
    public func makeParser() -> any StreamParser { makeParser(named: "0") }

    public func answer(_ body: [UInt8]) throws(UpstreamFailure) -> ModelAnswer {
        try answer(body, named: "0")
    }
}

/// Turns the bytes of a streamed reply, cut anywhere, into events.
public protocol StreamParser: Sendable {
    /// True once nothing more needs to be read: the reply has ended, or a failure waits.
    var isFinished: Bool { get }

    /// What `bytes` complete. When a failure follows events in the same bytes, those are returned
    /// and the failure is thrown by the next call, so that how the bytes are cut makes no
    /// difference. Bytes after the end are ignored.
    mutating func feed(_ bytes: [UInt8]) throws(UpstreamFailure) -> [ModelEvent]

    /// Says that no more bytes come: `truncated` unless the reply had come to its end.
    mutating func end() throws(UpstreamFailure) -> [ModelEvent]
}

/// The dialects by the name that configuration gives them.
public enum DialectName: String, Codable, Sendable, CaseIterable {
    case anthropic, openai, ollama, gemini
    case responses = "openai-responses"

    public var dialect: any Dialect {
        switch self {
        case .anthropic: AnthropicDialect()
        case .openai: OpenAIDialect()
        case .ollama: OllamaDialect()
        case .gemini: GeminiDialect()
        case .responses: ResponsesDialect()
        }
    }
}
