extension ResponsesEncoder {
    /// The items of a turn: one for what was said, and one each for calls, results, thoughts.
    func items(of message: ModelMessage) throws(UpstreamFailure) -> [JSONValue] {
        if message.role == .assistant { return try assistant(message.parts) }
        var items: [JSONValue] = []
        var content: [JSONValue] = []
        for part in message.parts {
            switch part {
            case .toolResult(let result): items.append(try output(result))
            case .other(let raw) where isItem(raw, message): items.append(raw.value)
            default:
                if let value = try self.content(part, of: message.role) { content.append(value) }
            }
        }
        let isList = message.extras.says(.list, in: .responses)
        guard !content.isEmpty || items.isEmpty else { return items }
        var object: JSONObject = [:]
        if message.extras.says(.typed, in: .responses) { object["type"] = "message" }
        object["role"] = .string(message.role == .tool ? "user" : message.role.rawValue)
        object["content"] = Self.plain(content, isList: isList)
        object.fill(from: message.extras[.responses])
        return items + [.object(object)]
    }

    /// Raw items stand for themselves in a turn that no message was made of.
    private func isItem(_ raw: RawPart, _ message: ModelMessage) -> Bool {
        raw.origin == .responses && !message.extras.says(.native, in: .responses)
    }

    /// A text where the list would hold one and nothing more.
    private static func plain(_ list: [JSONValue], isList: Bool) -> JSONValue {
        if list.isEmpty, !isList { return "" }
        guard list.count == 1, !isList, case .object(let only) = list[0], only.count == 2,
            only["type"] == "input_text" || only["type"] == "output_text", let text = only["text"]
        else { return .array(list) }
        return text
    }

    /// Nil for what this dialect does not show.
    private func content(
        _ part: ContentPart, of role: ModelMessage.Role
    ) throws(UpstreamFailure) -> JSONValue? {
        var object: JSONObject
        var cache: CacheMark?
        switch part {
        case .text(let part):
            let type =
                part.extras.says(.older, in: .responses)
                ? "text" : role == .assistant ? "output_text" : "input_text"
            object = ["type": .string(type), "text": .string(part.text)]
            if part.isRefusal { object = ["type": "refusal", "refusal": .string(part.text)] }
            cache = part.cache
        case .media(let part):
            if let words = part.words { return try content(.text(words), of: role) }
            object = try media(part)
            cache = part.cache
        case .other(let raw):
            if raw.origin == .responses { return raw.value }
            if role == .assistant { return nil }
            let kind = raw.kind
            throw .badRequest("OpenAI's Responses take no part of the kind \(kind)")
        case .thinking, .redacted, .toolCall, .toolResult: return nil
        }
        if let cache, cache.style == .breakpoint || carriesForeign {
            object["prompt_cache_breakpoint"] = cache.value(.breakpoint)
        }
        object.fill(from: part.extras[.responses])
        return .object(object)
    }

    private func media(_ part: MediaPart) throws(UpstreamFailure) -> JSONObject {
        let isNative = part.extras.says(.native, in: .responses)
        switch (part.kind, part.source) {
        case (.image, .file(let id)):
            var object: JSONObject = ["type": "input_image", "file_id": .string(id)]
            object.set("detail", part.detail ?? (isNative ? nil : "auto"))
            return object
        case (.image, _):
            var object: JSONObject = [
                "type": "input_image", "image_url": .string(part.address ?? ""),
            ]
            object.set("detail", part.detail ?? (isNative ? nil : "auto"))
            return object
        case (.document, let source):
            var object: JSONObject = ["type": "input_file"]
            switch source {
            case .file(let id): object["file_id"] = .string(id)
            case .url(let url): object["file_url"] = .string(url)
            case .text: break
            case .data(let data):
                let isBare = part.mediaType == nil && isNative
                object["file_data"] = .string(isBare ? data : part.address ?? data)
                if part.name == nil, !isNative { object["filename"] = "document.pdf" }
            }
            object.set("filename", part.name)
            return object
        case (.audio, .data(let data)):
            let format = part.typeOrGuess.split(separator: "/").last.map(String.init) ?? "wav"
            return [
                "type": "input_audio",
                "input_audio": [
                    "data": .string(data), "format": .string(format == "mpeg" ? "mp3" : format),
                ],
            ]
        default: throw .badRequest("OpenAI's Responses take no such \(part.kind.rawValue)")
        }
    }

    private func output(_ result: ToolResult) throws(UpstreamFailure) -> JSONValue {
        var list: [JSONValue] = []
        for part in result.parts {
            if let value = try content(part, of: .tool) { list.append(value) }
        }
        let isList = result.extras.says(.list, in: .responses)
        let type = result.form == .custom ? "custom_tool_call_output" : "function_call_output"
        var object: JSONObject = [
            "type": .string(type), "call_id": .string(id(result.callID)),
            "output": Self.plain(list, isList: isList),
        ]
        object.fill(from: result.extras[.responses])
        return .object(object)
    }

    /// OpenAI takes 64 characters in the name of a call.
    func id(_ id: String) -> String {
        carriesForeign ? id : WireID.fitted(id, longest: 64)
    }

