extension ChatDecoder {
    static func message(_ field: Field) throws(InvalidRequest) -> ModelMessage {
        var members = try field.members()
        let role = try members.need("role")
        switch try role.word(["system", "developer", "user", "assistant", "tool", "function"]) {
        case "assistant": return try assistant(&members)
        case "tool": return try tool(&members)
        case "function":
            // Given up by OpenAI; whoever still uses it gets it through unchanged.
            return ModelMessage(.tool, [.other(RawPart(.openai, field.value))])
        case let word:
            let body = try members.need("content")
            let spelling: Spelling = body.value.array == nil ? .native : [.native, .list]
            return ModelMessage(
                .init(rawValue: word) ?? .user, try content(body), name: try members.text("name"),
                extras: Extras(.openai, members.rest, spelling))
        }
    }

    private static func tool(_ members: inout Members) throws(InvalidRequest) -> ModelMessage {
        let body = try members.need("content")
        var result = ToolResult(
            callID: try members.need("tool_call_id").text(), parts: try content(body))
        let spelling: Spelling = body.value.array == nil ? .native : [.native, .list]
        result.extras = Extras(.openai, members.rest, spelling)
        return ModelMessage(.tool, [.toolResult(result)])
    }

    static func content(_ field: Field) throws(InvalidRequest) -> [ContentPart] {
        if let text = field.value.string { return [.plain(text)] }
        var parts: [ContentPart] = []
        for item in try field.list("string or array") { parts.append(try part(item)) }
        return parts
    }

    private static func part(_ field: Field) throws(InvalidRequest) -> ContentPart {
        var members = try field.members()
        let type = try members.need("type")
        let cache = try cacheMark(&members)
        func native() -> Extras { Extras(.openai, members.rest, .native) }
        func raw() -> ContentPart { .other(RawPart(.openai, field.value)) }
        switch try type.text() {
        case "text":
            return .text(
                TextPart(try members.need("text").text(), cache: cache, extras: native()))
        case "refusal":
            let text = try members.need("refusal").text()
            return .text(
                TextPart(
                    text, isRefusal: true, extras: Extras(.openai, members.rest, [.native, .list])))
        case "image_url":
            var inner = try members.need("image_url").members()
            var media = MediaPart(.image, address: try inner.need("url").text())
            media.detail = try inner.text("detail")
            (media.cache, media.extras) = (cache, native())
            return inner.rest.isEmpty ? .media(media) : raw()
        case "input_audio":
            var inner = try members.need("input_audio").members()
            var media = MediaPart(.audio, .data(try inner.need("data").text()))
            media.mediaType = "audio/" + (try inner.need("format").text())
            (media.cache, media.extras) = (cache, native())
            return inner.rest.isEmpty ? .media(media) : raw()
        case "file":
            var inner = try members.need("file").members()
            guard var media = try file(&inner), inner.rest.isEmpty else { return raw() }
            (media.cache, media.extras) = (cache, native())
            return .media(media)
        default: return raw()
        }
    }

    private static func file(_ members: inout Members) throws(InvalidRequest) -> MediaPart? {
        let name = try members.text("filename")
        if let data = try members.text("file_data") {
            var media = MediaPart(.document, address: data)
            // Bare base64 is taken as well.
            if case .url = media.source { media.source = .data(data) }
            media.name = name
            return media
        }
        return try members.text("file_id").map { MediaPart(.document, .file($0), name: name) }
    }

    // MARK: The model's own turns

    static func assistant(_ members: inout Members) throws(InvalidRequest) -> ModelMessage {
        var spelling: Spelling = .native
        var parts: [ContentPart] = []
        if let body = members.take("content") {
            if body.value.array != nil { spelling.insert(.list) }
            parts = try content(body)
        }
        if let refusal = try members.text("refusal") {
            parts.append(.text(TextPart(refusal, isRefusal: true)))
        }
        for item in try members.take("tool_calls")?.list() ?? [] {
            parts.append(try toolCall(item))
        }
        let name = try members.text("name")
        try ChatReasoning.take(from: &members, into: &parts)
        return ModelMessage(
            .assistant, parts, name: name, extras: Extras(.openai, members.rest, spelling))
    }

    static func toolCall(_ field: Field) throws(InvalidRequest) -> ContentPart {
        var members = try field.members()
        let id = try members.need("id").text()
        let type = try members.text("type") ?? "function"
        guard type == "function" || type == "custom" else {
            return .other(RawPart(.openai, field.value))
        }
        var inner = try members.need(type).members()
        let arguments = try inner.need(type == "custom" ? "input" : "arguments").text()
        var call = ToolCall(
            id: id, name: try inner.need("name").text(), arguments: arguments,
            form: type == "custom" ? .custom : .function)
        call.signature = takeSignature(from: &members.rest)
        guard inner.rest.isEmpty else { return .other(RawPart(.openai, field.value)) }
        call.extras = Extras(.openai, members.rest, .native)
        return .toolCall(call)
    }

    /// Google's place for a signature in this dialect.
    static func takeSignature(from rest: inout JSONObject) -> Signature? {
        guard case .object(var extra)? = rest["extra_content"],
            case .object(var google)? = extra["google"],
            let signature = google.take("thought_signature")?.string
        else { return nil }
        extra["google"] = google.isEmpty ? nil : .object(google)
        rest["extra_content"] = extra.isEmpty ? nil : .object(extra)
        return Signature(.gemini, signature)
    }
}
