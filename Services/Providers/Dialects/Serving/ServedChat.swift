/// OpenAI's chat completions as we serve them: `POST /v1/chat/completions`.
public struct ServedChat: ServedDialect {
    public static let name = DialectName.openai

    public init() {}

    public func request(_ body: [UInt8]) throws(InvalidRequest) -> ModelRequest {
        try ChatDecoder.request(try JSONValue.request(body))
    }

    public func answer(
        _ answer: ModelAnswer, to request: ModelRequest, as reply: ReplyName
    ) -> [UInt8] {
        var object = Self.head(answer.head, reply, "chat.completion")
        var message = message(CustomCalls(request).whole(answer.parts))
        for key in Self.messageFields {
            if let value = answer.head.extras[.openai][key] { message[key] = value }
        }
        let logprobs = answer.head.extras[.openai]["logprobs"]
        object["choices"] = [
            [
                "index": 0, "message": .object(message),
                "logprobs": logprobs.map { ["content": $0, "refusal": .null] } ?? .null,
                "finish_reason": .string(Self.word(answer.stop)),
            ]
        ]
        if let usage = answer.usage { object["usage"] = Self.usage(usage, answer.head.extras) }
        return JSONValue.object(object).bytes
    }

    private func message(_ parts: [ContentPart]) -> JSONObject {
        var text = ""
        var refusal = ""
        var rest: [ContentPart] = []
        for part in parts {
            guard case .text(let said) = part else {
                rest.append(part)
                continue
            }
            if said.isRefusal { refusal += said.text } else { text += said.text }
            rest.append(part)
        }
        let encoder = ChatEncoder(flavor: .served)
        // Calls and reasoning as a request has them; the text is one here.
        let turn = (try? encoder.assistant(ModelMessage(.assistant, rest), echoes: true))?.first
        var message = turn?.object ?? ["role": "assistant"]
        message["content"] =
            text.isEmpty && !refusal.isEmpty || text.isEmpty && !rest.isEmpty
            ? .null : .string(text)
        message["refusal"] = refusal.isEmpty ? .null : .string(refusal)
        return message
    }

    public func makeWriter(
        for request: ModelRequest, as reply: ReplyName
    ) -> any StreamWriter {
        ChatWriter(request, reply)
    }

    public func refusal(_ fault: ServedFault) -> ErrorReply { OpenAIFault.reply(fault) }

    // MARK: Pieces that the stream shares

    /// What stands in the message, not beside it.
    static let messageFields = ["annotations", "audio", "function_call"]

    static func head(_ head: AnswerHead, _ reply: ReplyName, _ kind: String) -> JSONObject {
        var object: JSONObject = [
            "id": .string("chatcmpl-" + reply.id), "object": .string(kind),
            "created": JSONValue(reply.created), "model": .string(reply.model),
        ]
        for key in ["service_tier", "system_fingerprint"] {
            if let value = head.extras[.openai][key] { object[key] = value }
        }
        return object
    }

    static func word(_ stop: Stop?) -> String {
        if let word = stop?.word(in: .openai), known.contains(word), stop?.reason != .toolUse {
            return word
        }
        return switch stop?.reason {
        case nil, .end, .stopSequence, .pause, .other: "stop"
        case .length, .contextWindow: "length"
        case .toolUse: "tool_calls"
        case .refusal: "content_filter"
        }
    }

    private static let known = ["stop", "length", "tool_calls", "content_filter", "function_call"]

    static func usage(_ usage: TokenUsage, _ extras: Extras) -> JSONValue {
        let rest = extras[.openai]["usage"]?.object ?? [:]
        var prompt: JSONObject = ["cached_tokens": JSONValue(usage.cachedInput)]
        if usage.cacheWrite > 0 { prompt["cache_write_tokens"] = JSONValue(usage.cacheWrite) }
        prompt.fill(from: rest["prompt_tokens_details"]?.object ?? [:])
        var completion: JSONObject = ["reasoning_tokens": JSONValue(usage.reasoning)]
        completion.fill(from: rest["completion_tokens_details"]?.object ?? [:])
        var object: JSONObject = [
            "prompt_tokens": JSONValue(usage.input),
            "completion_tokens": JSONValue(usage.output),
            "total_tokens": JSONValue(usage.input + usage.output),
            "prompt_tokens_details": .object(prompt),
            "completion_tokens_details": .object(completion),
        ]
        object.fill(from: rest)
        return .object(object)
    }
}
