/// Anthropic's Messages as we serve them: `POST /v1/messages` and `…/count_tokens`.
public struct ServedAnthropic: ServedDialect {
    public static let name = DialectName.anthropic

    public init() {}

    public func request(_ body: [UInt8]) throws(InvalidRequest) -> ModelRequest {
        try AnthropicDecoder.request(try JSONValue.request(body), counting: false)
    }

    /// What a client wants counted.
    public func countRequest(_ body: [UInt8]) throws(InvalidRequest) -> ModelRequest {
        try AnthropicDecoder.request(try JSONValue.request(body), counting: true)
    }

    public func countReply(_ tokens: Int) -> [UInt8] {
        JSONValue.object(["input_tokens": JSONValue(tokens)]).bytes
    }

    public func answer(
        _ answer: ModelAnswer, to request: ModelRequest, as reply: ReplyName
    ) -> [UInt8] {
        let blocks = AnthropicBlocks()
        var content: [JSONValue] = []
        for part in answer.parts { content += blocks.whole(part) }
        var message = Self.head(answer.head, reply)
        message["content"] = .array(content)
        for (key, value) in Self.stop(answer.stop ?? Stop(.end)).members { message[key] = value }
        message["usage"] = .object(
            Self.usage(answer.usage ?? TokenUsage(), answer.head.extras, isDelta: false))
        return JSONValue.object(message).bytes
    }

    public func makeWriter(
        for request: ModelRequest, as reply: ReplyName
    ) -> any StreamWriter {
        AnthropicWriter(reply)
    }

    public func refusal(_ fault: ServedFault) -> ErrorReply { AnthropicFault.reply(fault) }

    // MARK: Pieces that the stream shares

    static func head(_ head: AnswerHead, _ reply: ReplyName) -> JSONObject {
        var message: JSONObject = [
            "id": .string("msg_" + reply.id), "type": "message", "role": "assistant",
            "model": .string(reply.model), "content": [], "stop_reason": .null,
            "stop_sequence": .null,
        ]
        var extras = head.extras[.anthropic]
        extras["usage"] = nil
        message.fill(from: extras)
        return message
    }

    static func stop(_ stop: Stop) -> JSONObject {
        var object: JSONObject = [
            "stop_reason": .string(stop.word(in: .anthropic) ?? word(stop.reason)),
            "stop_sequence": stop.sequence.map { .string($0) } ?? .null,
        ]
        object.fill(from: stop.extras[.anthropic])
        return object
    }

    private static func word(_ reason: StopReason) -> String {
        switch reason {
        case .end, .other: "end_turn"
        case .length: "max_tokens"
        case .stopSequence: "stop_sequence"
        case .toolUse: "tool_use"
        case .pause: "pause_turn"
        case .refusal: "refusal"
        case .contextWindow: "model_context_window_exceeded"
        }
    }

    static func usage(_ usage: TokenUsage, _ extras: Extras, isDelta: Bool) -> JSONObject {
        var object: JSONObject = [
            "input_tokens": JSONValue(max(0, usage.input - usage.cachedInput - usage.cacheWrite)),
            "cache_creation_input_tokens": JSONValue(usage.cacheWrite),
            "cache_read_input_tokens": JSONValue(usage.cachedInput),
            "output_tokens": JSONValue(usage.output),
        ]
        if !isDelta, usage.cacheWrite > 0 {
            object["cache_creation"] = [
                "ephemeral_5m_input_tokens": JSONValue(usage.cacheWrite - usage.cacheWriteHour),
                "ephemeral_1h_input_tokens": JSONValue(usage.cacheWriteHour),
            ]
        }
        if usage.reasoning > 0 {
            object["output_tokens_details"] = ["thinking_tokens": JSONValue(usage.reasoning)]
        }
        var rest = extras[.anthropic]["usage"]?.object ?? [:]
        if isDelta { rest = rest["server_tool_use"].map { ["server_tool_use": $0] } ?? [:] }
        object.fill(from: rest)
        return object
    }
}

/// The blocks of a reply to a client of ours.
struct AnthropicBlocks: Sendable {
    private let encoder = AnthropicEncoder(carriesForeign: true)

    /// What cannot be said to the client, as a picture that a model has drawn, is left out.
    func whole(_ part: ContentPart) -> [JSONValue] {
        if case .media = part { return [] }
        if case .toolResult = part { return [] }
        return (try? encoder.blocks(part, of: .assistant)) ?? []
    }

    func signature(_ part: ThinkingPart) -> String { encoder.servedSignature(part) ?? "" }
}
