/// Ollama's own interface, streamed as lines of JSON: `POST /api/chat`.
public struct OllamaDialect: Dialect {
    public static let name = DialectName.ollama.rawValue

    public init() {}

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
            options: Body.Options(
                numPredict: chat.maxTokens, temperature: chat.temperature, stop: chat.stop))
        return OutgoingCall(
            url: try endpoint.url("/api/chat"),
            headers: try endpoint.fields(
                accept: "application/x-ndjson", key: ("Authorization", "Bearer ")),
            body: try JSON.encode(body))
    }

    public func makeParser() -> any StreamParser {
        FramedParser(LineFraming(), OllamaReader())
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body) { _ in nil }
    }

    /// Within a stream there are only words to go by.
    static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
        let words = error.message?.lowercased() ?? ""
        if words.contains("not found") { return .notFound }
        if words.contains("busy") || words.contains("overloaded") { return .overloaded }
        return nil
    }

    private struct Body: Encodable {
        struct Message: Encodable {
            let role: String
            let content: String
        }
        struct Options: Encodable {
            let numPredict: Int
            let temperature: Double?
            let stop: [String]?

            private enum CodingKeys: String, CodingKey {
                case temperature, stop
                case numPredict = "num_predict"
            }
        }

        let model: String
        let messages: [Message]
        let options: Options
        let stream = true
    }
}
