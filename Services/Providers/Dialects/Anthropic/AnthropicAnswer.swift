/// Anthropic's whole message, and what it shares with the streamed one.
enum AnthropicAnswer {
    static func decode(_ value: JSONValue) throws(UpstreamFailure) -> ModelAnswer {
        guard case .object(let object) = value, let content = object["content"]?.array else {
            throw .garbage("the reply is no message of Anthropic's")
        }
        let reading = reading(head: object)
        var answer = ModelAnswer(head: reading.head)
        for (index, block) in content.enumerated() {
            let path = FieldPath.index(.key(.root, "content"), index)
            answer.parts.append(try part(Field(value: block.withoutNulls, path: path)))
        }
        if let word = value["stop_reason"]?.string {
            var stop = stop(word, value["stop_sequence"]?.string)
            if let details = answer.head.extras[.anthropic].take("stop_details") {
                stop.extras[.anthropic]["stop_details"] = details
            }
            answer.stop = stop
        }
        if let counts = reading.counts {
            answer.usage = counts.usage
            counts.addRest(to: &answer.head.extras)
        }
        return answer
    }

    /// What a message says of itself; what is null there says nothing.
    static func reading(
        head object: JSONObject
    ) -> (head: AnswerHead, counts: AnthropicCounts?) {
        var rest = JSONObject(
            object.members.filter { $0.value != .null }.map { ($0.key, $0.value) })
        let id = rest.take("id")?.string ?? ""
        let model = rest.take("model")?.string ?? ""
        let counts = rest.take("usage").map { AnthropicCounts($0) }
        for key in ["type", "role", "content", "stop_reason", "stop_sequence"] { rest[key] = nil }
        return (AnswerHead(id: id, model: model, extras: Extras(.anthropic, rest)), counts)
    }

    static func part(_ field: Field) throws(UpstreamFailure) -> ContentPart {
        do throws(InvalidRequest) {
            var part = try AnthropicDecoder.block(field)
            // Nothing signed is a signature that is missing.
            if case .thinking(var thinking) = part, thinking.signature?.value.isEmpty == true {
                thinking.signature = nil
                part = .thinking(thinking)
            }
            return part
        } catch {
            throw .garbage("the reply is no message of Anthropic's: \(error.path.dots)")
        }
    }

    static func stop(_ word: String, _ sequence: String?) -> Stop {
        Stop(reason(word), .anthropic, word, sequence: sequence)
    }

    static func reason(_ word: String) -> StopReason {
        switch word {
        case "end_turn": .end
        case "max_tokens": .length
        case "stop_sequence": .stopSequence
        case "tool_use": .toolUse
        case "pause_turn": .pause
        case "refusal": .refusal
        case "model_context_window_exceeded": .contextWindow
        default: .other(word)
        }
    }
}

/// Anthropic's figures: cumulative, so that each replaces the one before where it is given.
struct AnthropicCounts: Sendable {
    private var fields: JSONObject

    init(_ value: JSONValue = .null) {
        let members = value.object?.members.filter { $0.value != .null } ?? []
        fields = JSONObject(members.map { ($0.key, $0.value) })
    }

    mutating func replace(with new: AnthropicCounts) {
        for (key, value) in new.fields.members { fields[key] = value }
    }

    var usage: TokenUsage {
        let read = tokens(fields["cache_read_input_tokens"])
        let hour = tokens(fields["cache_creation"]?["ephemeral_1h_input_tokens"])
        let write = tokens(fields["cache_creation_input_tokens"])
        let input = tokens(fields["input_tokens"]) + read + write
        return TokenUsage(
            input: input, output: tokens(fields["output_tokens"]), cachedInput: read,
            cacheWrite: write, cacheWriteHour: min(hour, write),
            reasoning: tokens(fields["output_tokens_details"]?["thinking_tokens"]),
            searches: tokens(fields["server_tool_use"]?["web_search_requests"]),
            tier: serviceTier(fields["service_tier"]))
    }

    /// What there is no figure for in the model.
    var rest: JSONObject {
        var rest = fields
        for key in [
            "input_tokens", "output_tokens", "cache_read_input_tokens",
            "cache_creation_input_tokens", "cache_creation", "output_tokens_details",
        ] { rest[key] = nil }
        return rest
    }

    func addRest(to extras: inout Extras) {
        if !rest.isEmpty { extras[.anthropic]["usage"] = .object(rest) }
    }
}
