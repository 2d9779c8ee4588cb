/// A whole response of OpenAI's, and what it shares with the streamed one.
enum ResponsesAnswer {
    static func decode(_ value: JSONValue) throws(UpstreamFailure) -> ModelAnswer {
        guard case .object(let object) = value, let output = object["output"]?.array else {
            if value["error"] != nil, let error = ErrorBody(value) {
                throw UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
            }
            throw .garbage("the reply is no response of OpenAI's")
        }
        var answer = ModelAnswer(head: head(object))
        for item in output { answer.parts += try parts(item) }
        if let usage = object["usage"], !usage.isNull {
            let counts = ResponsesCounts(usage)
            answer.usage = counts.usage(with: output, in: object["service_tier"])
            if let rest = counts.rest { answer.head.extras[.responses]["usage"] = rest }
        }
        answer.stop = try stop(value, hasCalls: !answer.toolCalls.isEmpty)
        return answer
    }

    static func head(_ object: JSONObject) -> AnswerHead {
        var rest = JSONObject(
            object.members.filter { $0.value != .null }.map { ($0.key, $0.value) })
        let id = rest.take("id")?.string ?? ""
        let model = rest.take("model")?.string ?? ""
        let created = rest.take("created_at")?.double.flatMap { Int(exactly: $0.rounded(.down)) }
        for key in [
            "object", "status", "output", "usage", "error", "incomplete_details", "completed_at",
        ] { rest[key] = nil }
        return AnswerHead(id: id, model: model, created: created, extras: Extras(.responses, rest))
    }

    private static let known: Set = ["message", "reasoning", "function_call", "custom_tool_call"]

    /// The parts of an item that is complete, which it need not say.
    static func parts(_ item: JSONValue) throws(UpstreamFailure) -> [ContentPart] {
        guard case .object(var object) = item.withoutNulls else {
            throw .garbage("an item of the response is no object")
        }
        if known.contains(object["type"]?.string ?? "message") { object["status"] = nil }
        var items = ResponsesItems()
        do throws(InvalidRequest) {
            try items.add(Field(value: .object(object), path: .root))
        } catch {
            throw .garbage("an item of the response is none of OpenAI's: \(error.path.brackets)")
        }
        return items.messages.flatMap(\.parts)
    }

    static func stop(_ response: JSONValue, hasCalls: Bool) throws(UpstreamFailure) -> Stop? {
        switch response["status"]?.string {
        case "completed", nil: return Stop(hasCalls ? .toolUse : .end, .responses, "completed")
        case "incomplete":
            let word = response["incomplete_details"]?["reason"]?.string ?? "incomplete"
            return Stop(reason(word), .responses, word)
        case "failed", "cancelled": throw failure(response)
        default: return nil
        }
    }

    static func reason(_ word: String) -> StopReason {
        switch word {
        case "max_output_tokens": .length
        case "content_filter": .refusal
        default: .other(word)
        }
    }

    static func failure(_ response: JSONValue) -> UpstreamFailure {
        let status = response["status"]?.string ?? "failed"
        guard let error = response["error"].flatMap({ ErrorBody($0) }) else {
            return UpstreamFailure(.server, message: "the response is \(status)")
        }
        return UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
    }
}

/// The figures of OpenAI's Responses.
struct ResponsesCounts: Sendable {
    private let fields: JSONValue

    init(_ value: JSONValue) { fields = value.withoutNulls }

    /// What stands beside the tokens is counted in the reply itself.
    func usage(with output: [JSONValue], in tier: JSONValue?) -> TokenUsage {
        func count(_ type: JSONValue) -> Int { output.count { $0["type"] == type } }
        var usage = usage
        usage.searches = count("web_search_call")
        usage.images = count("image_generation_call")
        usage.tier = serviceTier(tier)
        return usage
    }

    private var usage: TokenUsage {
        let input = fields["input_tokens_details"]
        return TokenUsage(
            input: tokens(fields["input_tokens"]), output: tokens(fields["output_tokens"]),
            cachedInput: tokens(input?["cached_tokens"]),
            cacheWrite: tokens(input?["cache_write_tokens"]),
            reasoning: tokens(fields["output_tokens_details"]?["reasoning_tokens"]))
    }

    /// What there is no figure for in the model.
    var rest: JSONValue? {
        guard case .object(var rest) = fields else { return nil }
        for key in ["input_tokens", "output_tokens", "total_tokens"] { rest[key] = nil }
        for (key, known) in [
            ("input_tokens_details", ["cached_tokens", "cache_write_tokens"]),
            ("output_tokens_details", ["reasoning_tokens"]),
        ] {
            guard case .object(var inner)? = rest[key] else { continue }
            for name in known { inner[name] = nil }
            rest[key] = inner.isEmpty ? nil : .object(inner)
        }
        return rest.isEmpty ? nil : .object(rest)
    }
}
