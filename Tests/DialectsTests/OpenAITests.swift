import Dialects
import Testing

@Suite struct OpenAITests {
    private let dialect = OpenAIDialect()

    private static func chunk(_ choice: String) -> String {
        """
        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[\
        {"index":0,\(choice)}],"usage":null}


        """
    }

    private static let text =
        ": OPENROUTER PROCESSING\n\n"
        + chunk(#""delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null"#)
        + chunk(#""delta":{"reasoning_content":"Hm."},"finish_reason":null"#)
        + chunk(#""delta":{"content":"Grüße, "},"finish_reason":null"#)
        + chunk(#""delta":{"content":"漢字 👩‍🚀"},"finish_reason":null"#)
        + chunk(#""delta":{},"finish_reason":"stop""#)
    private static let usage = """
        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],\
        "usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,\
        "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":8},\
        "completion_tokens_details":{"reasoning_tokens":7}}}


        """
    private static let done = "data: [DONE]\n\n"

    @Test("text, thinking, figures and the end come out of a stream, however it is cut")
    func whole() {
        let reading = read(Self.text + Self.usage + Self.done, with: dialect)
        #expect(reading.failure == nil)
        #expect(reading.thinking == "Hm." && reading.text == "Grüße, 漢字 👩‍🚀")
        #expect(reading.stop == .end && reading.answer.parts.count == 2)
        #expect(
            reading.usage
                == TokenUsage(
                    input: 100, output: 20, cachedInput: 60, cacheWrite: 8, reasoning: 7))
    }

    @Test("a stream that breaks after its reason to stop has still lost its figures")
    func truncated() {
        for stream in [Self.text, Self.text + Self.usage, Self.text + "data: [DONE]\n"] {
            let reading = read(stream, with: dialect)
            #expect(reading.failure?.kind == .truncated && reading.stop == nil)
        }
    }

    @Test("the parser is finished with the last event, before the connection ends")
    func finished() throws {
        var parser = dialect.makeParser()
        _ = try parser.feed(Array((Self.text + Self.usage).utf8))
        #expect(!parser.isFinished)
        _ = try parser.feed(Array(Self.done.utf8))
        #expect(parser.isFinished)
        #expect(try parser.feed(Array("data: {oops\n\n".utf8)) == [] && parser.end() == [])
    }

    @Test(
        "an error in the middle is understood in any of its shapes",
        arguments: [
            (
                #"{"error":{"message":"Slow","type":"requests","code":"rate_limit_exceeded"}}"#,
                UpstreamFailure.Kind.rateLimited
            ),
            (#"{"error":{"message":"Out of money","code":"insufficient_quota"}}"#, .quota),
            (#"{"error":{"message":"Backend gone","code":502}}"#, .server),
            (#"{"error":"busy"}"#, .server),
        ])
    func errorEvent(data: String, kind: UpstreamFailure.Kind) {
        let reading = read(Self.text + "data: \(data)\n\n", with: dialect)
        #expect(reading.failure?.kind == kind && reading.text == "Grüße, 漢字 👩‍🚀")
        #expect(reading.failure?.isRetryable == (kind != .quota))
    }

    @Test("an error waits for the text before it, and the parser says that it waits")
    func waitingFailure() throws {
        var parser = dialect.makeParser()
        let events = try parser.feed(
            Array((Self.chunk(#""delta":{"content":"a"}"#) + "data: {oops\n\n").utf8))
        #expect(events.contains(.text(0, "a")) && parser.isFinished)
        #expect(throws: UpstreamFailure.self) { try parser.feed([]) }
        #expect(throws: UpstreamFailure.self) { try parser.end() }
    }

    @Test("a request says everything in this dialect")
    func request() throws {
        let endpoint = Endpoint(baseURL: "https://api.openai.com/v1", key: "k-1")
        let call = try dialect.request(chat, endpoint: endpoint)
        #expect(call.url == "https://api.openai.com/v1/chat/completions")
        #expect(call.headers.contains { $0.name == "Authorization" && $0.value == "Bearer k-1" })
        #expect(
            try json(call) == [
                "max_completion_tokens": 64, "model": "m", "stop": ["END"], "stream": true,
                "stream_options": ["include_usage": true], "temperature": 0.5,
                "messages": [
                    ["content": "Be brief.", "role": "system"],
                    ["content": "Hi", "role": "user"], ["content": "Yes?", "role": "assistant"],
                    ["content": "A \"quote\", ü/\n", "role": "user"],
                ],
            ])
        let own = try OpenAIDialect(.compatible).request(chat, endpoint: endpoint)
        #expect(try json(own)["max_tokens"] == 64 && json(own)["max_completion_tokens"] == nil)
    }

    @Test("an empty account is not a limit that passes")
    func quota() {
        let body = """
            {"error":{"message":"You exceeded your current quota","type":"insufficient_quota",\
            "param":null,"code":"insufficient_quota"}}
            """
        let failure = dialect.failure(
            status: 429, headers: [("Retry-After", "1")], body: Array(body.utf8))
        #expect(failure.kind == .quota && !failure.isRetryable)
    }

    @Test(
        "a refusal is understood",
        arguments: [
            (429, "{}", UpstreamFailure.Kind.rateLimited, true), (408, "", .timeout, true),
            (409, "", .server, true), (500, "oops", .server, true), (503, "[]", .overloaded, true),
            (401, "", .unauthorized, false), (402, "", .quota, false),
            (422, "", .badRequest, false),
            (302, "", .garbage, false),
            (404, #"{"error":{"message":"no","code":"model_not_found"}}"#, .notFound, false),
            (400, #"{"object":"error","message":"no","code":400}"#, .badRequest, false),
            (400, #"[{"error":{"message":"no","status":"INVALID"}}]"#, .badRequest, false),
        ])
    func failures(status: Int, body: String, kind: UpstreamFailure.Kind, retryable: Bool) {
        let failure = dialect.failure(status: status, headers: [], body: Array(body.utf8))
        #expect(failure.kind == kind && failure.isRetryable == retryable)
        #expect(!failure.message.isEmpty)
        if body.contains("message") { #expect(failure.message == "no") }
    }
}
