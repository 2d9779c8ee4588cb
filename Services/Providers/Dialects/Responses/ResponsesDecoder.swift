/// Reads requests of OpenAI's Responses into the model.
struct ResponsesDecoder {
    static func request(_ value: JSONValue) throws(InvalidRequest) -> ModelRequest {
        var top = try Field(value: value, path: .root).members()
        let model = try top.need("model")
        guard try !model.text().isEmpty else { throw model.fail(.tooFew(1)) }
        var spelling: Spelling = .native
        var request = ModelRequest(
            model: try model.text(), messages: [], isStreamed: try top.flag("stream") ?? false)
        if let instructions = try top.text("instructions") {
            request.system = [.plain(instructions)]
        }
        if let input = top.take("input") {
            if let text = input.value.string {
                request.messages = [ModelMessage(.user, text)]
                spelling.insert(.plain)
            } else {
                var items = ResponsesItems()
                for item in try input.list("string or array") { try items.add(item) }
                request.messages = items.messages
            }
        }
        // Without input there is something else to go on with: a prompt, or an earlier reply.
        let hasOther = ["prompt", "previous_response_id", "conversation"].contains(where: top.has)
        if request.messages.isEmpty, !hasOther {
            throw InvalidRequest(.key(.root, "input"), .missing)
        }
        try settings(&top, &request, &spelling)
        try tools(&top, &request)
        request.extras[bag: .responses] = .init(fields: top.rest, spelling: spelling)
        return request
    }

    private static func settings(
        _ top: inout Members, _ request: inout ModelRequest, _ spelling: inout Spelling
    ) throws(InvalidRequest) {
        request.maxTokens = try top.int("max_output_tokens", 1...Int.max)
        request.sampling.temperature = try top.double("temperature", 0...2)
        request.sampling.topP = try top.double("top_p", 0...1)
        request.user = try top.text("user")
        if request.user == nil, let user = try top.text("safety_identifier") {
            request.user = user
            spelling.insert(.alias)
        }
        if var members = try top.take("reasoning")?.members() {
            var wish = ThinkingWish()
            wish.effort = try members.text("effort").map { Effort(rawValue: $0) }
            wish.display = try members.text("summary")
            wish.extras = Extras(.responses, members.rest, .native)
            request.thinking = wish
        }
        guard var text = try top.take("text")?.members() else { return }
        request.format = try text.take("format").map(format)
        if !text.rest.isEmpty { top.rest["text"] = .object(text.rest) }
    }

    static func format(_ field: Field) throws(InvalidRequest) -> ResponseFormat {
        var members = try field.members()
        switch try members.need("type").word(["text", "json_object", "json_schema"]) {
        case "text": return .text
        case "json_object": return .json
        default:
            let schema = try members.need("schema")
            _ = try schema.members()
            return .schema(
                SchemaFormat(
                    schema.value, name: try members.need("name").text(),
                    description: try members.text("description"),
                    isStrict: try members.flag("strict"),
                    extras: Extras(.responses, members.rest, .native)))
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
        let kind = members.field("type")?.value.string
        if kind == "function" || kind == "custom", members.rest.count == 2,
            let name = try members.field("name")?.text()
        {
            request.toolChoice = .tool(name)
        } else {
            request.toolChoice = .other(RawPart(.responses, choice.value))
        }
    }

    private static func tool(_ field: Field) throws(InvalidRequest) -> ModelTool {
        var members = try field.members()
        let type = try members.need("type").text()
        guard type == "function" || type == "custom" else {
            return ModelTool(type, kind: .hosted(RawPart(.responses, field.value)))
        }
        var tool = ModelTool(try members.need("name").text())
        tool.description = try members.text("description")
        tool.isStrict = try members.flag("strict")
        if type == "custom" {
            tool.kind = .custom(format: members.take("format")?.value ?? .null)
        } else if let schema = members.take("parameters") {
            _ = try schema.members()
            tool.schema = schema.value
        }
        tool.extras = Extras(.responses, members.rest, .native)
        return tool
    }
}
