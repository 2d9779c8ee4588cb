/// Writes the model as Ollama's JSON.
struct OllamaEncoder {
    func request(_ request: ModelRequest) throws(UpstreamFailure) -> JSONObject {
        var object: JSONObject = ["model": .string(request.model)]
        let names = request.toolNames
        var messages: [JSONValue] = []
        if !request.system.isEmpty {
            messages += try self.messages(ModelMessage(.system, request.system), names)
        }
        for message in request.messages { messages += try self.messages(message, names) }
        object["messages"] = .array(messages)
        try setTools(of: request, in: &object)
        setOptions(of: request, in: &object)
        switch request.format {
        case .json?: object["format"] = "json"
        case .schema(let format)?: object["format"] = format.schema
        case .text?, nil: break
        }
        if let think = think(request.thinking) { object["think"] = think }
        object["stream"] = .bool(request.isStreamed)
        object.fill(from: request.extras[.ollama])
        return object
    }

    private func think(_ wish: ThinkingWish?) -> JSONValue? {
        guard let wish else { return nil }
        if wish.isOff { return false }
        switch wish.weight {
        case .minimal?, .low?: return "low"
        case .medium?: return "medium"
        case .high?, .xhigh?, .max?: return "high"
        case let other?: return .string(other.rawValue)
        case nil: return wish.mode == nil ? nil : true
        }
    }

    private func setOptions(of request: ModelRequest, in object: inout JSONObject) {
        var options: JSONObject = [:]
        options.set("num_predict", request.maxTokens)
        options.set("temperature", request.sampling.temperature)
        options.set("top_p", request.sampling.topP)
        options.set("top_k", request.sampling.topK)
        options.set("seed", request.sampling.seed)
        options.set("frequency_penalty", request.sampling.frequencyPenalty)
        options.set("presence_penalty", request.sampling.presencePenalty)
        options.set("stop", request.stop.map { .string($0) })
        options.fill(from: request.extras[.ollama]["options"]?.object ?? [:])
        object.set("options", options)
    }

    /// Ollama has no way to ask for a tool: a choice of none leaves them out.
    private func setTools(
        of request: ModelRequest, in object: inout JSONObject
    ) throws(UpstreamFailure) {
        guard request.toolChoice != ToolChoice.none else { return }
        var tools: [JSONValue] = []
        for tool in request.tools {
            if case .hosted(let raw) = tool.kind {
                guard raw.origin == .ollama else {
                    throw .badRequest("the tool \(tool.name) is run by another provider alone")
                }
                tools.append(raw.value)
                continue
            }
            var inner: JSONObject = ["name": .string(tool.name)]
            inner.set("description", tool.description)
            if case .custom = tool.kind {
                inner["parameters"] = ModelTool.customSchema
            } else {
                inner["parameters"] = tool.schema ?? ["type": "object", "properties": [:]]
            }
            inner.fill(from: tool.extras[.ollama])
            tools.append(["type": "function", "function": .object(inner)])
        }
        object.set("tools", tools)
    }

    // MARK: Messages

    private func messages(
        _ message: ModelMessage, _ names: [String: String]
    ) throws(UpstreamFailure) -> [JSONValue] {
        var messages: [JSONValue] = []
        var texts: [String] = []
        var thinking = ""
        var images: [JSONValue] = []
        var calls: [JSONValue] = []
        for part in message.parts {
            switch part {
            case .text(let part): texts.append(part.text)
            case .thinking(let part): thinking += part.text
            case .media(let part):
                if let words = part.words {
                    texts.append(words.text)
                } else {
                    images.append(try image(part))
                }
            case .toolCall(let call): calls.append(toolCall(call))
            case .toolResult(let result): messages.append(try tool(result, names))
            case .redacted: break
            case .other(let raw):
                if message.role == .assistant { break }
                let kind = raw.kind
                throw .badRequest("Ollama takes no part of the kind \(kind)")
            }
        }
        let isEmpty =
            texts.isEmpty && images.isEmpty && calls.isEmpty && thinking.isEmpty
        guard !isEmpty || messages.isEmpty else { return messages }
        let role =
            switch message.role {
            case .developer: "system"
            case .tool: "user"
            default: message.role.rawValue
            }
        var object: JSONObject = ["role": .string(role)]
        let isAbsent = texts.isEmpty && message.extras.says(.absent, in: .ollama)
        if !isAbsent { object["content"] = .string(texts.joined(separator: "\n\n")) }
        if !thinking.isEmpty { object["thinking"] = .string(thinking) }
        object.set("images", images)
        object.set("tool_calls", calls)
        object.fill(from: message.extras[.ollama])
        return messages + [.object(object)]
    }

    private func image(_ part: MediaPart) throws(UpstreamFailure) -> JSONValue {
        guard part.kind == .image, case .data(let data) = part.source else {
            throw .badRequest("Ollama takes pictures only, and as data")
        }
        return .string(data)
    }

    private func toolCall(_ call: ToolCall) -> JSONValue {
        var function: JSONObject = [
            "name": .string(call.name), "arguments": .object(call.input),
        ]
        function.fill(from: call.extras[notes: .ollama]["function"]?.object ?? [:])
        var object: JSONObject = [:]
        // Newer servers name calls, and take the name again.
        if !call.extras.says(.unnamed, in: .ollama) { object["id"] = .string(call.id) }
        object["function"] = .object(function)
        object.fill(from: call.extras[.ollama])
        return .object(object)
    }

    private func tool(
        _ result: ToolResult, _ names: [String: String]
    ) throws(UpstreamFailure) -> JSONValue {
        var object: JSONObject = ["role": "tool", "content": .string(result.text)]
        object.set("tool_name", result.name ?? names[result.callID])
        if !result.extras.says(.unnamed, in: .ollama) {
            object["tool_call_id"] = .string(result.callID)
        }
        var images: [JSONValue] = []
        for part in result.parts {
            if case .media(let part) = part { images.append(try image(part)) }
        }
        object.set("images", images)
        object.fill(from: result.extras[.ollama])
        return .object(object)
    }
}

extension ModelTool {
    /// The schema that stands for a custom tool where there are none: one text.
    static let customSchema: JSONValue = [
        "type": "object", "properties": ["input": ["type": "string"]], "required": ["input"],
    ]
}

extension ModelRequest {
    /// The name of each call of the conversation, for dialects whose results repeat it.
    var toolNames: [String: String] {
        var names: [String: String] = [:]
        for message in messages {
            for part in message.parts {
                if case .toolCall(let call) = part { names[call.id] = call.name }
            }
        }
        return names
    }
}
