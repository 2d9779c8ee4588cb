extension AnthropicEncoder {
    func parts(
        _ parts: [ContentPart], of role: ModelMessage.Role
    ) throws(UpstreamFailure) -> [JSONValue] {
        var blocks: [JSONValue] = []
        for part in parts { blocks += try self.blocks(part, of: role) }
        return blocks
    }

    /// The block for a part, with carriers beside it; none for what Anthropic has no use for.
    func blocks(
        _ part: ContentPart, of role: ModelMessage.Role
    ) throws(UpstreamFailure) -> [JSONValue] {
        switch part {
        case .text(let part): return text(part)
        case .media(let part): return [try media(part)]
        case .thinking(let part): return thinking(part)
        case .redacted(let part):
            guard part.sealed.origin == .anthropic else {
                return carriesForeign ? [carrier(Carrier(.redacted, part.sealed))] : []
            }
            var object: JSONObject = [
                "type": "redacted_thinking", "data": .string(part.sealed.value),
            ]
            object.fill(from: part.extras[.anthropic])
            return [.object(object)]
        case .toolCall(let call): return toolCall(call)
        case .toolResult(let result): return [try toolResult(result)]
        case .other(let raw):
            if raw.origin == .anthropic { return [raw.value] }
            // What a model said elsewhere can be left out; what it is asked cannot.
            if role == .assistant { return [] }
            let kind = raw.kind
            throw .badRequest("Anthropic takes no part of the kind \(kind)")
        }
    }

    private func carrier(_ carrier: Carrier) -> JSONValue {
        ["type": "redacted_thinking", "data": .string(carrier.text)]
    }

    private func text(_ part: TextPart) -> [JSONValue] {
        var object: JSONObject = ["type": "text", "text": .string(part.text)]
        object.set("cache_control", part.cache?.value(.control))
        object.fill(from: part.extras[.anthropic])
        // Anthropic refuses an empty text.
        let isLeftOut = part.text.isEmpty && !part.extras.says(.native, in: .anthropic)
        var blocks: [JSONValue] = isLeftOut ? [] : [.object(object)]
        if carriesForeign, let signature = part.signature, signature.origin != .anthropic {
            blocks.append(carrier(Carrier(isLeftOut ? .redacted : .text, signature)))
        }
        return blocks
    }

    private func thinking(_ part: ThinkingPart) -> [JSONValue] {
        var object: JSONObject = ["type": "thinking", "thinking": .string(part.text)]
        guard let signature = servedSignature(part) else { return [] }
        object["signature"] = .string(signature)
        object.fill(from: part.extras[.anthropic])
        return [.object(object)]
    }

    /// Nil for thinking that Anthropic could not check.
    func servedSignature(_ part: ThinkingPart) -> String? {
        if let signature = part.signature, signature.origin == .anthropic {
            return signature.value
        }
        guard carriesForeign else { return nil }
        guard let signature = part.signature else {
            return Carrier(.unsigned, Signature(.openai, "")).text
        }
        let id = part.extras[notes: signature.origin]["id"]?.string ?? ""
        return Carrier(.thinking, signature, id: id).text
    }

    private func toolCall(_ call: ToolCall) -> [JSONValue] {
        var object: JSONObject = [
            "type": "tool_use", "id": .string(id(call.id)), "name": .string(call.name),
            "input": .object(call.input),
        ]
        object.set("cache_control", call.cache?.value(.control))
        object.fill(from: call.extras[.anthropic])
        guard carriesForeign, let signature = call.signature else { return [.object(object)] }
        return [carrier(Carrier(.call, signature, id: call.id)), .object(object)]
    }

    /// Anthropic takes letters, digits, `_` and `-` in the names of calls.
    func id(_ id: String) -> String {
        carriesForeign ? id : WireID.fitted(id, longest: 64)
    }

    private func toolResult(_ result: ToolResult) throws(UpstreamFailure) -> JSONValue {
        var object: JSONObject = [
            "type": "tool_result", "tool_use_id": .string(id(result.callID)),
        ]
        let blocks = try parts(result.parts, of: .tool)
        let isList = result.extras.says(.list, in: .anthropic)
        if blocks.count == 1, !isList, let text = Self.plainText(blocks[0]) {
            object["content"] = .string(text)
        } else if !(blocks.isEmpty && result.extras.says(.absent, in: .anthropic)) {
            object["content"] = .array(blocks)
        }
        object.set("is_error", result.isError)
        object.set("cache_control", result.cache?.value(.control))
        object.fill(from: result.extras[.anthropic])
        return .object(object)
    }

    private func media(_ part: MediaPart) throws(UpstreamFailure) -> JSONValue {
        guard part.kind == .image || part.kind == .document else {
            throw .badRequest("Anthropic takes no \(part.kind.rawValue)")
        }
        var source: JSONObject
        switch part.source {
        case .data(let data):
            source = [
                "type": "base64", "media_type": .string(part.typeOrGuess), "data": .string(data),
            ]
        case .url(let url): source = ["type": "url", "url": .string(url)]
        case .text(let text):
            source = [
                "type": "text", "media_type": .string(part.mediaType ?? "text/plain"),
                "data": .string(text),
            ]
        case .file(let id): source = ["type": "file", "file_id": .string(id)]
        }
        var object: JSONObject = [
            "type": .string(part.kind.rawValue), "source": .object(source),
        ]
        if part.kind == .document { object.set("title", part.name) }
        object.set("cache_control", part.cache?.value(.control))
        object.fill(from: part.extras[.anthropic])
        return .object(object)
    }
}
