/// Writes the model as Gemini's JSON. The model's name is no part of it: it stands in the address.
struct GeminiEncoder {
    func request(_ request: ModelRequest) throws(UpstreamFailure) -> JSONObject {
        var turns = GeminiTurns(names: request.toolNames)
        for message in request.messages { try turns.add(message) }
        var object: JSONObject = ["contents": .array(turns.contents)]
        var system: [JSONValue] = []
        for part in request.system { system += try turns.part(part, of: .system) }
        system += turns.system
        if !system.isEmpty {
            var instruction: JSONObject = ["parts": .array(system)]
            let notes = request.extras[notes: .gemini]["systemInstruction"]
            instruction.fill(from: notes?.object ?? [:])
            object["systemInstruction"] = .object(instruction)
        }
        try setTools(of: request, in: &object)
        object.set("generationConfig", generation(of: request))
        object.fill(from: request.extras[.gemini])
        return object
    }

    private func generation(of request: ModelRequest) -> JSONObject {
        var object: JSONObject = [:]
        object.set("maxOutputTokens", request.maxTokens)
        object.set("temperature", request.sampling.temperature)
        object.set("topP", request.sampling.topP)
        object.set("topK", request.sampling.topK)
        object.set("seed", request.sampling.seed)
        object.set("frequencyPenalty", request.sampling.frequencyPenalty)
        object.set("presencePenalty", request.sampling.presencePenalty)
        object.set("stopSequences", request.stop.map { .string($0) })
        switch request.format {
        case nil: break
        case .text?: object["responseMimeType"] = "text/plain"
        case .json?: object["responseMimeType"] = "application/json"
        case .schema(let format)?:
            object["responseMimeType"] = "application/json"
            let isOlder = format.extras.says(.older, in: .gemini)
            object[isOlder ? "responseSchema" : "responseJsonSchema"] = format.schema
        }
        if let thinking = thinking(of: request), !thinking.isEmpty {
            object["thinkingConfig"] = .object(thinking)
        }
        object.fill(from: request.extras[.gemini]["generationConfig"]?.object ?? [:])
        return object
    }

    private func thinking(of request: ModelRequest) -> JSONObject? {
        guard let wish = request.thinking else { return nil }
        var object: JSONObject = [:]
        if wish.extras.says(.native, in: .gemini) {
            object.set("includeThoughts", wish.display.map { $0 != "omitted" })
            object.set("thinkingBudget", wish.budget)
            object.set("thinkingLevel", wish.effort?.rawValue.uppercased())
            object.fill(from: wish.extras[.gemini])
            return object
        }
        if wish.isOff { return ["thinkingBudget": 0] }
        object["includeThoughts"] = .bool(wish.display != "omitted")
        if let budget = wish.budget {
            object["thinkingBudget"] = JSONValue(budget)
        } else if let effort = wish.effort {
            // Models before the third take a budget alone.
            let isOlder = request.model.contains("gemini-2") || request.model.contains("gemini-1")
            if isOlder {
                object.set("thinkingBudget", wish.tokens)
            } else {
                let level: Effort = effort == .xhigh || effort == .max ? .high : effort
                object["thinkingLevel"] = .string(level.rawValue.uppercased())
            }
        }
        return object
    }

    // MARK: Tools

    private func setTools(
        of request: ModelRequest, in object: inout JSONObject
    ) throws(UpstreamFailure) {
        var tools: [JSONValue] = []
        var functions: [JSONValue] = []
        for tool in request.tools {
            guard case .hosted(let raw) = tool.kind else {
                functions.append(function(tool))
                continue
            }
            guard raw.origin == .gemini else {
                throw .badRequest("the tool \(tool.name) is run by another provider alone")
            }
            tools.append(raw.value)
        }
        if !functions.isEmpty {
            tools.insert(["functionDeclarations": .array(functions)], at: 0)
        }
        object.set("tools", tools)
        var config: JSONObject = [:]
        switch request.toolChoice {
        case nil: break
        case .auto?: config["mode"] = "AUTO"
        case .required?: config["mode"] = "ANY"
        case ToolChoice.none?: config["mode"] = "NONE"
        case .tool(let name)?:
            config["mode"] = "ANY"
            config["allowedFunctionNames"] = [.string(name)]
        case .other(let raw)?:
            if raw.origin == .gemini { config = raw.value.object ?? [:] }
        }
        guard !config.isEmpty, !tools.isEmpty else { return }
        var whole: JSONObject = ["functionCallingConfig": .object(config)]
        whole.fill(from: request.extras[.gemini]["toolConfig"]?.object ?? [:])
        object["toolConfig"] = .object(whole)
    }

    private func function(_ tool: ModelTool) -> JSONValue {
        var object: JSONObject = ["name": .string(tool.name)]
        object.set("description", tool.description)
        if case .custom = tool.kind {
            object["parametersJsonSchema"] = ModelTool.customSchema
        } else if let schema = tool.schema {
            let isOlder = tool.extras.says(.older, in: .gemini)
            object[isOlder ? "parameters" : "parametersJsonSchema"] = schema
        }
        object.fill(from: tool.extras[.gemini])
        return .object(object)
    }
}
