import Dialects
import Testing

/// What is wrong with a client's request is said as its API says it, and points at the field.
@Suite struct ServedErrorTests {
    private func refusal(_ body: String, _ client: DialectName) throws -> (JSONValue, ErrorReply) {
        let dialect = try #require(client.served)
        do {
            _ = try dialect.request(Array(body.utf8))
        } catch {
            let fault =
                client == .anthropic ? AnthropicFault.fault(error) : OpenAIFault.fault(error)
            let reply = dialect.refusal(fault)
            return (try JSONValue(parsing: reply.body), reply)
        }
        throw UpstreamFailure(.server, message: "the request was taken: \(body)")
    }

    @Test(
        "OpenAI's chat",
        arguments: [
            ("{", nil, nil), ("[]", nil, "invalid_type"),
            (#"{"messages":[]}"#, "model", "missing_required_parameter"),
            (#"{"model":"m"}"#, "messages", "missing_required_parameter"),
            (#"{"model":3,"messages":[]}"#, "model", "invalid_type"),
            (#"{"model":"m","messages":[]}"#, "messages", "empty_array"),
            (#"{"model":"m","messages":{}}"#, "messages", "invalid_type"),
            (#"{"model":"m","messages":[7]}"#, "messages[0]", "invalid_type"),
            (
                #"{"model":"m","messages":[{"role":"owl","content":""}]}"#, "messages[0].role",
                "invalid_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content",
                "missing_required_parameter"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
                "messages[0].content[0].text", "missing_required_parameter"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":7}]}"#,
                "messages[0].content", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#,
                "messages[0].tool_call_id", "missing_required_parameter"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":2.5}"#,
                "temperature", "invalid_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":0}"#,
                "max_tokens", "invalid_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":1e40}"#,
                "max_tokens", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"n":3}"#, "n",
                "unsupported_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"stop":[1]}"#,
                "stop[0]", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}"#,
                "tools[0].function", "missing_required_parameter"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":"maybe"}"#,
                "tool_choice", "invalid_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}"#,
                "response_format.json_schema", "missing_required_parameter"
            ),
        ])
    func chat(body: String, param: String?, code: String?) throws {
        let (value, reply) = try refusal(body, .openai)
        #expect(reply.status == 400)
        #expect(value["error"]?["type"] == "invalid_request_error")
        #expect(value["error"]?["param"]?.string == param)
        #expect(value["error"]?["code"]?.string == code)
        let message = try #require(value["error"]?["message"]?.string)
        if let param { #expect(message.contains(param) || code == "invalid_value") }
        #expect(reply.headers.contains { $0.name == "x-should-retry" && $0.value == "false" })
    }

    @Test(
        "OpenAI's Responses",
        arguments: [
            (#"{"model":"m"}"#, "input"), (#"{"input":"x"}"#, "model"),
            (#"{"model":"m","input":[{}]}"#, "input[0].type"),
            (#"{"model":"m","input":[{"role":"user"}]}"#, "input[0].content"),
            (
                #"{"model":"m","input":[{"type":"function_call_output","output":"x"}]}"#,
                "input[0].call_id"
            ),
            (
                #"{"model":"m","input":[{"type":"function_call","call_id":"c","name":"f"}]}"#,
                "input[0].arguments"
            ),
            (
                #"{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"a"}}}"#,
                "text.format.schema"
            ),
            (#"{"model":"m","input":"x","max_output_tokens":0}"#, "max_output_tokens"),
            (#"{"model":"m","input":"x","tools":[{"type":"function"}]}"#, "tools[0].name"),
        ])
    func responses(body: String, param: String) throws {
        let (value, reply) = try refusal(body, .responses)
        #expect(reply.status == 400 && value["error"]?["param"]?.string == param)
    }

    @Test(
        "Anthropic's Messages",
        arguments: [
            (#"{"model":"m","messages":[]}"#, "messages: at least 1 item is required"),
            (
                #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#,
                "max_tokens: Field required"
            ),
            (
                #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":3}]}"#,
                "messages.0.content: Input should be a valid string or array"
            ),
            (
                #"{"model":"m","max_tokens":"9","messages":[{"role":"user","content":"x"}]}"#,
                "max_tokens: Input should be a valid integer"
            ),
            (
                #"{"model":"m","max_tokens":9,"messages":[{"role":"owl","content":"x"}]}"#,
                "messages.0.role: Input should be 'user', 'assistant', 'system'"
            ),
            (
                #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}"#,
                "messages.0.content.0.tool_use_id: Field required"
            ),
            (
                #"{"model":"m","max_tokens":9,"temperature":3,"messages":[{"role":"user","content":"x"}]}"#,
                "temperature: Input should be greater than or equal to 0 and less than or equal to 1"
            ),
            (
                #"{"model":"m","max_tokens":9,"thinking":{"type":"enabled","budget_tokens":5},"messages":[{"role":"user","content":"x"}]}"#,
                "thinking.budget_tokens: Input should be greater than or equal to 1024"
            ),
            (
                #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"2h"}}]}]}"#,
                "messages.0.content.0.cache_control.ttl: Input should be '5m', '1h'"
            ),
        ])
    func anthropic(body: String, message: String) throws {
        let (value, reply) = try refusal(body, .anthropic)
        #expect(reply.status == 400 && value["type"] == "error")
        #expect(value["error"]?["type"] == "invalid_request_error")
        let words = try #require(value["error"]?["message"]?.string)
        #expect(words.hasPrefix(message), "\(words)")
    }

    @Test("counting needs no limit of tokens")
    func counting() throws {
        let body = Array(#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#.utf8)
        #expect(try ServedAnthropic().countRequest(body).maxTokens == nil)
        #expect(
            String(decoding: ServedAnthropic().countReply(12), as: UTF8.self)
                == #"{"input_tokens":12}"#)
    }

    @Test(
        "what a provider failed with is told so that the official libraries do the right thing",
        arguments: [
            (UpstreamFailure.Kind.rateLimited, 429, 429, "true"), (.overloaded, 503, 529, "true"),
            (.unauthorized, 502, 502, "false"), (.badRequest, 400, 400, "false"),
            (.notFound, 404, 404, "false"), (.server, 502, 502, "true"),
            (.truncated, 502, 502, "true"), (.garbage, 502, 502, "false"),
            (.quota, 429, 402, "false"), (.timeout, 504, 504, "true"),
        ])
    func upstream(
        kind: UpstreamFailure.Kind, openAI: Int, anthropic: Int, retry: String
    ) throws {
        let failure = UpstreamFailure(
            kind, status: 418, message: "words", retryAfter: .milliseconds(1_500))
        let fault = ServedFault(failure)
        for (reply, status) in [
            (ServedChat().refusal(fault), openAI), (ServedAnthropic().refusal(fault), anthropic),
        ] {
            #expect(reply.status == status)
            let fields = Dictionary(uniqueKeysWithValues: reply.headers.map { ($0.name, $0.value) })
            #expect(fields["x-should-retry"] == retry)
            #expect(fields["retry-after-ms"] == "1500" && fields["retry-after"] == "2")
            let text = String(decoding: reply.body, as: UTF8.self)
            #expect(text.contains("words") == (kind != .unauthorized))
        }
    }

    @Test("a path is written in the way of each dialect")
    func paths() {
        let path = FieldPath.key(.index(.key(.root, "messages"), 2), "content")
        #expect(path.brackets == "messages[2].content" && path.dots == "messages.2.content")
        #expect(path.pointer == "/messages/2/content" && FieldPath.root.brackets.isEmpty)
    }
}
