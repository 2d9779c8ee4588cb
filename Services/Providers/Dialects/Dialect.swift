/// How one kind of provider is spoken to. Values and state machines only: somebody else connects.
public protocol Dialect: Sendable {
    /// The name it has in configuration.
    static var name: String { get }

    /// The call that streams the reply to `chat`.
    func request(
        _ chat: ChatRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall

    /// Reads the body of one response with status 200.
    func makeParser() -> any StreamParser

    /// What a response with another status means.
    func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure
}

/// Turns the bytes of a streamed reply, cut anywhere, into deltas.
public protocol StreamParser: Sendable {
    /// True once nothing more needs to be read: the reply has ended, or a failure waits.
    var isFinished: Bool { get }

    /// What `bytes` complete. When a failure follows deltas in the same bytes, those are returned
    /// and the failure is thrown by the next call, so that how the bytes are cut makes no
    /// difference. Bytes after the end are ignored.
    mutating func feed(_ bytes: [UInt8]) throws(UpstreamFailure) -> [ChatDelta]

    /// Says that no more bytes come: `truncated` unless the dialect's own last event was there.
    mutating func end() throws(UpstreamFailure) -> [ChatDelta]
}

/// The dialects by the name that configuration gives them.
public enum DialectName: String, Codable, Sendable, CaseIterable {
    case anthropic, openai, ollama

    public var dialect: any Dialect {
        switch self {
        case .anthropic: AnthropicDialect()
        case .openai: OpenAIDialect()
        case .ollama: OllamaDialect()
        }
    }
}
