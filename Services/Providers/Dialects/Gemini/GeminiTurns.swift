/// Gemini's order of turns: `user` and `model`, the results of one turn's calls together.
struct GeminiTurns {
    /// What the calls of the conversation are named.
    let names: [String: String]
    private(set) var system: [JSONValue] = []
    private var turns: [Turn] = []

    private enum Kind { case user, model, results }

    private struct Turn {
        var kind: Kind
        var parts: [JSONValue]
        var isNative: Bool
        var extras: JSONObject
    }

    init(names: [String: String]) { self.names = names }

    var contents: [JSONValue] {
        turns.map { turn in
            var object: JSONObject = [:]
            if turn.isNative { object.fill(from: turn.extras) }
            if !turn.isNative { object["role"] = turn.kind == .model ? "model" : "user" }
            object["parts"] = .array(turn.parts)
            return .object(object)
        }
    }

    mutating func add(_ message: ModelMessage) throws(UpstreamFailure) {
        var parts: [JSONValue] = []
        if message.extras.says(.native, in: .gemini) {
            for part in message.parts { parts += try self.part(part, of: message.role) }
            let kind: Kind = message.role == .assistant ? .model : .user
            turns.append(
                Turn(kind: kind, parts: parts, isNative: true, extras: message.extras[.gemini]))
            return
        }
        if message.role == .system || message.role == .developer, turns.isEmpty {
            for part in message.parts { system += try self.part(part, of: message.role) }
            return
        }
        var results: [JSONValue] = []
        for part in message.parts {
            if case .toolResult = part {
                results += try self.part(part, of: .tool)
            } else {
                parts += try self.part(part, of: message.role)
            }
        }
        append(results, .results)
        append(parts, message.role == .assistant ? .model : .user)
    }

    private mutating func append(_ parts: [JSONValue], _ kind: Kind) {
        guard !parts.isEmpty else { return }
        if let last = turns.last, last.kind == kind, !last.isNative {
            turns[turns.count - 1].parts += parts
        } else {
            turns.append(Turn(kind: kind, parts: parts, isNative: false, extras: [:]))
        }
    }

    func part(
        _ part: ContentPart, of role: ModelMessage.Role
    ) throws(UpstreamFailure) -> [JSONValue] {
        var object: JSONObject
        var signature: Signature?
        switch part {
        case .text(let part):
            if part.text.isEmpty, !part.extras.says(.native, in: .gemini) { return [] }
            object = ["text": .string(part.text)]
            signature = part.signature
        case .thinking(let part):
            // What another provider thought is no thought of this one.
            let isOwn = part.signature?.origin == .gemini || part.extras.says(.native, in: .gemini)
            guard isOwn else { return [] }
            object = ["text": .string(part.text), "thought": true]
            signature = part.signature
        case .redacted(let part):
            guard part.sealed.origin == .gemini else { return [] }
            object = ["text": ""]
            signature = part.sealed
        case .media(let part):
            if let words = part.words { return try self.part(.text(words), of: role) }
            object = try media(part)
        case .toolCall(let call):
            object = toolCall(call)
            signature = call.signature
        case .toolResult(let result): object = ["functionResponse": try toolResult(result)]
        case .other(let raw):
            if raw.origin == .gemini { return [raw.value] }
            if role == .assistant { return [] }
            let kind = raw.kind
            throw .badRequest("Gemini takes no part of the kind \(kind)")
        }
        if let signature, signature.origin == .gemini {
            object["thoughtSignature"] = .string(signature.value)
        }
        object.fill(from: part.extras[.gemini])
        return [.object(object)]
    }

    private func media(_ part: MediaPart) throws(UpstreamFailure) -> JSONObject {
        switch part.source {
        case .data(let data):
            var inner: JSONObject = [
                "mimeType": .string(part.typeOrGuess), "data": .string(data),
            ]
            inner.set("displayName", part.extras.says(.native, in: .gemini) ? part.name : nil)
            return ["inlineData": .object(inner)]
        case .text: return [:]
        case .url(let uri), .file(let uri):
            // A file of another provider's is none of Google's.
            if case .file = part.source {
                throw .badRequest("Gemini knows no file \(uri.prefix(80))")
            }
            var inner: JSONObject = ["fileUri": .string(uri)]
            let isNative = part.extras.says(.native, in: .gemini)
            inner.set("mimeType", part.mediaType ?? (isNative ? nil : part.typeOrGuess))
            return ["fileData": .object(inner)]
        }
    }

    private func toolCall(_ call: ToolCall) -> JSONObject {
        var inner: JSONObject = [:]
        if !call.extras.says(.unnamed, in: .gemini) { inner["id"] = .string(call.id) }
        inner["name"] = .string(call.name)
        let isAbsent = call.extras.says(.absent, in: .gemini)
        if !isAbsent { inner["args"] = .object(call.input) }
        inner.fill(from: call.extras[notes: .gemini])
        return ["functionCall": .object(inner)]
    }

    /// An answer is an object here: a text goes into one, and an object that is text comes out.
    private func toolResult(_ result: ToolResult) throws(UpstreamFailure) -> JSONValue {
        var inner: JSONObject = [:]
        if !result.extras.says(.unnamed, in: .gemini) { inner["id"] = .string(result.callID) }
        inner["name"] = .string(result.name ?? names[result.callID] ?? "unknown")
        let text = result.text
        if result.extras.says(.object, in: .gemini),
            let value = try? JSONValue(parsing: text), case .object = value
        {
            inner["response"] = value
        } else {
            inner["response"] = [result.isError == true ? "error" : "result": .string(text)]
        }
        var media: [JSONValue] = []
        for part in result.parts {
            if case .media(let part) = part { media.append(.object(try self.media(part))) }
        }
        inner.set("parts", media)
        inner.fill(from: result.extras[notes: .gemini])
        return .object(inner)
    }
}
