extension OpenAIDialect: Embedding {
    public func embeddingCall(
        _ request: EmbeddingRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        var body: JSONObject = ["model": .string(request.model)]
        switch request.inputs {
        case .texts(let texts):
            let isPlain = texts.count == 1 && request.extras.says(.plain, in: .openai)
            body["input"] = isPlain ? .string(texts[0]) : JSONValue(texts)
        case .tokens(let lists):
            let lists = lists.map { list in JSONValue.array(list.map { JSONValue($0) }) }
            let isPlain = lists.count == 1 && request.extras.says(.plain, in: .openai)
            body["input"] = isPlain ? lists[0] : .array(lists)
        }
        body.set("dimensions", request.dimensions)
        // Numbers are taken by every server; base64 is a third as long where it is known.
        body["encoding_format"] = flavor.takesExtensions ? "float" : "base64"
        body.set("user", request.user)
        body.fill(from: request.extras[.openai])
        return OutgoingCall(
            url: try endpoint.url("/embeddings"),
            headers: try Self.headers(endpoint, isStreamed: false), body: body)
    }

    public func embeddings(
        _ body: [UInt8], for request: EmbeddingRequest
    ) throws(UpstreamFailure) -> EmbeddingAnswer {
        let value = try JSONValue.reply(body)
        if value["error"] != nil, let error = ErrorBody(value) {
            throw UpstreamFailure(inStream: error, kind: Self.kind)
        }
        guard let items = value["data"]?.array else { throw .garbage("the reply has no vectors") }
        var vectors = [[Float]](repeating: [], count: items.count)
        for (place, item) in items.enumerated() {
            let index = item["index"]?.int ?? place
            guard vectors.indices.contains(index) else {
                throw .garbage("a vector of the reply has another's number")
            }
            vectors[index] = try EmbeddingAnswer.vector(item["embedding"])
        }
        let usage = value["usage"].map { TokenUsage(input: tokens($0["prompt_tokens"])) }
        return try EmbeddingAnswer.checked(
            EmbeddingAnswer(
                model: value["model"]?.string ?? request.model, vectors: vectors, usage: usage),
            for: request)
    }
}

extension OllamaDialect: Embedding {
    public func embeddingCall(
        _ request: EmbeddingRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        var body: JSONObject = ["model": .string(request.model)]
        body["input"] = JSONValue(try request.texts(for: "Ollama"))
        body.set("dimensions", request.dimensions)
        body.fill(from: request.extras[.ollama])
        return OutgoingCall(
            url: try endpoint.url("/api/embed"),
            headers: try endpoint.fields(accept: nil, key: ("Authorization", "Bearer ")),
            body: body)
    }

    public func embeddings(
        _ body: [UInt8], for request: EmbeddingRequest
    ) throws(UpstreamFailure) -> EmbeddingAnswer {
        let value = try JSONValue.reply(body)
        if value["error"] != nil, let error = ErrorBody(value) {
            throw UpstreamFailure(inStream: error, kind: Self.kind)
        }
        var vectors: [[Float]] = []
        for item in value["embeddings"]?.array ?? [] {
            vectors.append(try EmbeddingAnswer.vector(item))
        }
        let usage = value["prompt_eval_count"].map { TokenUsage(input: tokens($0)) }
        return try EmbeddingAnswer.checked(
            EmbeddingAnswer(
                model: value["model"]?.string ?? request.model, vectors: vectors, usage: usage),
            for: request)
    }
}

extension GeminiDialect: Embedding {
    public func embeddingCall(
        _ request: EmbeddingRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall {
        try request.validate()
        let model = Self.path(request.model)
        var requests: [JSONValue] = []
        for text in try request.texts(for: "Gemini") {
            var inner: JSONObject = [
                "model": .string(model), "content": ["parts": [["text": .string(text)]]],
            ]
            inner.set("outputDimensionality", request.dimensions)
            inner.fill(from: request.extras[.gemini])
            requests.append(.object(inner))
        }
        return OutgoingCall(
            url: try endpoint.url("/v1beta/\(model):batchEmbedContents"),
            headers: try endpoint.fields(accept: nil, key: ("x-goog-api-key", "")),
            body: ["requests": .array(requests)])
    }

    public func embeddings(
        _ body: [UInt8], for request: EmbeddingRequest
    ) throws(UpstreamFailure) -> EmbeddingAnswer {
        let value = try JSONValue.reply(body)
        if value["error"] != nil, let error = ErrorBody(value) {
            throw UpstreamFailure(inStream: error, kind: Self.kind)
        }
        var vectors: [[Float]] = []
        for item in value["embeddings"]?.array ?? [] {
            vectors.append(try EmbeddingAnswer.vector(item["values"]))
        }
        let count = value["usageMetadata"]?["promptTokenCount"]
        return try EmbeddingAnswer.checked(
            EmbeddingAnswer(
                model: request.model, vectors: vectors,
                usage: count.map { TokenUsage(input: tokens($0)) }),
            for: request)
    }
}