    // MARK: The model's own turns

    func assistant(_ parts: [ContentPart]) throws(UpstreamFailure) -> [JSONValue] {
        var items: [JSONValue] = []
        var said: (item: JSONObject, content: [JSONValue], isList: Bool)?
        func flush() {
            guard let open = said else { return }
            var item = open.item
            item["content"] = Self.plain(open.content, isList: open.isList)
            items.append(.object(item))
            said = nil
        }
        for (place, part) in parts.enumerated() {
            if case .text(let text) = part {
                if text.text.isEmpty, !text.extras.says(.native, in: .responses) {
                    items += carriers(of: part, place)
                    continue
                }
                guard let value = try content(part, of: .assistant) else { continue }
                if said != nil, text.extras.says(.continued, in: .responses) {
                    said?.content.append(value)
                } else {
                    flush()
                    said = opening(text, value)
                }
                let carriers = carriers(of: part, place)
                if !carriers.isEmpty { flush() }
                items += carriers
                continue
            }
            if case .other(let raw) = part, raw.origin == .responses, said != nil,
                raw.value["type"]?.string?.hasPrefix("output_") == true
            {
                said?.content.append(raw.value)
                continue
            }
            flush()
            items += carriers(of: part, place)
            items += item(part, place)
        }
        flush()
        return items
    }

    /// A message begins with the text.
    private func opening(
        _ text: TextPart, _ value: JSONValue
    ) -> (item: JSONObject, content: [JSONValue], isList: Bool) {
        var item: JSONObject = [:]
        if text.extras.says(.typed, in: .responses) { item["type"] = "message" }
        item["role"] = "assistant"
        item.fill(from: text.extras[notes: .responses]["item"]?.object ?? [:])
        let isNative = text.extras.says(.native, in: .responses)
        return (
            item, [value], text.extras.says(.list, in: .responses) || !isNative && text.isRefusal
        )
    }

    private func item(_ part: ContentPart, _ place: Int) -> [JSONValue] {
        switch part {
        case .thinking(let part): return thinking(part, place)
        case .redacted(let part):
            guard part.sealed.origin == .responses || carriesForeign else { return [] }
            let isOwn = part.sealed.origin == .responses
            let sealed = isOwn ? part.sealed.value : Carrier(.redacted, part.sealed).text
            return [Self.reasoning(id: part.extras[notes: .responses]["id"], place, [], sealed)]
        case .toolCall(let call):
            let isCustom = call.form == .custom
            var object: JSONObject = [
                "type": isCustom ? "custom_tool_call" : "function_call",
                "call_id": .string(id(call.id)), "name": .string(call.name),
                isCustom ? "input" : "arguments": .string(call.argumentsOrEmpty),
            ]
            object.fill(from: call.extras[.responses])
            return [.object(object)]
        case .other(let raw): return raw.origin == .responses ? [raw.value] : []
        case .text, .media, .toolResult: return []
        }
    }

    /// Signatures of calls and texts of other providers.
    private func carriers(of part: ContentPart, _ place: Int) -> [JSONValue] {
        guard carriesForeign else { return [] }
        switch part {
        case .toolCall(let call):
            guard let signature = call.signature else { return [] }
            let carrier = Carrier(.call, signature, id: call.id)
            return [Self.reasoning(id: nil, place, [], carrier.text)]
        case .text(let text):
            guard let signature = text.signature else { return [] }
            let carrier = Carrier(text.text.isEmpty ? .redacted : .text, signature)
            return [Self.reasoning(id: nil, place, [], carrier.text)]
        default: return []
        }
    }

    static func reasoning(
        id: JSONValue?, _ place: Int, _ summary: [JSONValue], _ sealed: String
    ) -> JSONValue {
        [
            "type": "reasoning", "id": id ?? .string("rs_\(place)"), "summary": .array(summary),
            "encrypted_content": .string(sealed),
        ]
    }

    private func thinking(_ part: ThinkingPart, _ place: Int) -> [JSONValue] {
        let summary: [JSONValue] =
            part.text.isEmpty ? [] : [["type": "summary_text", "text": .string(part.text)]]
        guard part.extras.says(.native, in: .responses) || part.signature?.origin == .responses
        else {
            guard carriesForeign else { return [] }
            return [Self.reasoning(id: nil, place, summary, sealed(part))]
        }
        var object: JSONObject = ["type": "reasoning"]
        if part.extras[.responses]["id"] == nil {
            object["id"] = part.extras[notes: .responses]["id"] ?? .string("rs_\(place)")
        }
        if part.extras[.responses]["summary"] == nil, !part.extras.says(.absent, in: .responses) {
            object["summary"] = .array(summary)
        }
        object.set("encrypted_content", part.signature?.value)
        object.fill(from: part.extras[.responses])
        return [.object(object)]
    }

    func sealed(_ part: ThinkingPart) -> String {
        guard let signature = part.signature else {
            return Carrier(.unsigned, Signature(.openai, "")).text
        }
        if signature.origin == .responses { return signature.value }
        let id = part.extras[notes: signature.origin]["id"]?.string ?? ""
        return Carrier(.thinking, signature, id: id).text
    }
}
