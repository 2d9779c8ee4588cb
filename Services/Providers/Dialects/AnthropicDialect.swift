/// Anthropic's Messages, streamed: `POST /v1/messages`.
///
/// An endpoint whose fields name an older `anthropic-version`, as for a server that only speaks
/// like Anthropic, gets that: its key under `x-api-key`, and the temperature.
public struct AnthropicDialect: Dialect {
    public static let name = DialectName.anthropic.rawValue
    /// The version of the interface that is spoken. It refuses a request that names a temperature,
    /// whatever it is, so that is left out.
    public static let version = "2026-10-21"

    public init() {}

    public func request(
        _ chat: ChatRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try chat.validate()
        let older = endpoint.headers.contains {
            $0.name.lowercased() == "anthropic-version" && $0.value < Self.version
        }
        var headers = try endpoint.fields(
            accept: "text/event-stream",
            key: older ? ("x-api-key", "") : ("Authorization", "Bearer "))
        if !headers.contains(where: { $0.name.lowercased() == "anthropic-version" }) {
            headers.append(("anthropic-version", Self.version))
        }
        let body = Body(
            model: chat.model, maxTokens: chat.maxTokens, system: chat.system,
            messages: chat.messages, temperature: older ? chat.temperature : nil,
            stopSequences: chat.stop)
        return OutgoingCall(
            url: try endpoint.url("/v1/messages"), headers: headers, body: try JSON.encode(body))
    }

    public func makeParser() -> any StreamParser {
        FramedParser(EventFraming(), AnthropicReader())
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: Self.kind)
    }

    static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
        switch error.type {
        case "rate_limit_error": .rateLimited
        case "overloaded_error": .overloaded
        case "authentication_error", "permission_error": .unauthorized
        case "billing_error": .quota
        case "invalid_request_error":
            error.message?.lowercased().contains("credit balance") == true ? .quota : .badRequest
        case "request_too_large": .badRequest
        case "not_found_error": .notFound
        case "timeout_error": .timeout
        case "api_error": .server
        default: nil
        }
    }

    private struct Body: Encodable {
        let model: String
        let maxTokens: Int
        let system: String?
        let messages: [ChatMessage]
        let temperature: Double?
        let stopSequences: [String]?
        let stream = true

        private enum CodingKeys: String, CodingKey {
            case model, system, messages, temperature, stream
            case maxTokens = "max_tokens"
            case stopSequences = "stop_sequences"
        }
    }
}
