/// Reads OpenAI's chat requests into the model.
struct ChatDecoder {
    static func request(_ value: JSONValue) throws(InvalidRequest) -> ModelRequest {
        var top = try Field(value: value, path: .root).members()
        let model = try top.need("model")
        guard try !model.text().isEmpty else { throw model.fail(.tooFew(1)) }
        let list = try top.need("messages")
        let items = try list.list()
        guard !items.isEmpty else { throw list.fail(.tooFew(1)) }
        var messages: [ModelMessage] = []
        for item in items { messages.append(try message(item)) }
        var request = ModelRequest(
            model: try model.text(), messages: messages, isStreamed: false)
        var spelling: Spelling = .native
        try limits(&top, &request, &spelling)
        try sampling(&top, &request)
        try streaming(&top, &request)
        try tools(&top, &request)
        request.format = try top.take("response_format").map(format)
        request.extras[bag: .openai] = .init(fields: top.rest, spelling: spelling)
        return request
    }

    private static func limits(
        _ top: inout Members, _ request: inout ModelRequest, _ spelling: inout Spelling
    ) throws(InvalidRequest) {
        request.maxTokens = try top.int("max_completion_tokens", 1...Int.max)
        if request.maxTokens == nil, let older = try top.int("max_tokens", 1...Int.max) {
            request.maxTokens = older
            spelling.insert(.older)
        }
        if let stop = top.take("stop") {
            if let text = stop.value.string {
                request.stop = [text]
                spelling.insert(.plain)
            } else {
                request.stop = try stop.texts()
            }
        }
        if let choices = top.field("n"), try choices.int(1...128) > 1 {
            throw choices.fail(.unsupported("one choice for a request"))
        }
        if let effort = try top.text("reasoning_effort") {
            request.thinking = ThinkingWish(
                effort: Effort(rawValue: effort), extras: Extras(.openai, [:], .native))
        }
        request.user = try top.text("user")
        if request.user == nil, let user = try top.text("safety_identifier") {
            request.user = user
            spelling.insert(.alias)
        }
    }

    private static func sampling(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        request.sampling = Sampling(
            temperature: try top.double("temperature", 0...2),
            topP: try top.double("top_p", 0...1), topK: try top.int("top_k"),
            seed: try top.int("seed"),
            frequencyPenalty: try top.double("frequency_penalty", -2...2),
            presencePenalty: try top.double("presence_penalty", -2...2))
    }

    private static func streaming(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        request.isStreamed = try top.flag("stream") ?? false
        guard var options = try top.take("stream_options")?.members() else { return }
        request.wantsUsage = try options.flag("include_usage") ?? false
        if !request.wantsUsage || !options.rest.isEmpty {
            top.rest["stream_options"] = .object(options.rest)
        }
    }

    static func format(_ field: Field) throws(InvalidRequest) -> ResponseFormat {
        let members = try field.members()
        guard let type = members.field("type") else {
            throw InvalidRequest(.key(field.path, "type"), .missing)
        }
        switch try type.word(["text", "json_object", "json_schema"]) {
        case "text": return .text
        case "json_object": return .json
        default:
            guard var inner = try members.field("json_schema")?.members() else {
                throw InvalidRequest(.key(field.path, "json_schema"), .missing)
            }
            let schema = inner.take("schema")
            _ = try schema?.members()
            return .schema(
                SchemaFormat(
                    schema?.value ?? [:], name: try inner.need("name").text(),
                    description: try inner.text("description"),
                    isStrict: try inner.flag("strict"),
                    extras: Extras(
                        .openai, inner.rest, schema == nil ? [.native, .absent] : .native)))
        }
    }

    private static func tools(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        for item in try top.take("tools")?.list() ?? [] { request.tools.append(try tool(item)) }
        request.parallelTools = try top.flag("parallel_tool_calls")
        guard let choice = top.take("tool_choice") else { return }
        if choice.value.string != nil {
            switch try choice.word(["none", "auto", "required"]) {
            case "none": request.toolChoice = ToolChoice.none
            case "auto": request.toolChoice = .auto
            default: request.toolChoice = .required
            }
            return
        }
        let members = try choice.members("string or object")
        for kind in ["function", "custom"] where members.field("type")?.value.string == kind {
            if let name = try members.field(kind)?.members().field("name")?.text() {
                request.toolChoice = .tool(name)
                return
            }
        }
        request.toolChoice = .other(RawPart(.openai, choice.value))
    }

    private static func tool(_ field: Field) throws(InvalidRequest) -> ModelTool {
        var members = try field.members()
        let type = try members.need("type").text()
        guard type == "function" || type == "custom" else {
            return ModelTool(type, kind: .hosted(RawPart(.openai, field.value)))
        }
        var inner = try members.need(type).members()
        var tool = ModelTool(try inner.need("name").text())
        tool.description = try inner.text("description")
        tool.isStrict = try inner.flag("strict")
        if type == "custom" {
            tool.kind = .custom(format: inner.take("format")?.value ?? .null)
        } else if let schema = inner.take("parameters") {
            _ = try schema.members()
            tool.schema = schema.value
        }
        tool.cache = try cacheMark(&members)
        tool.extras = Extras(.openai, inner.rest, .native)
        // What stands beside the function has a place of its own.
        if !members.rest.isEmpty { tool.extras[notes: .openai]["tool"] = .object(members.rest) }
        return tool
    }

    /// OpenAI's own mark, or Anthropic's, which some servers take in its place.
    static func cacheMark(_ members: inout Members) throws(InvalidRequest) -> CacheMark? {
        if let mark = members.take("prompt_cache_breakpoint") {
            return CacheMark(reading: try mark.members().rest, style: .breakpoint)
        }
        return try members.take("cache_control").map { mark throws(InvalidRequest) in
            CacheMark(reading: try mark.members().rest, style: .control)
        }
    }
}
