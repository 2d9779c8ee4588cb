extension ChatEncoder {
    func messages(of request: ModelRequest) throws(UpstreamFailure) -> [JSONValue] {
        var messages: [JSONValue] = []
        if !request.system.isEmpty {
            let system = ModelMessage(.system, request.system)
            messages += try self.messages(for: system, echoes: false)
        }
        let question = request.messages.lastIndex { message in
            message.role == .user && message.parts.contains { $0.text != nil }
        }
        for (place, message) in request.messages.enumerated() {
            let echoes =
                switch flavor.reasoningEcho {
                case .none: false
                case .all: true
                case .sinceQuestion: place > question ?? -1
                }
            messages += try self.messages(for: message, echoes: echoes)
        }
        return messages
    }

    /// One for most turns; results of tools are messages of their own.
    private func messages(
        for message: ModelMessage, echoes: Bool
    ) throws(UpstreamFailure) -> [JSONValue] {
        if case .other(let raw)? = message.parts.first, message.role == .tool,
            raw.origin == .openai
        {
            return [raw.value]
        }
        if message.role == .assistant { return try assistant(message, echoes: echoes) }
        var messages: [JSONValue] = []
        var rest: [ContentPart] = []
        for part in message.parts {
            guard case .toolResult(let result) = part else {
                rest.append(part)
                continue
            }
            messages.append(try tool(result))
            // A tool's answer is text in this dialect; its pictures follow as the user's.
            for part in result.parts {
                if case .media = part { rest.append(part) }
            }
        }
        guard !rest.isEmpty || messages.isEmpty else { return messages }
        let role = message.role == .tool ? "user" : message.role.rawValue
        var object: JSONObject = ["role": .string(role)]
        object["content"] = try content(rest, of: message)
        object.set("name", message.name)
        object.fill(from: message.extras[.openai])
        return messages + [.object(object)]
    }

    private func content(
        _ parts: [ContentPart], of message: ModelMessage
    ) throws(UpstreamFailure) -> JSONValue {
        var list: [JSONValue] = []
        for part in parts {
            if let value = try self.part(part, of: message.role) { list.append(value) }
        }
        return Self.content(list, isList: message.extras.says(.list, in: .openai))
    }

    /// A text where the list would hold one and nothing more.
    private static func content(_ list: [JSONValue], isList: Bool) -> JSONValue {
        if list.isEmpty, !isList { return "" }
        guard list.count == 1, !isList, case .object(let only) = list[0], only.count == 2,
            only["type"] == "text", let text = only["text"]
        else { return .array(list) }
        return text
    }

    private func tool(_ result: ToolResult) throws(UpstreamFailure) -> JSONValue {
        var list: [JSONValue] = []
        for part in result.parts {
            if case .media = part { continue }
            if let value = try self.part(part, of: .tool) { list.append(value) }
        }
        let isList = result.extras.says(.list, in: .openai)
        var object: JSONObject = [
            "role": "tool", "tool_call_id": .string(result.callID),
            "content": Self.content(list, isList: isList),
        ]
        object.fill(from: result.extras[.openai])
        return .object(object)
    }

    /// Nil for what this dialect does not show.
    private func part(
        _ part: ContentPart, of role: ModelMessage.Role
    ) throws(UpstreamFailure) -> JSONValue? {
        var object: JSONObject
        switch part {
        case .text(let part):
            if part.isRefusal {
                object = ["type": "refusal", "refusal": .string(part.text)]
            } else {
                object = ["type": "text", "text": .string(part.text)]
            }
            set(part.cache, in: &object)
        case .media(let part):
            if let words = part.words { return try self.part(.text(words), of: role) }
            object = try media(part)
            set(part.cache, in: &object)
        case .other(let raw):
            if raw.origin == .openai { return raw.value }
            if role == .assistant { return nil }
            let kind = raw.kind
            throw .badRequest("OpenAI's chat takes no part of the kind \(kind)")
        case .thinking, .redacted, .toolCall, .toolResult: return nil
        }
        object.fill(from: part.extras[.openai])
        return .object(object)
    }

    private func media(_ part: MediaPart) throws(UpstreamFailure) -> JSONObject {
        switch (part.kind, part.source) {
        case (.image, .file), (.video, _), (.audio, .url), (.audio, .file):
            throw .badRequest("OpenAI's chat takes no such \(part.kind.rawValue)")
        case (.document, .url), (_, .text):
            throw .badRequest("OpenAI's chat takes no such document")
        case (.image, _):
            var inner: JSONObject = ["url": .string(part.address ?? "")]
            inner.set("detail", part.detail)
            return ["type": "image_url", "image_url": .object(inner)]
        case (.audio, .data(let data)):
            let format = part.typeOrGuess.split(separator: "/").last.map(String.init) ?? "wav"
            let word = format == "mpeg" ? "mp3" : format
            return [
                "type": "input_audio",
                "input_audio": ["data": .string(data), "format": .string(word)],
            ]
        case (.document, let source):
            var inner: JSONObject = [:]
            if case .file(let id) = source { inner["file_id"] = .string(id) }
            if case .data(let data) = source {
                // Bare base64 stays bare.
                inner["file_data"] = .string(
                    part.mediaType == nil && part.extras.says(.native, in: .openai)
                        ? data : part.address ?? data)
                if part.name == nil, !part.extras.says(.native, in: .openai) {
                    inner["filename"] = "document.pdf"
                }
            }
            inner.set("filename", part.name)
            return ["type": "file", "file": .object(inner)]
        }
    }

    // MARK: The model's own turns

    func assistant(
        _ message: ModelMessage, echoes: Bool
    ) throws(UpstreamFailure) -> [JSONValue] {
        let isNative = message.extras.says(.native, in: .openai)
        let isList = message.extras.says(.list, in: .openai)
        var list: [JSONValue] = []
        var calls: [JSONValue] = []
        var object: JSONObject = ["role": "assistant"]
        for part in message.parts {
            switch part {
            case .toolCall(let call): calls.append(toolCall(call))
            case .text(let text) where text.isRefusal && !text.extras.says(.list, in: .openai):
                object["refusal"] = .string(text.text)
            case .text(let text) where text.text.isEmpty && !isNative: break
            case .other(let raw) where raw.value["type"] == "function" || raw.value["id"] != nil:
                if raw.origin == .openai { calls.append(raw.value) }
            default: if let value = try self.part(part, of: .assistant) { list.append(value) }
            }
        }
        let hasContent = !list.isEmpty || isList
        if hasContent || !isNative {
            object["content"] = hasContent ? Self.content(list, isList: isList) : .null
        }
        object.set("tool_calls", calls)
        object.set("name", message.name)
        if echoes { setReasoning(of: message, in: &object) }
        object.fill(from: message.extras[.openai])
        // What another provider alone understands leaves nothing behind.
        let isEmpty = !hasContent && calls.isEmpty && object["refusal"] == nil && !isNative
        return isEmpty && object.count <= 2 ? [] : [.object(object)]
    }

    private func setReasoning(of message: ModelMessage, in object: inout JSONObject) {
        var text = ""
        var field = ChatReasoning.textFields[0]
        var isPlain = true
        var isShown = true
        for part in message.parts {
            guard case .thinking(let part) = part else { continue }
            text += part.text
            if part.extras.says(.alias, in: .openai) { field = ChatReasoning.textFields[1] }
            if part.extras.says(.absent, in: .openai) { isShown = false }
            if part.signature != nil || part.extras.says(.list, in: .openai) { isPlain = false }
        }
        if !text.isEmpty, isShown { object[field] = .string(text) }
        let details = ChatReasoning.details(of: message.parts)
        let isAlone = isPlain && details.count <= 1 && !text.isEmpty
        guard flavor.takesExtensions, !details.isEmpty, !isAlone else { return }
        object[ChatReasoning.details] = .array(details)
    }

    func toolCall(_ call: ToolCall) -> JSONValue {
        let isCustom = call.form == .custom
        let kind = isCustom ? "custom" : "function"
        var object: JSONObject = [
            "id": .string(call.id), "type": .string(kind),
            kind: [
                "name": .string(call.name),
                isCustom ? "input" : "arguments": .string(call.argumentsOrEmpty),
            ],
        ]
        if flavor.takesExtensions, let signature = call.signature, signature.origin == .gemini {
            var extra = call.extras[.openai]["extra_content"]?.object ?? [:]
            var google = extra["google"]?.object ?? [:]
            google["thought_signature"] = .string(signature.value)
            extra["google"] = .object(google)
            object["extra_content"] = .object(extra)
        }
        object.fill(from: call.extras[.openai])
        return .object(object)
    }
}

extension ToolCall {
    /// No arguments at all are an empty object, for a function.
    var argumentsOrEmpty: String { arguments.isEmpty && form == .function ? "{}" : arguments }
}
