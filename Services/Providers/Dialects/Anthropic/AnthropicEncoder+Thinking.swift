extension AnthropicEncoder {
    /// Limits, reasoning, form: what depends on one another.
    func setThinking(of request: ModelRequest, counting: Bool, in object: inout JSONObject) {
        var limit = request.maxTokens ?? defaultMaxTokens
        var output = request.extras[.anthropic]["output_config"]?.object ?? [:]
        let (thinking, effort) = thinking(of: request)
        if let thinking {
            // A budget counts towards the limit, which other dialects do not know.
            let budget = thinking["budget_tokens"]?.int ?? 0
            if !isNative(request.thinking), budget >= limit { limit += budget }
            object["thinking"] = .object(thinking)
        }
        output.set("effort", effort)
        if case .schema(let format)? = request.format {
            var inner: JSONObject = ["type": "json_schema", "schema": format.schema]
            inner.fill(from: format.extras[.anthropic])
            output["format"] = .object(inner)
        }
        object.set("output_config", output)
        if !counting || request.maxTokens != nil && request.extras.says(.native, in: .anthropic) {
            object["max_tokens"] = JSONValue(limit)
        }
        let isThinking = thinking.map { $0["type"] != "disabled" } ?? false
        guard takesSampling, isNative(request.thinking) || !isThinking else { return }
        // Others count to two.
        object.set("temperature", request.sampling.temperature.map { min($0, 1) })
        object.set("top_p", request.sampling.topP)
        object.set("top_k", request.sampling.topK)
    }

    private func isNative(_ wish: ThinkingWish?) -> Bool {
        wish?.extras.says(.native, in: .anthropic) ?? false
    }

    private func thinking(of request: ModelRequest) -> (JSONObject?, String?) {
        guard let wish = request.thinking else { return (nil, nil) }
        if isNative(wish) {
            var object: JSONObject = [:]
            switch wish.mode {
            case .on?, nil: object["type"] = "enabled"
            case .off?: object["type"] = "disabled"
            case .adaptive?: object["type"] = "adaptive"
            case .other(let word)?: object["type"] = .string(word)
            }
            object.set("budget_tokens", wish.budget)
            object.set("display", wish.display)
            object.fill(from: wish.extras[.anthropic])
            return (object, wish.effort?.rawValue)
        }
        if request.extras.says(.native, in: .anthropic) { return (nil, wish.effort?.rawValue) }
        return translated(wish, of: request)
    }

    /// What was wished in another dialect. Anthropic refuses thinking together with a tool that
    /// must be called, and after calls that were made without thinking.
    private func translated(
        _ wish: ThinkingWish, of request: ModelRequest
    ) -> (JSONObject?, String?) {
        if wish.isOff { return (["type": "disabled"], nil) }
        switch request.toolChoice {
        case .required?, .tool?: return (nil, nil)
        default: break
        }
        if answersUnsignedCalls(request) { return (nil, nil) }
        if takesSampling || wish.budget != nil {
            // The older way, or a budget, which the newer way takes as well.
            guard let budget = wish.tokens ?? (wish.mode == .on ? 8_192 : nil) else {
                return (wish.mode == .adaptive ? ["type": "adaptive"] : nil, nil)
            }
            return (["type": "enabled", "budget_tokens": JSONValue(max(budget, 1_024))], nil)
        }
        let effort = wish.effort == .minimal ? .low : wish.effort
        return (["type": "adaptive"], effort?.rawValue)
    }

    private func answersUnsignedCalls(_ request: ModelRequest) -> Bool {
        guard let last = request.messages.last(where: { $0.role == .assistant }),
            let first = request.messages.last, first.role != .assistant
        else { return false }
        var calls = false
        for part in last.parts {
            switch part {
            case .toolCall: calls = true
            case .thinking(let part) where part.signature?.origin == .anthropic: return false
            case .redacted(let part) where part.sealed.origin == .anthropic: return false
            default: break
            }
        }
        let isAnswered =
            first.role == .tool
            || first.parts.contains { part in
                if case .toolResult = part { return true }
                return false
            }
        return calls && isAnswered
    }
}
