/// Writes the model as the JSON of OpenAI's Responses.
struct ResponsesEncoder {
    /// True towards a client of ours: what other providers signed goes along in carriers.
    var carriesForeign = false

    func request(_ request: ModelRequest) throws(UpstreamFailure) -> JSONObject {
        let isNative = request.extras.says(.native, in: .responses)
        var object: JSONObject = ["model": .string(request.model)]
        var input: [JSONValue] = []
        if request.system.count == 1, case .text(let only) = request.system[0],
            only.cache == nil, !only.text.isEmpty || isNative
        {
            object["instructions"] = .string(only.text)
        } else if !request.system.isEmpty {
            input += try items(of: ModelMessage(.system, request.system))
        }
        for message in request.messages { input += try items(of: message) }
        if request.extras.says(.plain, in: .responses), request.messages.count == 1 {
            object["input"] = .string(request.messages[0].text)
        } else if !(isNative && input.isEmpty) {
            object["input"] = .array(input)
        }
        try setTools(of: request, in: &object)
        setSettings(of: request, in: &object)
        if !isNative, !carriesForeign {
            // Nothing is left with OpenAI, so that what was thought has to come back with us.
            object["store"] = false
            object["include"] = ["reasoning.encrypted_content"]
        }
        object.fill(from: request.extras[.responses])
        return object
    }

    private func setSettings(of request: ModelRequest, in object: inout JSONObject) {
        object.set("max_output_tokens", request.maxTokens)
        object.set("temperature", request.sampling.temperature)
        object.set("top_p", request.sampling.topP)
        let isAlias = request.extras.says(.alias, in: .responses)
        object.set(isAlias ? "safety_identifier" : "user", request.user)
        if let reasoning = reasoning(request.thinking), !reasoning.isEmpty {
            object["reasoning"] = .object(reasoning)
        }
        var text: JSONObject = [:]
        if let format = request.format { text["format"] = self.format(format) }
        text.fill(from: request.extras[.responses]["text"]?.object ?? [:])
        object.set("text", text)
        if request.isStreamed { object["stream"] = true }
    }

    func reasoning(_ wish: ThinkingWish?) -> JSONObject? {
        guard let wish else { return nil }
        var object: JSONObject = [:]
        if wish.extras.says(.native, in: .responses) {
            object.set("effort", wish.effort?.rawValue)
            object.set("summary", wish.display)
            object.fill(from: wish.extras[.responses])
            return object
        }
        object.set("effort", wish.weight?.rawValue)
        if wish.display == "summarized" { object["summary"] = "auto" }
        return object
    }

    func format(_ format: ResponseFormat) -> JSONValue {
        switch format {
        case .text: return ["type": "text"]
        case .json: return ["type": "json_object"]
        case .schema(let format):
            var object: JSONObject = [
                "type": "json_schema", "name": .string(format.name ?? "answer"),
                "schema": format.schema,
            ]
            object.set("description", format.description)
            let isNative = format.extras.says(.native, in: .responses)
            object.set("strict", format.isStrict ?? (isNative ? nil : true))
            object.fill(from: format.extras[.responses])
            return .object(object)
        }
    }

    private func setTools(
        of request: ModelRequest, in object: inout JSONObject
    ) throws(UpstreamFailure) {
        let tools = try tools(of: request)
        object.set("tools", tools)
        object.set("parallel_tool_calls", request.parallelTools)
        if let choice = choice(of: request) { object["tool_choice"] = choice }
        if tools.isEmpty, !request.extras.says(.native, in: .responses) {
            object["tool_choice"] = nil
            object["parallel_tool_calls"] = nil
        }
    }

    func tools(of request: ModelRequest) throws(UpstreamFailure) -> [JSONValue] {
        var tools: [JSONValue] = []
        for tool in request.tools { tools.append(try self.tool(tool)) }
        return tools
    }

    func choice(of request: ModelRequest) -> JSONValue? {
        switch request.toolChoice {
        case nil: return nil
        case .auto?: return "auto"
        case .required?: return "required"
        case ToolChoice.none?: return "none"
        case .tool(let name)?:
            let isCustom = request.isCustom(name)
            return ["type": isCustom ? "custom" : "function", "name": .string(name)]
        case .other(let raw)?: return raw.origin == .responses ? raw.value : nil
        }
    }

    private func tool(_ tool: ModelTool) throws(UpstreamFailure) -> JSONValue {
        var object: JSONObject = ["type": "function", "name": .string(tool.name)]
        object.set("description", tool.description)
        let isNative = tool.extras.says(.native, in: .responses)
        switch tool.kind {
        case .hosted(let raw):
            guard raw.origin == .responses else {
                throw .badRequest("the tool \(tool.name) is run by another provider alone")
            }
            return raw.value
        case .custom(let format):
            object["type"] = "custom"
            if !format.isNull { object["format"] = ChatCustomFormat.responses(format) }
        case .function:
            object.set("parameters", tool.schema ?? (isNative ? nil : .null))
            // Left out, it would be true here and false elsewhere.
            object.set("strict", tool.isStrict ?? (isNative ? nil : false))
        }
        object.fill(from: tool.extras[.responses])
        return .object(object)
    }
}

extension ModelRequest {
    /// True for a tool that takes any text.
    func isCustom(_ name: String) -> Bool {
        tools.contains { tool in
            if case .custom = tool.kind { return tool.name == name }
            return false
        }
    }
}
