import Dialects
import Testing

@Suite struct AnthropicTests {
    private let dialect = AnthropicDialect()

    private static let start = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
        "content":[],"model":"m","stop_reason":null,"usage":{"input_tokens":10,\
        "cache_creation_input_tokens":300,"cache_read_input_tokens":2000,\
        "cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100},\
        "output_tokens":1}}}


        """
    private static let blocks = """
        event: content_block_start
        data: {"type":"content_block_start","index":0,\
        "content_block":{"type":"thinking","thinking":""}}

        event: ping
        data: {"type": "ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,\
        "delta":{"type":"thinking_delta","thinking":"Hm."}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,\
        "delta":{"type":"signature_delta","signature":"Eq"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,\
        "content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,\
        "delta":{"type":"text_delta","text":"Grüße, "}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,\
        "delta":{"type":"text_delta","text":"漢字 👩‍🚀"}}

        event: something_new
        data: {"type":"something_new","text":"not text"}


        """
    private static let finish = """
        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
        "usage":{"output_tokens":25,"output_tokens_details":{"thinking_tokens":5}}}

        event: message_stop
        data: {"type":"message_stop"}


        """

    @Test("text, thinking, figures and the end come out of a stream, however it is cut")
    func whole() {
        let reading = read(Self.start + Self.blocks + Self.finish, with: dialect)
        #expect(reading.failure == nil)
        #expect(
            reading.usage
                == TokenUsage(
                    input: 2310, output: 25, cachedInput: 2000, cacheWrite: 300,
                    cacheWriteHour: 100, reasoning: 5))
        #expect(reading.thinking == "Hm." && reading.text == "Grüße, 漢字 👩‍🚀")
        guard case .thinking(let thinking) = reading.answer.parts.first else {
            Issue.record("no thinking")
            return
        }
        #expect(thinking.signature == Signature(.anthropic, "Eq"))
        #expect(reading.stop == .end && reading.answer.head.id == "msg_1")
    }

    @Test("a later figure replaces the one before instead of adding to it")
    func cumulative() {
        let more = """
            event: message_delta
            data: {"type":"message_delta","delta":{},\
            "usage":{"input_tokens":12,"output_tokens":9}}


            """
        let reading = read(Self.start + more + Self.finish, with: dialect)
        #expect(reading.usage?.input == 2312 && reading.usage?.output == 25)
    }

    @Test("a stream without its last event is truncated, wherever it ends")
    func truncated() {
        let bytes = Array((Self.start + Self.blocks + Self.finish).utf8)
        // The last byte is the empty line that completes the last event.
        for count in stride(from: 0, to: bytes.count - 1, by: 7) {
            let reading = read([Array(bytes.prefix(count))], with: dialect)
            let early = !reading.events.isEmpty || count > 400
            let kind = reading.failure?.kind
            #expect(kind == .truncated || !early && (kind == .garbage))
        }
    }

    @Test("what follows the last event is not read")
    func afterwards() {
        let reading = read(
            Self.start + Self.blocks + Self.finish + "data: rubbish\n\n", with: dialect)
        #expect(reading.failure == nil && reading.text == "Grüße, 漢字 👩‍🚀")
    }

    @Test("an error in the middle comes after the text before it")
    func errorEvent() {
        let error = """
            event: error
            data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}


            """
        let reading = read(Self.start + Self.blocks + error, with: dialect)
        #expect(reading.text == "Grüße, 漢字 👩‍🚀")
        #expect(reading.failure?.kind == .overloaded && reading.failure?.message == "Overloaded")
        #expect(reading.failure?.isRetryable == true)
    }

    @Test("an event that is not JSON is garbage, and so is a page")
    func garbage() {
        let broken = read(Self.start + "event: message_stop\ndata: {oops\n\n", with: dialect)
        #expect(broken.failure?.kind == .garbage && broken.events.count == 2)
        #expect(read("<html>\n\n<p>Hello</p></html>", with: dialect).failure?.kind == .garbage)
        #expect(read("", with: dialect).failure?.kind == .truncated)
    }

    @Test(
        "every documented reason to stop has its word",
        arguments: [
            ("end_turn", StopReason.end), ("max_tokens", .length), ("tool_use", .toolUse),
            ("stop_sequence", .stopSequence), ("pause_turn", .pause), ("refusal", .refusal),
            ("model_context_window_exceeded", .contextWindow), ("newer", .other("newer")),
        ])
    func reasons(word: String, reason: StopReason) {
        let delta = """
            data: {"type":"message_delta","delta":{"stop_reason":"\(word)"}}

            data: {"type":"message_stop"}


            """
        #expect(read(delta, with: dialect).stop == reason)
    }

    @Test("a request says everything in this dialect")
    func request() throws {
        let call = try dialect.request(
            chat, endpoint: Endpoint(baseURL: "https://api.anthropic.com/", key: "k-1"))
        #expect(call.method == "POST" && call.url == "https://api.anthropic.com/v1/messages")
        let fields = Dictionary(uniqueKeysWithValues: call.headers.map { ($0.name, $0.value) })
        #expect(fields["Authorization"] == "Bearer k-1")
        #expect(fields["anthropic-version"] == "2026-10-21")
        #expect(fields["Content-Type"] == "application/json")
        #expect(
            try json(call) == [
                "max_tokens": 64, "model": "m", "stop_sequences": ["END"], "stream": true,
                "system": "Be brief.",
                "messages": [
                    ["content": "Hi", "role": "user"], ["content": "Yes?", "role": "assistant"],
                    ["content": "A \"quote\", ü/\n", "role": "user"],
                ],
            ])
    }

    @Test("an endpoint of an older version gets its key and temperature the older way")
    func olderVersion() throws {
        let endpoint = Endpoint(
            baseURL: "http://127.0.0.1:1/v1", key: "k-1",
            headers: [("anthropic-version", "2023-06-01")])
        let call = try dialect.request(chat, endpoint: endpoint)
        #expect(call.url == "http://127.0.0.1:1/v1/messages")
        #expect(call.headers.contains { $0.name == "x-api-key" && $0.value == "k-1" })
        #expect(!call.headers.contains { $0.name == "Authorization" })
        #expect(call.headers.filter { $0.name == "anthropic-version" }.count == 1)
        #expect(String(decoding: call.body, as: UTF8.self).contains("\"temperature\":0.5"))
    }

    @Test(
        "a refusal is understood by its type before its status",
        arguments: [
            (429, "rate_limit_error", "Slow down", UpstreamFailure.Kind.rateLimited, true),
            (529, "overloaded_error", "Overloaded", .overloaded, true),
            (500, "api_error", "Oops", .server, true),
            (504, "timeout_error", "Late", .timeout, true),
            (401, "authentication_error", "invalid x-api-key", .unauthorized, false),
            (403, "permission_error", "No", .unauthorized, false),
            (404, "not_found_error", "model: m", .notFound, false),
            (413, "request_too_large", "Big", .badRequest, false),
            (400, "invalid_request_error", "max_tokens: too many", .badRequest, false),
            (400, "invalid_request_error", "Your credit balance is too low", .quota, false),
        ])
    func failures(
        status: Int, type: String, message: String, kind: UpstreamFailure.Kind, retryable: Bool
    ) {
        let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"}}"#
        let failure = dialect.failure(status: status, headers: [], body: Array(body.utf8))
        #expect(failure.kind == kind && failure.status == status && failure.message == message)
        #expect(failure.isRetryable == retryable)
    }
}
