/// OpenAI's chat completions, streamed, as many other servers speak them:
/// `POST /v1/chat/completions`.
public struct OpenAIDialect: Dialect {
    public static let name = DialectName.openai.rawValue

    private let legacyTokenLimit: Bool

    /// With `legacyTokenLimit` the reply is limited by `max_tokens`, which OpenAI has given up and
    /// some servers alone know.
    public init(legacyTokenLimit: Bool = false) { self.legacyTokenLimit = legacyTokenLimit }

    public func request(
        _ chat: ChatRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try chat.validate()
        let system = chat.system.map { Body.Message(role: "system", content: $0) }
        let messages = chat.messages.map {
            Body.Message(role: $0.role.rawValue, content: $0.content)
        }
        let body = Body(
            model: chat.model, messages: (system.map { [$0] } ?? []) + messages,
            maxTokens: legacyTokenLimit ? chat.maxTokens : nil,
            maxCompletionTokens: legacyTokenLimit ? nil : chat.maxTokens,
            temperature: chat.temperature, stop: chat.stop)
        return OutgoingCall(
            url: try endpoint.url("/chat/completions"),
            headers: try endpoint.fields(
                accept: "text/event-stream", key: ("Authorization", "Bearer ")),
            body: try JSON.encode(body))
    }

    public func makeParser() -> any StreamParser {
        FramedParser(EventFraming(), OpenAIReader())
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: Self.kind)
    }

    static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
        for word in [error.code, error.type] {
            switch word {
            case "insufficient_quota", "billing_hard_limit_reached": return .quota
            case "rate_limit_exceeded", "rate_limit_error", "requests", "tokens":
                return .rateLimited
            case "model_not_found": return .notFound
            case "invalid_api_key", "authentication_error", "permission_error":
                return .unauthorized
            case "overloaded_error", "engine_overloaded": return .overloaded
            case "server_error", "api_error", "internal_server_error": return .server
            case "context_length_exceeded": return .badRequest
            default: continue
            }
        }
        return nil
    }

    private struct Body: Encodable {
        struct Message: Encodable {
            let role: String
            let content: String
        }
        struct StreamOptions: Encodable {
            let includeUsage = true

            private enum CodingKeys: String, CodingKey {
                case includeUsage = "include_usage"
            }
        }

        let model: String
        let messages: [Message]
        let maxTokens: Int?
        let maxCompletionTokens: Int?
        let temperature: Double?
        let stop: [String]?
        let stream = true
        let streamOptions = StreamOptions()

        private enum CodingKeys: String, CodingKey {
            case model, messages, temperature, stop, stream
            case maxTokens = "max_tokens"
            case maxCompletionTokens = "max_completion_tokens"
            case streamOptions = "stream_options"
        }
    }
}
