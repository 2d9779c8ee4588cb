import Testing

@testable import Dialects

@Suite struct EmbeddingTests {
    private let endpoint = Endpoint(baseURL: "http://a/v1", key: "k")
    private let bare = Endpoint(baseURL: "http://a", key: "k")
    private let texts = EmbeddingRequest(
        model: "m", inputs: .texts(["one", "two"]), dimensions: 3)

    @Test("each dialect is asked for vectors in its way")
    func calls() throws {
        let chat = try OpenAIDialect().embeddingCall(texts, endpoint: endpoint)
        #expect(chat.url == "http://a/v1/embeddings")
        #expect(
            try json(chat) == [
                "model": "m", "input": ["one", "two"], "dimensions": 3,
                "encoding_format": "base64",
            ])
        let ollama = try OllamaDialect().embeddingCall(texts, endpoint: bare)
        #expect(ollama.url == "http://a/api/embed")
        #expect(try json(ollama) == ["model": "m", "input": ["one", "two"], "dimensions": 3])
        let gemini = try GeminiDialect().embeddingCall(texts, endpoint: bare)
        #expect(gemini.url == "http://a/v1beta/models/m:batchEmbedContents")
        let first = try json(gemini)["requests"]?.array?.first
        #expect(
            first == [
                "model": "models/m", "content": ["parts": [["text": "one"]]],
                "outputDimensionality": 3,
            ])
    }

    @Test("tokens go to OpenAI alone, and nothing to nobody")
    func refusedCalls() throws {
        let tokens = EmbeddingRequest(model: "m", inputs: .tokens([[1, 2], [3]]))
        #expect(
            try json(OpenAIDialect().embeddingCall(tokens, endpoint: endpoint))["input"]
                == [[1, 2], [3]])
        #expect(throws: UpstreamFailure.self) {
            try OllamaDialect().embeddingCall(tokens, endpoint: bare)
        }
        #expect(throws: UpstreamFailure.self) {
            try GeminiDialect().embeddingCall(tokens, endpoint: bare)
        }
        let none = EmbeddingRequest(model: "m", inputs: .texts([]))
        #expect(throws: UpstreamFailure.self) {
            try OpenAIDialect().embeddingCall(none, endpoint: endpoint)
        }
    }

    @Test("vectors are read as numbers and as base64, by their own numbers")
    func replies() throws {
        let body = """
            {"object":"list","model":"m-1","data":[\
            {"object":"embedding","index":1,"embedding":"AACAPwAAAMA="},\
            {"object":"embedding","index":0,"embedding":[0.5,-1e-3]}],\
            "usage":{"prompt_tokens":4,"total_tokens":4}}
            """
        let answer = try OpenAIDialect().embeddings(Array(body.utf8), for: texts)
        #expect(answer.vectors == [[0.5, -0.001], [1, -2]])
        #expect(answer.model == "m-1" && answer.usage == TokenUsage(input: 4))
        let ollama = #"{"model":"m","embeddings":[[1,2],[3,4]],"prompt_eval_count":5}"#
        #expect(
            try OllamaDialect().embeddings(Array(ollama.utf8), for: texts).vectors
                == [[1, 2], [3, 4]])
        let gemini = #"{"embeddings":[{"values":[1]},{"values":[2]}]}"#
        let google = try GeminiDialect().embeddings(Array(gemini.utf8), for: texts)
        #expect(google.vectors == [[1], [2]] && google.usage == nil)
    }

    @Test(
        "a reply that is not a vector for each text is garbage",
        arguments: [
            "{}", "[]", "{\"data\":[]}", #"{"data":[{"index":0,"embedding":[1]}]}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["x"]}]}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AAA"}]}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":1}]}"#,
            #"{"data":[{"index":0,"embedding":[1e999]},{"index":1,"embedding":[1]}]}"#,
        ])
    func garbage(body: String) {
        #expect(throws: UpstreamFailure.self) {
            try OpenAIDialect().embeddings(Array(body.utf8), for: texts)
        }
    }

    @Test("a client is served the vectors in the form that it asked for")
    func served() throws {
        let answer = EmbeddingAnswer(
            model: "up", vectors: [[1, -2], [0.1, 3e-30]], usage: TokenUsage(input: 6))
        for format in ["float", "base64"] {
            let body = """
                {"model":"house","input":["a","b"],"encoding_format":"\(format)","user":"u"}
                """
            let request = try ServedEmbeddings.request(Array(body.utf8))
            let reply = ServedEmbeddings.answer(answer, to: request, model: "house")
            let back = try OpenAIDialect().embeddings(reply, for: request)
            #expect(back.vectors == answer.vectors && back.model == "house")
            #expect(back.usage == answer.usage)
            let value = try JSONValue(parsing: reply)
            let first = value["data"]?.array?.first?["embedding"]
            #expect((first?.string != nil) == (format == "base64"))
        }
    }

    @Test("a client can send a text, texts, tokens, or lists of them")
    func inputs() throws {
        for (input, inputs) in [
            (#""a""#, EmbeddingRequest.Inputs.texts(["a"])),
            (#"["a","b"]"#, .texts(["a", "b"])), ("[1,2]", .tokens([[1, 2]])),
            ("[[1],[2]]", .tokens([[1], [2]])),
        ] {
            let body = #"{"model":"m","input":\#(input)}"#
            let request = try ServedEmbeddings.request(Array(body.utf8))
            #expect(request.inputs == inputs)
            let call = try OpenAIDialect().embeddingCall(request, endpoint: endpoint)
            #expect(try json(call)["input"] == JSONValue(parsing: input))
        }
        for bad in [#""""#, "[]", "7", "[[]]", "[1,\"a\"]", "[[1],2]", "[-1]", "[null]", "{}"] {
            let body = #"{"model":"m","input":\#(bad)}"#
            #expect(throws: InvalidRequest.self) {
                try ServedEmbeddings.request(Array(body.utf8))
            }
        }
        #expect(throws: InvalidRequest.self) {
            try ServedEmbeddings.request(
                Array(#"{"model":"m","input":"a","encoding_format":"hex"}"#.utf8))
        }
    }
}
