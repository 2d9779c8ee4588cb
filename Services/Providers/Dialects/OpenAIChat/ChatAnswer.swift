/// OpenAI's whole completion, and what it shares with the streamed one.
enum ChatAnswer {
    static func decode(_ value: JSONValue, name: String) throws(UpstreamFailure) -> ModelAnswer {
        try check(value)
        guard case .object(let object) = value, let choices = object["choices"]?.array else {
            throw .garbage("the reply is no completion of OpenAI's")
        }
        guard let choice = choices.first(where: { ($0["index"]?.int ?? 0) == 0 }) else {
            throw .garbage("the completion holds no choice")
        }
        var answer = ModelAnswer(head: head(object))
        guard case .object(let message)? = choice["message"]?.withoutNulls else {
            throw .garbage("the completion holds no message")
        }
        answer.parts = try parts(message, name, &answer.head)
        if let content = choice["logprobs"]?["content"] {
            answer.head.extras[.openai]["logprobs"] = content
        }
        if let usage = object["usage"], !usage.isNull {
            let counts = ChatCounts(usage)
            answer.usage = counts.usage
            answer.usage?.tier = serviceTier(object["service_tier"])
            counts.addRest(to: &answer.head.extras)
        }
        answer.stop = stop(
            choice["finish_reason"]?.string, hasCalls: !answer.toolCalls.isEmpty)
        return answer
    }

    /// Some servers send an error with a status of 200.
    static func check(_ value: JSONValue) throws(UpstreamFailure) {
        let isError =
            value["error"] != nil || value["object"] == "error"
            || value["choices"] == nil && value["message"] != nil && value["code"] != nil
        guard isError, let error = ErrorBody(value) else { return }
        throw UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
    }

    static func head(_ object: JSONObject) -> AnswerHead {
        var rest = JSONObject(
            object.members.filter { $0.value != .null }.map { ($0.key, $0.value) })
        let id = rest.take("id")?.string ?? ""
        let model = rest.take("model")?.string ?? ""
        let created = rest.take("created")?.int
        for key in ["object", "choices", "usage", "obfuscation"] { rest[key] = nil }
        return AnswerHead(id: id, model: model, created: created, extras: Extras(.openai, rest))
    }

    private static func parts(
        _ message: JSONObject, _ name: String, _ head: inout AnswerHead
    ) throws(UpstreamFailure) -> [ContentPart] {
        var members = Members(named(message, head.id.isEmpty ? name : head.id))
        members.rest["role"] = nil
        do throws(InvalidRequest) {
            let turn = try ChatDecoder.assistant(&members)
            for (key, value) in members.rest.members { head.extras[.openai][key] = value }
            // An empty text beside calls or reasoning says nothing.
            return turn.parts.filter { $0.text?.isEmpty != true }
        } catch {
            throw .garbage("the completion is none of OpenAI's: \(error.path.brackets)")
        }
    }

    /// Calls without a name get one.
    private static func named(_ message: JSONObject, _ name: String) -> JSONObject {
        guard let calls = message["tool_calls"]?.array else { return message }
        var message = message
        message["tool_calls"] = .array(
            calls.enumerated().map { number, call in
                guard case .object(var object) = call else { return call }
                if object["id"]?.string?.isEmpty != false {
                    object["id"] = .string(WireID.made(name, number))
                }
                object["index"] = nil
                if case .object(var function)? = object["function"] {
                    // Some servers send an object, or nothing at all.
                    switch function["arguments"] {
                    case .object(let input)?:
                        function["arguments"] = .string(JSONValue.object(input).text)
                    case nil, .null?: function["arguments"] = "{}"
                    default: break
                    }
                    object["function"] = .object(function)
                }
                return .object(object)
            })
        return message
    }

    /// Without a word for it, a reply that came to its end ended as it looks.
    static func stop(_ word: String?, hasCalls: Bool) -> Stop {
        guard let word, !word.isEmpty else { return Stop(hasCalls ? .toolUse : .end) }
        var reason = reason(word)
        // Some servers stop for calls without saying so.
        if reason == .end, hasCalls { reason = .toolUse }
        return Stop(reason, .openai, word)
    }

    static func reason(_ word: String) -> StopReason {
        switch word {
        case "stop", "eos", "end_turn": .end
        case "length", "max_tokens": .length
        case "content_filter": .refusal
        case "tool_calls", "function_call": .toolUse
        default: .other(word)
        }
    }
}

/// The figures of OpenAI's chat, and those that other servers put in other places.
struct ChatCounts: Sendable {
    private let fields: JSONValue

    init(_ value: JSONValue) { fields = value.withoutNulls }

    var usage: TokenUsage {
        let prompt = fields["prompt_tokens_details"]
        let cached = prompt?["cached_tokens"] ?? fields["prompt_cache_hit_tokens"]
        return TokenUsage(
            input: tokens(fields["prompt_tokens"]), output: tokens(fields["completion_tokens"]),
            cachedInput: tokens(cached), cacheWrite: tokens(prompt?["cache_write_tokens"]),
            reasoning: tokens(fields["completion_tokens_details"]?["reasoning_tokens"]))
    }

    func addRest(to extras: inout Extras) {
        guard let rest else { return }
        extras[.openai]["usage"] = rest
    }

    /// What there is no figure for in the model.
    var rest: JSONValue? {
        guard case .object(var rest) = fields else { return nil }
        for key in ["prompt_tokens", "completion_tokens", "total_tokens"] { rest[key] = nil }
        for (key, known) in [
            ("prompt_tokens_details", ["cached_tokens", "cache_write_tokens"]),
            ("completion_tokens_details", ["reasoning_tokens"]),
        ] {
            guard case .object(var inner)? = rest[key] else { continue }
            for name in known { inner[name] = nil }
            rest[key] = inner.isEmpty ? nil : .object(inner)
        }
        return rest.isEmpty ? nil : .object(rest)
    }
}
