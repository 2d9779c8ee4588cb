/// Writes the model as Anthropic's JSON.
struct AnthropicEncoder {
    /// False for versions that refuse a request which names a temperature, whatever it is.
    var takesSampling = false
    /// Most tokens of a reply where the request says nothing, which Anthropic does not allow.
    var defaultMaxTokens = 4_096
    /// True towards a client of ours: what other providers signed goes along in carriers.
    var carriesForeign = false

    func request(
        _ request: ModelRequest, counting: Bool = false
    ) throws(UpstreamFailure) -> JSONObject {
        var turns = AnthropicTurns(encoder: self)
        for message in request.messages { try turns.add(message) }
        var object: JSONObject = ["model": .string(request.model)]
        let system = try parts(request.system, of: .system) + turns.system
        set(system, of: request, in: &object)
        object["messages"] = .array(turns.messages)
        object.set("stop_sequences", request.stop.map { .string($0) })
        object.set("cache_control", request.cache?.value(.control))
        try setTools(of: request, in: &object)
        setThinking(of: request, counting: counting, in: &object)
        setMetadata(of: request, in: &object)
        if request.isStreamed, !counting { object["stream"] = true }
        object.fill(from: request.extras[.anthropic])
        return object
    }

    private func set(
        _ system: [JSONValue], of request: ModelRequest, in object: inout JSONObject
    ) {
        let isList = request.extras.says(.list, in: .anthropic)
        if system.count == 1, !isList, let text = Self.plainText(system[0]) {
            object["system"] = .string(text)
        } else if !system.isEmpty || isList {
            object["system"] = .array(system)
        }
    }

    /// The text of a block that says nothing else.
    static func plainText(_ block: JSONValue) -> String? {
        guard case .object(let object) = block, object.count == 2, object["type"] == "text" else {
            return nil
        }
        return object["text"]?.string
    }

    private func setMetadata(of request: ModelRequest, in object: inout JSONObject) {
        guard let user = request.user else { return }
        var metadata: JSONObject = ["user_id": .string(user)]
        if let more = request.extras[.anthropic]["metadata"]?.object { metadata.fill(from: more) }
        object["metadata"] = .object(metadata)
    }

    private func setTools(
        of request: ModelRequest, in object: inout JSONObject
    ) throws(UpstreamFailure) {
        var tools: [JSONValue] = []
        for tool in request.tools { tools.append(try self.tool(tool)) }
        object.set("tools", tools)
        var choice: JSONObject = [:]
        switch request.toolChoice {
        case nil, .other?:
            guard request.parallelTools == false, !request.tools.isEmpty else { return }
            choice["type"] = "auto"
        case .auto?: choice["type"] = "auto"
        case .required?: choice["type"] = "any"
        case ToolChoice.none?: choice["type"] = "none"
        case .tool(let name)?:
            choice["type"] = "tool"
            choice["name"] = .string(name)
        }
        if let parallel = request.parallelTools, request.toolChoice != ToolChoice.none {
            choice["disable_parallel_tool_use"] = .bool(!parallel)
        }
        object["tool_choice"] = .object(choice)
    }

    private func tool(_ tool: ModelTool) throws(UpstreamFailure) -> JSONValue {
        if case .hosted(let raw) = tool.kind {
            guard raw.origin == .anthropic else {
                throw .badRequest("the tool \(tool.name) is run by another provider alone")
            }
            return raw.value
        }
        var object: JSONObject = ["name": .string(tool.name)]
        if tool.extras.says(.typed, in: .anthropic) { object["type"] = "custom" }
        object.set("description", tool.description)
        if case .custom = tool.kind {
            object["input_schema"] = ModelTool.customSchema
        } else {
            object["input_schema"] = tool.schema ?? ["type": "object", "properties": [:]]
        }
        object.set("strict", tool.isStrict)
        object.set("cache_control", tool.cache?.value(.control))
        object.fill(from: tool.extras[.anthropic])
        return .object(object)
    }
}
