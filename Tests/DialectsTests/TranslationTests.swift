import Dialects
import Testing

/// What changes on the way to a provider because it would refuse it otherwise.
@Suite struct TranslationTests {
    private let newer = Endpoint(baseURL: "http://a")
    private let older = Endpoint(
        baseURL: "http://a", headers: [("anthropic-version", "2023-06-01")])

    private func asked(_ request: ModelRequest, _ endpoint: Endpoint) throws -> JSONValue {
        try json(try AnthropicDialect().request(request, endpoint: endpoint))
    }

    private func wishing(_ wish: ThinkingWish, maxTokens: Int = 500) -> ModelRequest {
        var request = chat
        (request.thinking, request.maxTokens) = (wish, maxTokens)
        return request
    }

    @Test("effort is Anthropic's effort, and a budget where it is older")
    func effort() throws {
        let low = wishing(ThinkingWish(effort: .minimal))
        #expect(try asked(low, newer)["thinking"] == ["type": "adaptive"])
        #expect(try asked(low, newer)["output_config"] == ["effort": "low"])
        let value = try asked(low, older)
        #expect(value["thinking"] == ["type": "enabled", "budget_tokens": 1_024])
        // The budget counts towards the limit there.
        #expect(value["max_tokens"] == 1_524 && value["temperature"] == nil)
        let off = try asked(wishing(ThinkingWish(effort: Effort.none)), older)
        #expect(off["thinking"] == ["type": "disabled"] && off["temperature"] == 0.5)
    }

    @Test("a budget stays a budget, at least the smallest")
    func budget() throws {
        let value = try asked(wishing(ThinkingWish(budget: 200), maxTokens: 4_000), newer)
        #expect(value["thinking"] == ["type": "enabled", "budget_tokens": 1_024])
        #expect(value["max_tokens"] == 4_000)
    }

    @Test("no thinking is asked for where Anthropic would refuse it")
    func conflicts() throws {
        var request = wishing(ThinkingWish(effort: .high))
        request.tools = [ModelTool("f")]
        request.toolChoice = .required
        #expect(try asked(request, newer)["thinking"] == nil)
        request.toolChoice = .auto
        #expect(try asked(request, newer)["thinking"] != nil)
        request.messages += [
            ModelMessage(.assistant, [.toolCall(ToolCall(id: "c", name: "f", arguments: "{}"))]),
            ModelMessage(.tool, [.toolResult(ToolResult(callID: "c", parts: [.plain("1")]))]),
        ]
        #expect(try asked(request, newer)["thinking"] == nil)
        let thinking = ThinkingPart("so", signature: Signature(.anthropic, "Ep=="))
        request.messages[request.messages.count - 2].parts.insert(.thinking(thinking), at: 0)
        #expect(try asked(request, newer)["thinking"] != nil)
    }

