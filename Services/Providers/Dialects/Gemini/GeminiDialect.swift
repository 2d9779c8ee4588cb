/// Google's Gemini: `POST /v1beta/models/…:generateContent`, and `:streamGenerateContent` for
/// pieces. A base URL that ends in a version is kept to.
public struct GeminiDialect: Dialect {
    public static let name = DialectName.gemini

    public init() {}

    public func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        let action = request.isStreamed ? "streamGenerateContent?alt=sse" : "generateContent"
        return OutgoingCall(
            url: try url(request.model, action, endpoint),
            headers: try headers(endpoint, isStreamed: request.isStreamed),
            body: try GeminiEncoder().request(request))
    }

    private func url(
        _ model: String, _ action: String, _ endpoint: Endpoint
    ) throws(UpstreamFailure) -> String {
        try endpoint.url("/v1beta/\(Self.path(model)):\(action)")
    }

    /// The model's full name, as in `models/gemini-2.5-flash`.
    static func path(_ model: String) -> String {
        let pieces = model.split(separator: "/", omittingEmptySubsequences: false)
        let escaped = pieces.map { Endpoint.escaped(String($0)) }.joined(separator: "/")
        return pieces.count > 1 ? escaped : "models/" + escaped
    }

    private func headers(
        _ endpoint: Endpoint, isStreamed: Bool, hasBody: Bool = true
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        try endpoint.fields(
            accept: isStreamed ? "text/event-stream" : nil, key: ("x-goog-api-key", ""),
            hasBody: hasBody)
    }

    public func makeParser(named name: String) -> any StreamParser {
        FramedParser(EventFraming(errorKind: Self.kind), GeminiReader(name: name))
    }

    public func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer {
        var reader = GeminiReader(name: name)
        var events: [ModelEvent] = []
        var value = try JSONValue.reply(body)
        // Without `alt=sse` a stream is a list; of one, for a short reply.
        if let list = value.array, list.count == 1 { value = list[0] }
        try reader.read(chunk: value, into: &events)
        guard try reader.end(into: &events) else { throw .truncated }
        var builder = AnswerBuilder()
        builder.add(events)
        return builder.answer
    }

    public func failure(
        status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) -> UpstreamFailure {
        UpstreamFailure(status: status, headers: headers, body: body, kind: Self.kind)
    }

    /// Google's names for errors (google.rpc.Code).
    @Sendable static func kind(_ error: ErrorBody) -> UpstreamFailure.Kind? {
        switch error.type {
        case "RESOURCE_EXHAUSTED": .rateLimited
        case "UNAVAILABLE": .overloaded
        case "UNAUTHENTICATED", "PERMISSION_DENIED": .unauthorized
        case "INVALID_ARGUMENT":
            error.message?.contains("API key not valid") == true ? .unauthorized : .badRequest
        case "FAILED_PRECONDITION":
            error.message?.lowercased().contains("billing") == true ? .quota : .badRequest
        case "OUT_OF_RANGE", "UNIMPLEMENTED": .badRequest
        case "NOT_FOUND": .notFound
        case "DEADLINE_EXCEEDED": .timeout
        case "INTERNAL", "UNKNOWN", "ABORTED", "CANCELLED", "DATA_LOSS": .server
        default: nil
        }
    }
}

extension GeminiDialect: TokenCounting {
    public func countCall(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        var inner = try GeminiEncoder().request(request)
        inner["model"] = .string(Self.path(request.model))
        return OutgoingCall(
            url: try url(request.model, "countTokens", endpoint),
            headers: try headers(endpoint, isStreamed: false),
            body: ["generateContentRequest": .object(inner)])
    }

    public func count(_ body: [UInt8]) throws(UpstreamFailure) -> Int {
        let value = try JSONValue.reply(body)
        guard value["totalTokens"]?.int != nil else {
            throw .garbage("the reply holds no totalTokens")
        }
        return tokens(value["totalTokens"])
    }
}

extension GeminiDialect: ModelListing {
    public func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        var path = "/v1beta/models?pageSize=1000"
        if let page { path += "&pageToken=" + Endpoint.escaped(page) }
        return OutgoingCall(
            reading: try endpoint.url(path),
            headers: try headers(endpoint, isStreamed: false, hasBody: false))
    }

    public func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage {
        let value = try JSONValue.reply(body)
        let models = try ListedModel.list(value["models"] ?? []) { item in
            guard let name = item["name"]?.string else { return nil }
            let actions = item["supportedGenerationMethods"]?.array ?? []
            return ListedModel(
                name.hasPrefix("models/") ? String(name.dropFirst(7)) : name,
                title: item["displayName"]?.string, inputTokens: item["inputTokenLimit"]?.int,
                outputTokens: item["outputTokenLimit"]?.int,
                actions: actions.compactMap(\.string))
        }
        return ModelPage(models: models, next: value["nextPageToken"]?.string)
    }
}
