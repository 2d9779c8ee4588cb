/// Writes the model as OpenAI's chat JSON.
struct ChatEncoder {
    var flavor: ChatFlavor

    func request(_ request: ModelRequest) throws(UpstreamFailure) -> JSONObject {
        var object: JSONObject = ["model": .string(request.model)]
        object["messages"] = .array(try messages(of: request))
        setLimits(of: request, in: &object)
        setSampling(of: request, in: &object)
        try setTools(of: request, in: &object)
        if let format = request.format { object["response_format"] = self.format(format) }
        setStreaming(of: request, in: &object)
        object.fill(from: request.extras[.openai])
        return object
    }

    private func isNative(_ extras: Extras) -> Bool { extras.says(.native, in: .openai) }

    private func setLimits(of request: ModelRequest, in object: inout JSONObject) {
        let isOlder =
            isNative(request.extras)
            ? request.extras.says(.older, in: .openai) : flavor.usesOlderLimit
        object.set(isOlder ? "max_tokens" : "max_completion_tokens", request.maxTokens)
        if request.stop.count == 1, request.extras.says(.plain, in: .openai) {
            object["stop"] = .string(request.stop[0])
        } else {
            object.set("stop", request.stop.map { .string($0) })
        }
        if let wish = request.thinking, let effort = effort(wish) {
            object["reasoning_effort"] = .string(effort)
        }
        let isAlias = request.extras.says(.alias, in: .openai)
        object.set(isAlias ? "safety_identifier" : "user", request.user)
    }

    /// A word that OpenAI knows; servers that only speak like it need not know how to say no.
    private func effort(_ wish: ThinkingWish) -> String? {
        if isNative(wish.extras) { return wish.effort?.rawValue }
        guard let weight = wish.weight ?? (wish.mode == .on ? .medium : nil) else { return nil }
        if weight == Effort.none, flavor.takesExtensions, flavor != .served { return nil }
        return weight.rawValue
    }

    private func setSampling(of request: ModelRequest, in object: inout JSONObject) {
        let sampling = request.sampling
        object.set("temperature", sampling.temperature)
        object.set("top_p", sampling.topP)
        object.set("seed", sampling.seed)
        object.set("frequency_penalty", sampling.frequencyPenalty)
        object.set("presence_penalty", sampling.presencePenalty)
        if flavor.takesExtensions || isNative(request.extras) {
            object.set("top_k", sampling.topK)
        }
    }

    private func setStreaming(of request: ModelRequest, in object: inout JSONObject) {
        guard request.isStreamed else { return }
        object["stream"] = true
        // The figures are always asked for: whoever did not ask is not shown them.
        guard flavor.asksForUsage || request.wantsUsage else { return }
        var options = request.extras[.openai]["stream_options"]?.object ?? [:]
        if flavor != .served || request.wantsUsage { options["include_usage"] = true }
        object.set("stream_options", options)
    }

    func format(_ format: ResponseFormat) -> JSONValue {
        switch format {
        case .text: return ["type": "text"]
        case .json: return ["type": "json_object"]
        case .schema(let format):
            var inner: JSONObject = ["name": .string(format.name ?? "answer")]
            inner.set("description", format.description)
            if !format.extras.says(.absent, in: .openai) { inner["schema"] = format.schema }
            // Other dialects' schemas are kept to.
            inner.set("strict", format.isStrict ?? (isNative(format.extras) ? nil : true))
            inner.fill(from: format.extras[.openai])
            return ["type": "json_schema", "json_schema": .object(inner)]
        }
    }

    private func setTools(
        of request: ModelRequest, in object: inout JSONObject
    ) throws(UpstreamFailure) {
        var tools: [JSONValue] = []
        for tool in request.tools { tools.append(try self.tool(tool)) }
        object.set("tools", tools)
        object.set("parallel_tool_calls", tools.isEmpty ? nil : request.parallelTools)
        switch request.toolChoice {
        case nil: break
        case .auto?: object["tool_choice"] = "auto"
        case .required?: object["tool_choice"] = "required"
        case ToolChoice.none?: object["tool_choice"] = "none"
        case .tool(let name)?:
            let isCustom = request.tools.contains { tool in
                if case .custom = tool.kind { return tool.name == name }
                return false
            }
            let kind = isCustom ? "custom" : "function"
            object["tool_choice"] = .object([
                "type": .string(kind), kind: ["name": .string(name)],
            ])
        case .other(let raw)?:
            if raw.origin == .openai { object["tool_choice"] = raw.value }
        }
        if tools.isEmpty, !isNative(request.extras) { object["tool_choice"] = nil }
    }

    private func tool(_ tool: ModelTool) throws(UpstreamFailure) -> JSONValue {
        var inner: JSONObject = ["name": .string(tool.name)]
        inner.set("description", tool.description)
        var kind = "function"
        switch tool.kind {
        case .hosted(let raw):
            guard raw.origin == .openai else {
                throw .badRequest("the tool \(tool.name) is run by another provider alone")
            }
            return raw.value
        case .custom(let format):
            kind = "custom"
            if !format.isNull { inner["format"] = ChatCustomFormat.chat(format) }
        case .function:
            inner.set("parameters", tool.schema)
            inner.set("strict", tool.isStrict)
        }
        inner.fill(from: tool.extras[.openai])
        var object: JSONObject = ["type": .string(kind), kind: .object(inner)]
        set(tool.cache, in: &object)
        object.fill(from: tool.extras[notes: .openai]["tool"]?.object ?? [:])
        return .object(object)
    }

    /// OpenAI's own mark, where it comes from OpenAI's dialects or is wanted; Anthropic's for
    /// servers that may know it.
    func set(_ mark: CacheMark?, in object: inout JSONObject) {
        guard let mark else { return }
        switch mark.style {
        case .breakpoint:
            object["prompt_cache_breakpoint"] = mark.value(.breakpoint)
        case .control where flavor.takesExtensions:
            object["cache_control"] = mark.value(.control)
        case .control where flavor.translatesCacheMarks:
            object["prompt_cache_breakpoint"] = mark.value(.breakpoint)
        case .control: break
        }
    }
}

/// The format of a custom tool's text, which OpenAI's two dialects nest differently.
enum ChatCustomFormat {
    static func chat(_ format: JSONValue) -> JSONValue {
        guard format["type"] == "grammar", format["grammar"] == nil,
            case .object(var object) = format
        else { return format }
        object["type"] = nil
        return ["type": "grammar", "grammar": .object(object)]
    }

    static func responses(_ format: JSONValue) -> JSONValue {
        guard format["type"] == "grammar", case .object(let inner)? = format["grammar"] else {
            return format
        }
        var object: JSONObject = ["type": "grammar"]
        object.fill(from: inner)
        return .object(object)
    }
}
