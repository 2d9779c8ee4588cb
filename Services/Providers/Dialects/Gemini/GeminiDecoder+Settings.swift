extension GeminiDecoder {
    static func generation(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        guard var config = try top.take("generationConfig")?.members() else { return }
        request.maxTokens = try config.int("maxOutputTokens", 1...Int.max)
        request.sampling = Sampling(
            temperature: try config.double("temperature", 0...2),
            topP: try config.double("topP", 0...1), topK: try config.int("topK"),
            seed: try config.int("seed"),
            frequencyPenalty: try config.double("frequencyPenalty", -2...2),
            presencePenalty: try config.double("presencePenalty", -2...2))
        request.stop = try config.take("stopSequences")?.texts() ?? []
        request.format = try format(&config)
        if var members = try config.take("thinkingConfig")?.members() {
            var wish = ThinkingWish()
            if let shows = try members.flag("includeThoughts") {
                wish.display = shows ? "summarized" : "omitted"
            }
            wish.budget = try members.int("thinkingBudget")
            wish.effort = try members.text("thinkingLevel").map {
                Effort(rawValue: $0.lowercased())
            }
            wish.extras = Extras(.gemini, members.rest, .native)
            request.thinking = wish
        }
        if !config.rest.isEmpty { top.rest["generationConfig"] = .object(config.rest) }
    }

    private static func format(
        _ config: inout Members
    ) throws(InvalidRequest) -> ResponseFormat? {
        guard let type = config.field("responseMimeType")?.value.string else { return nil }
        switch type {
        case "text/plain":
            config.rest["responseMimeType"] = nil
            return .text
        case "application/json":
            config.rest["responseMimeType"] = nil
            if let schema = config.take("responseJsonSchema") {
                return .schema(SchemaFormat(schema.value, extras: Extras(.gemini, [:], .native)))
            }
            guard let schema = config.take("responseSchema") else { return .json }
            return .schema(
                SchemaFormat(schema.value, extras: Extras(.gemini, [:], [.native, .older])))
        default: return nil
        }
    }

    static func tools(
        _ top: inout Members, _ request: inout ModelRequest
    ) throws(InvalidRequest) {
        for item in try top.take("tools")?.list() ?? [] {
            var members = try item.members()
            guard let list = members.take("functionDeclarations"), members.rest.isEmpty else {
                let name = try item.members().rest.keys.first ?? ""
                request.tools.append(ModelTool(name, kind: .hosted(RawPart(.gemini, item.value))))
                continue
            }
            for function in try list.list() { request.tools.append(try tool(function)) }
        }
        guard var config = try top.take("toolConfig")?.members() else { return }
        if let calling = config.take("functionCallingConfig") {
            let members = try calling.members()
            let names = try members.field("allowedFunctionNames")?.texts() ?? []
            switch (members.field("mode")?.value.string, names.count, members.rest.count) {
            case ("AUTO", 0, 1): request.toolChoice = .auto
            case ("ANY", 0, 1): request.toolChoice = .required
            case ("NONE", 0, 1): request.toolChoice = ToolChoice.none
            case ("ANY", 1, 2): request.toolChoice = .tool(names[0])
            default: request.toolChoice = .other(RawPart(.gemini, calling.value))
            }
        }
        if !config.rest.isEmpty { top.rest["toolConfig"] = .object(config.rest) }
    }

    private static func tool(_ field: Field) throws(InvalidRequest) -> ModelTool {
        var members = try field.members()
        var tool = ModelTool(try members.need("name").text())
        tool.description = try members.text("description")
        var spelling: Spelling = .native
        if let schema = members.take("parametersJsonSchema") {
            tool.schema = schema.value
        } else if let schema = members.take("parameters") {
            tool.schema = schema.value
            spelling.insert(.older)
        }
        tool.extras = Extras(.gemini, members.rest, spelling)
        return tool
    }
}
