/// Anthropic's Messages: `POST /v1/messages`.
///
/// An endpoint whose fields name an older `anthropic-version`, as for a server that only speaks
/// like Anthropic, gets that: its key under `x-api-key`, and the temperature.
public struct AnthropicDialect: Dialect {
    public static let name = DialectName.anthropic
    /// The version of the interface that is spoken. It refuses a request that names a temperature,
    /// whatever it is, so that is left out.
    public static let version = "2026-10-21"

    /// Most tokens of a reply where the request says nothing.
    public var defaultMaxTokens = 4_096

    public init() {}

    public func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        let encoder = AnthropicEncoder(
            takesSampling: isOlder(endpoint), defaultMaxTokens: defaultMaxTokens)
        return OutgoingCall(
            url: try endpoint.url("/v1/messages"),
            headers: try headers(
                endpoint, isStreamed: request.isStreamed, betas: request.betas),
            body: try encoder.request(request))
    }

    public func makeParser(named name: String) -> any StreamParser {
        FramedParser(EventFraming(errorKind: Self.kind), AnthropicReader())
    }

    public func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer {
        let value = try JSONValue.reply(body)
        if value["type"] == "error" || value["error"] != nil, let error = ErrorBody(value) {
            throw UpstreamFailure(inStream: error, kind: Self.kind)
        }
        return try AnthropicAnswer.decode(value)
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: Self.kind)
    }

    private func isOlder(_ endpoint: Endpoint) -> Bool {
        endpoint.headers.contains {
            $0.name.lowercased() == "anthropic-version" && $0.value < Self.version
        }
    }

    private func headers(
        _ endpoint: Endpoint, isStreamed: Bool, hasBody: Bool = true, betas: [String] = []
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        var headers = try endpoint.fields(
            accept: isStreamed ? "text/event-stream" : nil,
            key: isOlder(endpoint) ? ("x-api-key", "") : ("Authorization", "Bearer "),
            hasBody: hasBody)
        if !headers.contains(where: { $0.name.lowercased() == "anthropic-version" }) {
            headers.append(("anthropic-version", Self.version))
        }
        // Nothing else can stand in a name, and a header cannot hold all else.
        let names = betas.filter { beta in
            !beta.isEmpty && beta.utf8.count <= 100
                && beta.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                        || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
                }
        }
        if !names.isEmpty {
            headers.append(("anthropic-beta", names.prefix(32).joined(separator: ",")))
        }
        return headers
    }

    @Sendable static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
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
}

extension AnthropicDialect: TokenCounting {
    public func countCall(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        let encoder = AnthropicEncoder(
            takesSampling: isOlder(endpoint), defaultMaxTokens: defaultMaxTokens)
        return OutgoingCall(
            url: try endpoint.url("/v1/messages/count_tokens"),
            headers: try headers(endpoint, isStreamed: false, betas: request.betas),
            body: try encoder.request(request, counting: true))
    }

    public func count(_ body: [UInt8]) throws(UpstreamFailure) -> Int {
        let value = try JSONValue.reply(body)
        guard value["input_tokens"]?.int != nil else {
            throw .garbage("the reply holds no input_tokens")
        }
        return tokens(value["input_tokens"])
    }
}

extension AnthropicDialect: ModelListing {
    public func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        var path = "/v1/models?limit=1000"
        if let page { path += "&after_id=" + Endpoint.escaped(page) }
        return OutgoingCall(
            reading: try endpoint.url(path),
            headers: try headers(endpoint, isStreamed: false, hasBody: false))
    }

    public func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage {
        let value = try JSONValue.reply(body)
        let models = try ListedModel.list(value["data"]) { item in
            item["id"]?.string.map {
                ListedModel(
                    $0, title: item["display_name"]?.string,
                    inputTokens: item["max_input_tokens"]?.int,
                    outputTokens: item["max_tokens"]?.int)
            }
        }
        let hasMore = value["has_more"]?.bool ?? false
        return ModelPage(models: models, next: hasMore ? value["last_id"]?.string : nil)
    }
}
