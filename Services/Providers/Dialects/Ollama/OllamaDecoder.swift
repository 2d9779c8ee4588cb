/// Reads requests of Ollama's own interface into the model.
struct OllamaDecoder {
    /// Calls without a name, by the tool's, in their order: results say no more.
    private var unnamed: [String: [String]] = [:]
    private var made = 0

    static func request(_ value: JSONValue) throws(InvalidRequest) -> ModelRequest {
        var top = try Field(value: value, path: .root).members()
        var decoder = OllamaDecoder()
        let list = try top.need("messages")
        var messages: [ModelMessage] = []
        for item in try list.list() { messages.append(try decoder.message(item)) }
        guard !messages.isEmpty else { throw list.fail(.tooFew(1)) }
        var request = ModelRequest(
            model: try top.need("model").text(), messages: messages,
            isStreamed: try top.flag("stream") ?? true)
        for item in try top.take("tools")?.list() ?? [] { request.tools.append(try tool(item)) }
        if let format = top.take("format") {
            if let word = format.value.string {
                _ = try format.word(["json", ""])
                request.format = word.isEmpty ? nil : .json
            } else {
                _ = try format.members("string or object")
                request.format = .schema(SchemaFormat(format.value))
            }
        }
        if let think = top.take("think") {
            if think.value.bool == nil {
                request.thinking = ThinkingWish(effort: Effort(rawValue: try think.text()))
            } else {
                request.thinking = ThinkingWish(try think.flag() ? .on : .off)
            }
        }
        try options(&top, &request)
        request.extras[bag: .ollama] = .init(fields: top.rest, spelling: .native)
        return request
    }

    private static func options(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        guard var options = try top.take("options")?.members() else { return }
        // Below zero there is no limit, as when nothing is said.
        if let limit = options.field("num_predict"), limit.value.int ?? 0 > 0 {
            request.maxTokens = try options.int("num_predict")
        }
        request.sampling = Sampling(
            temperature: try options.double("temperature", 0...100),
            topP: try options.double("top_p", 0...1), topK: try options.int("top_k"),
            seed: try options.int("seed"),
            frequencyPenalty: try options.double("frequency_penalty", -10...10),
            presencePenalty: try options.double("presence_penalty", -10...10))
        request.stop = try options.take("stop")?.texts() ?? []
        if !options.rest.isEmpty { top.rest["options"] = .object(options.rest) }
    }

    private static func tool(_ field: Field) throws(InvalidRequest) -> ModelTool {
        var members = try field.members()
        guard members.field("type")?.value == "function",
            var inner = try members.take("function")?.members(), members.rest.count == 1
        else { return ModelTool("", kind: .hosted(RawPart(.ollama, field.value))) }
        var tool = ModelTool(try inner.need("name").text())
        tool.description = try inner.text("description")
        tool.schema = inner.take("parameters")?.value
        tool.extras = Extras(.ollama, inner.rest, .native)
        return tool
    }

    private mutating func message(_ field: Field) throws(InvalidRequest) -> ModelMessage {
        var members = try field.members()
        let role = try members.need("role").word(["system", "user", "assistant", "tool"])
        if role == "tool" { return try result(&members) }
        var parts: [ContentPart] = []
        var spelling: Spelling = .native
        if let thinking = try members.text("thinking") {
            parts.append(.thinking(ThinkingPart(thinking)))
        }
        if let text = try members.text("content") {
            parts.append(.plain(text))
        } else {
            spelling.insert(.absent)
        }
        parts += try Self.images(&members)
        for item in try members.take("tool_calls")?.list() ?? [] {
            parts.append(.toolCall(try call(item)))
        }
        return ModelMessage(
            .init(rawValue: role) ?? .user, parts,
            extras: Extras(.ollama, members.rest, spelling))
    }

    private static func images(_ members: inout Members) throws(InvalidRequest) -> [ContentPart] {
        try members.take("images")?.texts().map { .media(MediaPart(.image, .data($0))) } ?? []
    }

    private mutating func call(_ field: Field) throws(InvalidRequest) -> ToolCall {
        var members = try field.members()
        var inner = try members.need("function").members()
        let name = try inner.need("name").text()
        let arguments = inner.take("arguments")
        _ = try arguments?.members()
        var spelling: Spelling = .native
        var id = try members.text("id") ?? ""
        if id.isEmpty {
            id = WireID.made("0", made)
            made += 1
            spelling.insert(.unnamed)
            unnamed[name, default: []].append(id)
        }
        var call = ToolCall(
            id: id, name: name, arguments: arguments?.value.text ?? "{}",
            extras: Extras(.ollama, members.rest, spelling))
        if !inner.rest.isEmpty { call.extras[notes: .ollama]["function"] = .object(inner.rest) }
        return call
    }

    private mutating func result(_ members: inout Members) throws(InvalidRequest) -> ModelMessage {
        let name = try members.text("tool_name")
        var spelling: Spelling = .native
        var id = try members.text("tool_call_id") ?? ""
        if id.isEmpty {
            spelling.insert(.unnamed)
            let first = name.flatMap { unnamed[$0]?.first }
            if let name, first != nil { unnamed[name]?.removeFirst() }
            id = first ?? WireID.made("0", made)
        }
        let text = try members.text("content") ?? ""
        var result = ToolResult(callID: id, parts: [.plain(text)], name: name)
        result.parts += try Self.images(&members)
        result.extras = Extras(.ollama, members.rest, spelling)
        return ModelMessage(.tool, [.toolResult(result)])
    }
}
