/// OpenAI's Responses: `POST /v1/responses`.
public struct ResponsesDialect: Dialect {
    public static let name = DialectName.responses

    public init() {}

    public func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        return OutgoingCall(
            url: try endpoint.url("/responses"),
            headers: try OpenAIDialect.headers(endpoint, isStreamed: request.isStreamed),
            body: try ResponsesEncoder().request(request))
    }

    public func makeParser(named name: String) -> any StreamParser {
        FramedParser(EventFraming(errorKind: OpenAIDialect.kind), ResponsesReader())
    }

    public func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer {
        try ResponsesAnswer.decode(try JSONValue.reply(body))
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: OpenAIDialect.kind)
    }
}

extension ResponsesDialect: TokenCounting {
    public func countCall(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        let whole = try ResponsesEncoder().request(request)
        var body = JSONObject()
        for key in [
            "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls",
            "reasoning", "text", "truncation", "previous_response_id", "conversation",
        ] { body.set(key, whole[key]) }
        return OutgoingCall(
            url: try endpoint.url("/responses/input_tokens"),
            headers: try OpenAIDialect.headers(endpoint, isStreamed: false), body: body)
    }

    public func count(_ body: [UInt8]) throws(UpstreamFailure) -> Int {
        let value = try JSONValue.reply(body)
        guard value["input_tokens"]?.int != nil else {
            throw .garbage("the reply holds no input_tokens")
        }
        return tokens(value["input_tokens"])
    }
}

extension ResponsesDialect: ModelListing {
    public func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try OpenAIDialect().listCall(after: page, endpoint: endpoint)
    }

    public func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage {
        try OpenAIDialect().models(body)
    }
}
