extension AnthropicDecoder {
    /// A text, or a list of blocks.
    static func content(_ field: Field) throws(InvalidRequest) -> [ContentPart] {
        if let text = field.value.string { return [.plain(text)] }
        var parts: [ContentPart] = []
        var carriers: [Carrier] = []
        for item in try field.list("string or array") {
            let part = try block(item)
            if case .redacted(let redacted) = part, let carrier = Carrier(redacted.sealed.value) {
                switch carrier.kind {
                case .call: carriers.append(carrier)
                case .text: parts.attach(carrier)
                default: parts.append(.redacted(RedactedPart(carrier.signature)))
                }
                continue
            }
            parts.append(part)
        }
        parts.attach(toCalls: carriers)
        return parts
    }

    static func block(_ field: Field) throws(InvalidRequest) -> ContentPart {
        var members = try field.members()
        let type = try members.need("type")
        switch try type.text() {
        case "text": return .text(try text(&members))
        case "image": return try media(.image, &members, field)
        case "document": return try media(.document, &members, field)
        case "thinking": return .thinking(try thinking(&members))
        case "redacted_thinking":
            let data = try members.need("data").text()
            return .redacted(
                RedactedPart(
                    Signature(.anthropic, data),
                    extras: Extras(.anthropic, members.rest, .native)))
        case "tool_use": return .toolCall(try toolCall(&members))
        case "tool_result": return .toolResult(try toolResult(&members))
        default: return .other(RawPart(.anthropic, field.value))
        }
    }

    private static func text(_ members: inout Members) throws(InvalidRequest) -> TextPart {
        TextPart(
            try members.need("text").text(),
            cache: try members.take("cache_control").map(cacheMark),
            extras: Extras(.anthropic, members.rest, .native))
    }

    private static func thinking(_ members: inout Members) throws(InvalidRequest) -> ThinkingPart {
        var part = ThinkingPart(try members.need("thinking").text())
        guard let signature = try members.text("signature") else { return part }
        if let carrier = Carrier(signature) {
            if carrier.kind != .unsigned { part.signature = carrier.signature }
            if !carrier.id.isEmpty {
                part.extras[notes: carrier.origin]["id"] = .string(carrier.id)
            }
            return part
        }
        part.signature = Signature(.anthropic, signature)
        part.extras = Extras(.anthropic, members.rest, .native)
        return part
    }

    /// What the model has no word for in a source makes the block one for Anthropic alone.
    private static func media(
        _ kind: MediaPart.Kind, _ members: inout Members, _ field: Field
    ) throws(InvalidRequest) -> ContentPart {
        var source = try members.need("source").members()
        var part = MediaPart(kind, .url(""))
        switch try source.need("type").text() {
        case "base64":
            part.source = .data(try source.need("data").text())
            part.mediaType = try source.need("media_type").text()
        case "url": part.source = .url(try source.need("url").text())
        case "text":
            part.source = .text(try source.need("data").text())
            part.mediaType = try source.need("media_type").text()
        case "file": part.source = .file(try source.need("file_id").text())
        default: return .other(RawPart(.anthropic, field.value))
        }
        guard source.rest.isEmpty else { return .other(RawPart(.anthropic, field.value)) }
        part.cache = try members.take("cache_control").map(cacheMark)
        if kind == .document { part.name = try members.text("title") }
        part.extras = Extras(.anthropic, members.rest, .native)
        return .media(part)
    }

    private static func toolCall(_ members: inout Members) throws(InvalidRequest) -> ToolCall {
        let input = try members.need("input")
        _ = try input.members()
        return ToolCall(
            id: try members.need("id").text(), name: try members.need("name").text(),
            arguments: input.value.text,
            cache: try members.take("cache_control").map(cacheMark),
            extras: Extras(.anthropic, members.rest, .native))
    }

    private static func toolResult(_ members: inout Members) throws(InvalidRequest) -> ToolResult {
        var spelling: Spelling = .native
        var parts: [ContentPart] = []
        if let body = members.take("content") {
            if body.value.array != nil { spelling.insert(.list) }
            parts = try content(body)
        } else {
            spelling.insert(.absent)
        }
        return ToolResult(
            callID: try members.need("tool_use_id").text(), parts: parts,
            isError: try members.flag("is_error"),
            cache: try members.take("cache_control").map(cacheMark),
            extras: Extras(.anthropic, members.rest, spelling))
    }
}
