/// Ollama's own interface, streamed as lines of JSON: `POST /api/chat`.
public struct OllamaDialect: Dialect {
    public static let name = DialectName.ollama

    public init() {}

    public func request(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        return OutgoingCall(
            url: try endpoint.url("/api/chat"),
            headers: try headers(
                endpoint, accept: request.isStreamed ? "application/x-ndjson" : nil),
            body: try OllamaEncoder().request(request))
    }

    private func headers(
        _ endpoint: Endpoint, accept: String?, hasBody: Bool = true
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        try endpoint.fields(
            accept: accept, key: ("Authorization", "Bearer "), hasBody: hasBody)
    }

    public func makeParser(named name: String) -> any StreamParser {
        FramedParser(LineFraming(), OllamaReader(name: name))
    }

    public func answer(_ body: [UInt8], named name: String) throws(UpstreamFailure) -> ModelAnswer {
        var reader = OllamaReader(name: name)
        var events: [ModelEvent] = []
        try reader.read(body, into: &events)
        guard reader.isDone else { throw .garbage("the reply is not complete") }
        var builder = AnswerBuilder()
        builder.add(events)
        return builder.answer
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
        if words.contains("does not support") { return .badRequest }
        return nil
    }
}

extension OllamaDialect: ModelListing {
    public func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        OutgoingCall(
            reading: try endpoint.url("/api/tags"),
            headers: try headers(endpoint, accept: nil, hasBody: false))
    }

    public func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage {
        let value = try JSONValue.reply(body)
        return ModelPage(
            models: try ListedModel.list(value["models"]) { item in
                (item["model"] ?? item["name"])?.string.map { ListedModel($0) }
            })
    }
}
