import Dialects
import Testing

/// Lists of models, counts of tokens, and addresses.
@Suite struct ListingTests {
    private let bare = Endpoint(baseURL: "https://a", key: "k-1")

    @Test("each dialect is asked for its models in its way, page by page")
    func calls() throws {
        let anthropic = try AnthropicDialect().listCall(after: "a b", endpoint: bare)
        #expect(anthropic.method == "GET" && anthropic.body.isEmpty)
        #expect(anthropic.url == "https://a/v1/models?limit=1000&after_id=a%20b")
        #expect(anthropic.headers.contains { $0.name == "anthropic-version" })
        let openAI = try OpenAIDialect().listCall(
            after: nil, endpoint: Endpoint(baseURL: "https://a/v1"))
        #expect(openAI.url == "https://a/v1/models")
        let gemini = try GeminiDialect().listCall(after: "t/=", endpoint: bare)
        #expect(gemini.url == "https://a/v1beta/models?pageSize=1000&pageToken=t%2F%3D")
        #expect(gemini.headers.contains { $0.name == "x-goog-api-key" && $0.value == "k-1" })
        let ollama = try OllamaDialect().listCall(after: nil, endpoint: bare)
        #expect(ollama.url == "https://a/api/tags")
    }

    @Test("lists are read with what they say of each model")
    func lists() throws {
        let anthropic = """
            {"data":[{"type":"model","id":"c-1","display_name":"C","created_at":"2026-01-01T00:00:00Z",\
            "max_input_tokens":200000,"max_tokens":64000}],"has_more":true,"first_id":"c-1","last_id":"c-1"}
            """
        let page = try AnthropicDialect().models(Array(anthropic.utf8))
        #expect(page.next == "c-1")
        #expect(
            page.models == [
                ListedModel("c-1", title: "C", inputTokens: 200_000, outputTokens: 64_000)
            ])
        let openAI = """
            {"object":"list","data":[{"id":"g","object":"model","created":5,"owned_by":"o"},\
            {"id":"v","object":"model","max_model_len":4096},{"object":"model"}]}
            """
        #expect(
            try OpenAIDialect().models(Array(openAI.utf8)).models == [
                ListedModel("g", created: 5, owner: "o"), ListedModel("v", inputTokens: 4_096),
            ])
        let gemini = """
            {"models":[{"name":"models/gemini-3-flash","displayName":"F","inputTokenLimit":1048576,\
            "outputTokenLimit":65536,"supportedGenerationMethods":["generateContent"]}],\
            "nextPageToken":"n"}
            """
        let google = try GeminiDialect().models(Array(gemini.utf8))
        #expect(google.next == "n")
        #expect(google.models.first?.id == "gemini-3-flash")
        #expect(google.models.first?.actions == ["generateContent"])
        let ollama = #"{"models":[{"name":"q:8b","model":"q:8b","size":1},{"name":"older"}]}"#
        #expect(
            try OllamaDialect().models(Array(ollama.utf8)).models.map(\.id) == ["q:8b", "older"])
        for dialect in DialectName.allCases.compactMap({ $0.dialect as? any ModelListing }) {
            #expect(throws: UpstreamFailure.self) { try dialect.models(Array("[1".utf8)) }
        }
    }

    @Test("lists are served as each API has them")
    func served() throws {
        let models = (0..<25).map { ListedModel("m\($0)", created: 951_782_400 + $0) }
        let openAI = try JSONValue(parsing: ServedModels.openAI(models))
        #expect(openAI["object"] == "list" && openAI["data"]?.array?.count == 25)
        #expect(try OpenAIDialect().models(ServedModels.openAI(models)).models.first?.id == "m0")
        let first = ServedModels.anthropic(models)
        let page = try AnthropicDialect().models(first)
        #expect(page.models.count == 20 && page.next == "m19")
        let rest = try AnthropicDialect().models(ServedModels.anthropic(models, after: "m19"))
        #expect(rest.models.map(\.id) == ["m20", "m21", "m22", "m23", "m24"] && rest.next == nil)
        let card = try JSONValue(parsing: ServedModels.anthropic(models[0]))
        #expect(card["created_at"] == "2000-02-29T00:00:00Z")
        let none = try JSONValue(parsing: ServedModels.anthropic([ListedModel]()))
        #expect(none["has_more"] == false && none["last_id"] == nil)
    }

    @Test("tokens are counted by those who can, and the count is read")
    func counting() throws {
        let anthropic = try AnthropicDialect().countCall(chat, endpoint: bare)
        #expect(anthropic.url == "https://a/v1/messages/count_tokens")
        #expect(try json(anthropic)["max_tokens"] == nil && json(anthropic)["stream"] == nil)
        let gemini = try GeminiDialect().countCall(chat, endpoint: bare)
        #expect(gemini.url == "https://a/v1beta/models/m:countTokens")
        #expect(try json(gemini)["generateContentRequest"]?["model"] == "models/m")
        let responses = try ResponsesDialect().countCall(
            chat, endpoint: Endpoint(baseURL: "https://a/v1"))
        #expect(responses.url == "https://a/v1/responses/input_tokens")
        #expect(try json(responses)["stream"] == nil && json(responses)["instructions"] != nil)
        #expect(try AnthropicDialect().count(Array(#"{"input_tokens":7}"#.utf8)) == 7)
        #expect(try GeminiDialect().count(Array(#"{"totalTokens":8}"#.utf8)) == 8)
        #expect(try ResponsesDialect().count(Array(#"{"input_tokens":9}"#.utf8)) == 9)
        #expect(throws: UpstreamFailure.self) { try GeminiDialect().count(Array("{}".utf8)) }
    }

    @Test(
        "an address keeps the version that configuration gives it",
        arguments: [
            ("https://a", "https://a/v1beta/models/m:generateContent"),
            ("https://a/", "https://a/v1beta/models/m:generateContent"),
            ("https://a/v1", "https://a/v1/models/m:generateContent"),
            ("https://a/v1beta/", "https://a/v1beta/models/m:generateContent"),
        ])
    func versions(base: String, url: String) throws {
        var request = chat
        request.isStreamed = false
        let call = try GeminiDialect().request(request, endpoint: Endpoint(baseURL: base))
        #expect(call.url == url)
        let streamed = try GeminiDialect().request(chat, endpoint: Endpoint(baseURL: base))
        #expect(streamed.url.hasSuffix("models/m:streamGenerateContent?alt=sse"))
        let body = try json(streamed)
        #expect(body["model"] == nil && body["stream"] == nil)
    }

    @Test("a model's name cannot leave its place in an address")
    func escaping() throws {
        var request = chat
        for (model, piece) in [
            ("tunedModels/x", "/tunedModels/x:"), ("a?b#c", "/models/a%3Fb%23c:"),
            ("models/gemini", "/models/gemini:"), ("ü x", "/models/%C3%BC%20x:"),
        ] {
            request.model = model
            let url = try GeminiDialect().request(request, endpoint: bare).url
            #expect(url.contains(piece), "\(url)")
        }
    }
}
