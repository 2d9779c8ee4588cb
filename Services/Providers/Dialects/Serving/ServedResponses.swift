/// OpenAI's Responses as we serve them: `POST /v1/responses`.
public struct ServedResponses: ServedDialect {
    public static let name = DialectName.responses

    public init() {}

    public func request(_ body: [UInt8]) throws(InvalidRequest) -> ModelRequest {
        try ResponsesDecoder.request(try JSONValue.request(body))
    }

    public func answer(
        _ answer: ModelAnswer, to request: ModelRequest, as reply: ReplyName
    ) -> [UInt8] {
        // The same as the stream brings, so that both are the same.
        var writer = ResponsesWriter(request, reply)
        for event in answer.events { _ = writer.write(event) }
        return JSONValue.object(writer.finished()).bytes
    }

    public func makeWriter(
        for request: ModelRequest, as reply: ReplyName
    ) -> any StreamWriter {
        ResponsesWriter(request, reply)
    }

    public func refusal(_ fault: ServedFault) -> ErrorReply { OpenAIFault.reply(fault) }

    /// The response as it stands, with what was asked for.
    static func response(
        _ request: ModelRequest, _ reply: ReplyName, status: String, extras: Extras
    ) -> JSONObject {
        let encoder = ResponsesEncoder(carriesForeign: true)
        let asked = request.extras[.responses]
        var object: JSONObject = [
            "id": .string("resp_" + reply.id), "object": "response",
            "created_at": JSONValue(reply.created), "status": .string(status),
            "model": .string(reply.model), "output": [],
            "error": .null, "incomplete_details": .null,
            "parallel_tool_calls": .bool(request.parallelTools ?? true),
            "tool_choice": encoder.choice(of: request) ?? "auto",
            "tools": .array((try? encoder.tools(of: request)) ?? []),
            "instructions": instructions(request),
            "max_output_tokens": request.maxTokens.map { JSONValue($0) } ?? .null,
            "temperature": request.sampling.temperature.map { JSONValue($0) } ?? .null,
            "top_p": request.sampling.topP.map { JSONValue($0) } ?? .null,
            "reasoning": encoder.reasoning(request.thinking).map { .object($0) } ?? .null,
            "text": text(request, encoder),
        ]
        for key in ["metadata", "previous_response_id", "store", "truncation", "user"] {
            object[key] = asked[key] ?? .null
        }
        object["user"] = request.user.map { .string($0) } ?? .null
        object["metadata"] = asked["metadata"] ?? [:]
        object["usage"] = .null
        var rest = extras[.responses]
        rest["usage"] = nil
        object.fill(from: rest)
        return object
    }

    private static func instructions(_ request: ModelRequest) -> JSONValue {
        guard let text = request.system.first?.text else { return .null }
        return .string(text)
    }

    private static func text(_ request: ModelRequest, _ encoder: ResponsesEncoder) -> JSONValue {
        var text: JSONObject = ["format": encoder.format(request.format ?? .text)]
        text.fill(from: request.extras[.responses]["text"]?.object ?? [:])
        return .object(text)
    }

    static func usage(_ usage: TokenUsage, _ extras: Extras) -> JSONValue {
        let rest = extras[.responses]["usage"]?.object ?? [:]
        var input: JSONObject = [
            "cached_tokens": JSONValue(usage.cachedInput),
            "cache_write_tokens": JSONValue(usage.cacheWrite),
        ]
        input.fill(from: rest["input_tokens_details"]?.object ?? [:])
        var output: JSONObject = ["reasoning_tokens": JSONValue(usage.reasoning)]
        output.fill(from: rest["output_tokens_details"]?.object ?? [:])
        var object: JSONObject = [
            "input_tokens": JSONValue(usage.input), "input_tokens_details": .object(input),
            "output_tokens": JSONValue(usage.output), "output_tokens_details": .object(output),
            "total_tokens": JSONValue(usage.input + usage.output),
        ]
        object.fill(from: rest)
        return .object(object)
    }
}
