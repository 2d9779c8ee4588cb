/// Reads Anthropic's JSON into the model: requests of clients, and the messages of both sides.
struct AnthropicDecoder {
    /// A request for a message, or for the count of its tokens, which needs no limit.
    static func request(_ value: JSONValue, counting: Bool) throws(InvalidRequest) -> ModelRequest {
        var top = try Field(value: value, path: .root).members()
        let model = try top.need("model")
        guard try !model.text().isEmpty else { throw model.fail(.tooFew(1)) }
        let list = try top.need("messages")
        var request = ModelRequest(
            model: try model.text(), messages: try messages(list), isStreamed: false)
        if counting {
            request.maxTokens = try top.int("max_tokens", 0...Int.max)
        } else {
            request.maxTokens = try top.need("max_tokens").int(0...Int.max)
        }
        var spelling: Spelling = .native
        if let system = top.take("system") {
            if system.value.array != nil { spelling.insert(.list) }
            request.system = try content(system)
        }
        try settings(&top, &request, &spelling)
        try tools(&top, &request)
        request.extras[bag: .anthropic] = .init(fields: top.rest, spelling: spelling)
        return request
    }

    private static func messages(_ field: Field) throws(InvalidRequest) -> [ModelMessage] {
        let list = try field.list()
        guard !list.isEmpty else { throw field.fail(.tooFew(1)) }
        guard list.count <= 100_000 else { throw field.fail(.tooMany(100_000)) }
        var messages: [ModelMessage] = []
        for item in list { messages.append(try message(item)) }
        return messages
    }

    static func message(_ field: Field) throws(InvalidRequest) -> ModelMessage {
        var members = try field.members()
        let role = try members.need("role").word(["user", "assistant", "system"])
        let body = try members.need("content")
        let spelling: Spelling = body.value.array == nil ? .native : [.native, .list]
        return ModelMessage(
            .init(rawValue: role) ?? .user, try content(body),
            extras: Extras(.anthropic, members.rest, spelling))
    }

    private static func settings(
        _ top: inout Members, _ request: inout ModelRequest, _ spelling: inout Spelling
    ) throws(InvalidRequest) {
        request.isStreamed = try top.flag("stream") ?? false
        request.sampling.temperature = try top.double("temperature", 0...1)
        request.sampling.topP = try top.double("top_p", 0...1)
        request.sampling.topK = try top.int("top_k", 0...Int.max)
        request.stop = try top.take("stop_sequences")?.texts() ?? []
        request.cache = try top.take("cache_control").map(cacheMark)
        if var metadata = try top.take("metadata")?.members() {
            request.user = try metadata.text("user_id")
            if request.user == nil || !metadata.rest.isEmpty {
                top.rest["metadata"] = .object(metadata.rest)
            }
        }
        try thinking(&top, &request)
    }

    private static func thinking(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        if var members = try top.take("thinking")?.members() {
            let type = try members.need("type")
            let mode: ThinkingWish.Mode =
                switch try type.text() {
                case "enabled": .on
                case "disabled": .off
                case "adaptive": .adaptive
                case let word: .other(word)
                }
            var wish = ThinkingWish(mode)
            if mode == .on {
                wish.budget = try members.need("budget_tokens").int(1_024...Int.max)
            }
            wish.display = try members.text("display")
            wish.extras = Extras(.anthropic, members.rest, .native)
            request.thinking = wish
        }
        guard var output = try top.take("output_config")?.members() else { return }
        if let effort = try output.text("effort") {
            var wish = request.thinking ?? ThinkingWish()
            wish.effort = Effort(rawValue: effort)
            request.thinking = wish
        }
        if var format = try output.take("format")?.members() {
            _ = try format.need("type").word(["json_schema"])
            let schema = try format.need("schema")
            _ = try schema.members()
            request.format = .schema(
                SchemaFormat(schema.value, extras: Extras(.anthropic, format.rest, .native)))
        }
        if !output.rest.isEmpty { top.rest["output_config"] = .object(output.rest) }
    }

    private static func tools(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        for item in try top.take("tools")?.list() ?? [] { request.tools.append(try tool(item)) }
        guard var choice = try top.take("tool_choice")?.members() else { return }
        let type = try choice.need("type")
        switch try type.text() {
        case "auto": request.toolChoice = .auto
        case "any": request.toolChoice = .required
        case "none": request.toolChoice = ToolChoice.none
        case "tool": request.toolChoice = .tool(try choice.need("name").text())
        case let word:
            throw type.fail(.unknownValue(word, allowed: ["auto", "any", "tool", "none"]))
        }
        if let isAlone = try choice.flag("disable_parallel_tool_use") {
            request.parallelTools = !isAlone
        }
    }

    private static func tool(_ field: Field) throws(InvalidRequest) -> ModelTool {
        var members = try field.members()
        let type = try members.text("type")
        guard type == nil || type == "custom" else {
            let name = try members.text("name") ?? type ?? ""
            return ModelTool(name, kind: .hosted(RawPart(.anthropic, field.value)))
        }
        let schema = try members.need("input_schema")
        _ = try schema.members()
        return ModelTool(
            try members.need("name").text(), description: try members.text("description"),
            schema: schema.value, isStrict: try members.flag("strict"),
            cache: try members.take("cache_control").map(cacheMark),
            extras: Extras(.anthropic, members.rest, type == nil ? .native : [.native, .typed]))
    }

    static func cacheMark(_ field: Field) throws(InvalidRequest) -> CacheMark {
        let members = try field.members()
        _ = try members.field("type").map { field throws(InvalidRequest) in
            try field.word(["ephemeral"])
        }
        _ = try members.field("ttl").map { field throws(InvalidRequest) in
            try field.word(["5m", "1h"])
        }
        return CacheMark(reading: members.rest, style: .control)
    }
}
