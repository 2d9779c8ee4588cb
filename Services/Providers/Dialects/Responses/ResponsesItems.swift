/// Puts items into turns: what the model said, thought and called together, as other dialects have
/// it, each part knowing what its item said besides.
struct ResponsesItems {
    private(set) var messages: [ModelMessage] = []
    private var carriers: [Carrier] = []

    mutating func add(_ field: Field) throws(InvalidRequest) {
        var members = try field.members()
        let type = members.field("type")?.value.string
        switch type {
        case nil where members.has("role"), "message"?:
            try message(&members, field, isTyped: type != nil)
        case "reasoning"?:
            members.rest["type"] = nil
            try reasoning(&members)
        case "function_call"?, "custom_tool_call"?:
            members.rest["type"] = nil
            say([.toolCall(try Self.toolCall(&members, isCustom: type == "custom_tool_call"))])
        case "function_call_output"?, "custom_tool_call_output"?:
            members.rest["type"] = nil
            guard members.has("call_id") else {
                throw InvalidRequest(.key(field.path, "call_id"), .missing)
            }
            let result = try Self.result(
                &members, isCustom: type == "custom_tool_call_output")
            messages.append(ModelMessage(.tool, [.toolResult(result)]))
        case let type?:
            let raw = ContentPart.other(RawPart(.responses, field.value))
            let isAnswer = type.hasSuffix("_output") || type == "mcp_approval_response"
            if isAnswer || type == "item_reference" {
                messages.append(ModelMessage(isAnswer ? .tool : .user, [raw]))
            } else {
                say([raw])
            }
        case nil:
            // An item's identifier alone refers to it.
            guard members.has("id") else {
                throw InvalidRequest(.key(field.path, "type"), .missing)
            }
            messages.append(
                ModelMessage(.user, [.other(RawPart(.responses, field.value))]))
        }
    }

    /// Goes on with the model's turn.
    private mutating func say(_ parts: [ContentPart]) {
        if messages.last?.role != .assistant { messages.append(ModelMessage(.assistant, [])) }
        messages[messages.count - 1].parts += parts
        messages[messages.count - 1].parts.attach(toCalls: carriers)
    }

    private mutating func message(
        _ members: inout Members, _ field: Field, isTyped: Bool
    ) throws(InvalidRequest) {
        let role = try members.need("role").word(["user", "assistant", "system", "developer"])
        let body = try members.need("content")
        members.rest["type"] = nil
        var parts = try Self.content(body)
        var spelling: Spelling = .native
        if isTyped { spelling.insert(.typed) }
        if body.value.array != nil { spelling.insert(.list) }
        guard role == "assistant" else {
            messages.append(
                ModelMessage(
                    .init(rawValue: role) ?? .user, parts,
                    extras: Extras(.responses, members.rest, spelling)))
            return
        }
        if parts.isEmpty { parts = [.other(RawPart(.responses, field.value))] }
        for place in parts.indices {
            if place == 0 {
                parts[0].extras[notes: .responses]["item"] = .object(members.rest)
                parts[0].extras[bag: .responses].spelling.formUnion(spelling)
            } else {
                parts[place].extras[bag: .responses].spelling.formUnion([.native, .continued])
            }
        }
        say(parts)
    }

    private mutating func reasoning(_ members: inout Members) throws(InvalidRequest) {
        let sealed = try members.text("encrypted_content")
        let (text, spelling) = try Self.takeText(from: &members)
        if let sealed, let carrier = Carrier(sealed) {
            switch carrier.kind {
            case .call: carriers.append(carrier)
            case .text:
                if messages.last?.role != .assistant { say([]) }
                messages[messages.count - 1].parts.attach(carrier)
            case .redacted: say([.redacted(RedactedPart(carrier.signature))])
            case .thinking, .unsigned:
                var part = ThinkingPart(text)
                if carrier.kind == .thinking { part.signature = carrier.signature }
                if !carrier.id.isEmpty {
                    part.extras[notes: carrier.origin]["id"] = .string(carrier.id)
                }
                say([.thinking(part)])
            }
            return
        }
        var part = ThinkingPart(text, signature: sealed.map { Signature(.responses, $0) })
        part.extras = Extras(.responses, members.rest, spelling)
        part.extras[notes: .responses].set("id", members.rest["id"])
        say([.thinking(part)])
    }

    /// One summary becomes the text; several stay beside it as well.
    static func takeText(
        from members: inout Members
    ) throws(InvalidRequest) -> (String, Spelling) {
        func texts(_ key: String) throws(InvalidRequest) -> [String] {
            var texts: [String] = []
            for item in try members.field(key)?.list() ?? [] {
                texts.append(try item.members().read("text").text())
            }
            return texts
        }
        let summaries = try texts("summary")
        let contents = try texts("content")
        if summaries.isEmpty {
            let spelling: Spelling = members.has("summary") ? .native : [.native, .absent]
            return (contents.joined(separator: "\n\n"), spelling)
        }
        if summaries.count == 1, members.field("summary")?.value.array?[0].object?.count == 2 {
            members.rest["summary"] = nil
        }
        return (summaries.joined(separator: "\n\n"), .native)
    }

    static func toolCall(
        _ members: inout Members, isCustom: Bool
    ) throws(InvalidRequest) -> ToolCall {
        ToolCall(
            id: try members.need("call_id").text(), name: try members.need("name").text(),
            arguments: try members.need(isCustom ? "input" : "arguments").text(),
            form: isCustom ? .custom : .function,
            extras: Extras(.responses, members.rest, .native))
    }

    private static func result(
        _ members: inout Members, isCustom: Bool
    ) throws(InvalidRequest) -> ToolResult {
        let body = try members.need("output")
        var result = ToolResult(
            callID: try members.need("call_id").text(), parts: try content(body),
            form: isCustom ? .custom : .function)
        let spelling: Spelling = body.value.array == nil ? .native : [.native, .list]
        result.extras = Extras(.responses, members.rest, spelling)
        return result
    }
}

extension Members {
    /// As `need`, and leaves it where it is.
    func read(_ key: String) throws(InvalidRequest) -> Field {
        guard let field = field(key) else { throw InvalidRequest(.key(path, key), .missing) }
        return field
    }
}
