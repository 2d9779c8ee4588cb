/// OpenAI's chat completions, as many other servers speak them: `POST /v1/chat/completions`.
public struct OpenAIDialect: Dialect {
    public static let name = DialectName.openai

    public var flavor: ChatFlavor

    public init(_ flavor: ChatFlavor = .openAI) { self.flavor = flavor }

    public func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        return OutgoingCall(
            url: try endpoint.url("/chat/completions"),
            headers: try Self.headers(endpoint, isStreamed: request.isStreamed),
            body: try ChatEncoder(flavor: flavor).request(request))
    }

    public func makeParser(named name: String) -> any StreamParser {
        FramedParser(
            EventFraming(errorKind: Self.kind), ChatReader(flavor: flavor, name: name))
    }

    public func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer {
        try ChatAnswer.decode(try JSONValue.reply(body), name: name)
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: Self.kind)
    }

    static func headers(
        _ endpoint: Endpoint, isStreamed: Bool, hasBody: Bool = true
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        try endpoint.fields(
            accept: isStreamed ? "text/event-stream" : nil, key: ("Authorization", "Bearer "),
            hasBody: hasBody)
    }

    @Sendable static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
        for word in [error.code, error.type] {
            switch word {
            case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
                return .quota
            case "rate_limit_exceeded", "rate_limit_error", "requests", "tokens":
                return .rateLimited
            case "model_not_found", "not_found_error": return .notFound
            case "invalid_api_key", "authentication_error", "permission_error":
                return .unauthorized
            case "overloaded_error", "engine_overloaded": return .overloaded
            case "server_error", "api_error", "internal_server_error": return .server
            case "context_length_exceeded", "invalid_prompt": return .badRequest
            default: continue
            }
        }
        return nil
    }
}

extension OpenAIDialect: ModelListing {
    public func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        OutgoingCall(
            reading: try endpoint.url("/models"),
            headers: try Self.headers(endpoint, isStreamed: false, hasBody: false))
    }

    public func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage {
        let value = try JSONValue.reply(body)
        // Some servers send the bare list.
        return ModelPage(
            models: try ListedModel.list(value["data"] ?? value) { item in
                item["id"]?.string.map {
                    ListedModel(
                        $0, created: item["created"]?.int, owner: item["owned_by"]?.string,
                        inputTokens: item["context_length"]?.int
                            ?? item["max_model_len"]?.int ?? item["context_window"]?.int)
                }
            })
    }
}