    @Test("names of calls are made to fit, alike in calls and results, and told apart")
    func names() throws {
        let ids = ["functions.f:0", "functions.f:1", String(repeating: "x", count: 90), "", "ok-1"]
        var seen: Set<String> = []
        for id in ids {
            var request = chat
            request.messages += [
                ModelMessage(.assistant, [.toolCall(ToolCall(id: id, name: "f", arguments: "{}"))]),
                ModelMessage(.tool, [.toolResult(ToolResult(callID: id, parts: [.plain("1")]))]),
            ]
            let messages = try #require(try asked(request, newer)["messages"]?.array)
            let call = messages[3]["content"]?.array?.first?["id"]?.string
            let result = messages[4]["content"]?.array?.first?["tool_use_id"]?.string
            let name = try #require(call)
            #expect(call == result && name.utf8.count <= 64 && !name.isEmpty)
            #expect(
                name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) })
            #expect(seen.insert(name).inserted)
        }
        #expect(seen.contains("ok-1"))
    }

    @Test("arguments that are no object are put into one, for those who take no other")
    func arguments() throws {
        for (arguments, input) in [
            ("", [:]), (" \n", [:]), ("{\"a\":1}", ["a": 1]),
            ("{\"a\":", ["INVALID_JSON": "{\"a\":"]), ("[1]", ["INVALID_JSON": "[1]"]),
        ] as [(String, JSONValue)] {
            var request = chat
            request.messages.append(
                ModelMessage(
                    .assistant, [.toolCall(ToolCall(id: "c", name: "f", arguments: arguments))]))
            let turn = try #require(try asked(request, newer)["messages"]?.array?.last)
            #expect(turn["content"]?.array?.first?["input"] == input)
        }
    }

    @Test("reasoning of earlier turns is shown to servers that want it, since the question")
    func echo() throws {
        var request = chat
        let old = ContentPart.thinking(ThinkingPart("old thought"))
        let new = ContentPart.thinking(ThinkingPart("new thought"))
        let call = ContentPart.toolCall(ToolCall(id: "c", name: "f", arguments: "{}"))
        request.messages = [
            ModelMessage(.user, "a"), ModelMessage(.assistant, [old, .plain("b")]),
            ModelMessage(.user, "c"), ModelMessage(.assistant, [new, call]),
            ModelMessage(.tool, [.toolResult(ToolResult(callID: "c", parts: [.plain("d")]))]),
        ]
        func text(_ flavor: ChatFlavor) throws -> String {
            let call = try OpenAIDialect(flavor).request(request, endpoint: newer)
            return try json(call).text
        }
        #expect(try !text(.openAI).contains("thought"))
        #expect(try text(.compatible).contains(#""reasoning_content":"new thought""#))
        #expect(try !text(.compatible).contains("old thought"))
        var all = ChatFlavor.compatible
        all.reasoningEcho = .all
        #expect(try text(all).contains("old thought"))
    }

    @Test("a server of one's own is asked for what it knows")
    func flavors() throws {
        var request = chat
        request.sampling.topK = 5
        request.messages = [
            ModelMessage(.user, [.text(TextPart("a", cache: CacheMark(.long)))])
        ]
        func body(_ flavor: ChatFlavor) throws -> JSONValue {
            try json(try OpenAIDialect(flavor).request(request, endpoint: newer))
        }
        let strict = try body(.openAI)
        #expect(strict["top_k"] == nil && strict["max_completion_tokens"] == 64)
        #expect(!strict.text.contains("cache"))
        let own = try body(.compatible)
        #expect(own["top_k"] == 5 && own["max_tokens"] == 64)
        #expect(own.text.contains(#""cache_control":{"type":"ephemeral","ttl":"1h"}"#))
        var marked = ChatFlavor.openAI
        marked.translatesCacheMarks = true
        #expect(
            try body(marked).text.contains(
                #""prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}"#))
        var silent = ChatFlavor.compatible
        silent.asksForUsage = false
        #expect(try body(silent)["stream_options"] == nil)
    }

    @Test("a custom tool of OpenAI's works with providers that know functions alone")
    func customTools() throws {
        var request = chat
        request.tools = [ModelTool("sql", kind: .custom(format: .null))]
        let answer = ModelAnswer(
            head: AnswerHead(id: "x", model: "m"),
            parts: [
                .toolCall(ToolCall(id: "c", name: "sql", arguments: #"{"input":"SELECT 1;"}"#))
            ], stop: Stop(.toolUse))
        let name = ServedTests.name
        let whole = try JSONValue(
            parsing: ServedResponses().answer(answer, to: request, as: name))
        let item = whole["output"]?.array?.first
        #expect(item?["type"] == "custom_tool_call" && item?["input"] == "SELECT 1;")
        var writer = ServedChat().makeWriter(for: request, as: name)
        let bytes = writer.write(answer.events) + writer.end()
        let reading = read(bytes: bytes, with: OpenAIDialect())
        #expect(reading.answer.toolCalls.first?.form == .custom)
        #expect(reading.answer.toolCalls.first?.arguments == "SELECT 1;")
    }
}
