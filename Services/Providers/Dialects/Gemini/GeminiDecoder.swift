/// Reads Gemini's JSON into the model: the contents of both sides, and whole requests.
struct GeminiDecoder {
    /// Calls that have no name, by the tool's name, in their order: results say no more.
    private var unnamed: [String: [String]] = [:]
    private var made = 0
    private let name: String

    init(name: String) { self.name = name }

    /// The model's name and whether the reply is streamed stand in the address.
    static func request(
        _ value: JSONValue, model: String, isStreamed: Bool
    ) throws(InvalidRequest) -> ModelRequest {
        var top = try Field(value: value, path: .root).members()
        var decoder = GeminiDecoder(name: "0")
        let list = try top.need("contents")
        var messages: [ModelMessage] = []
        for item in try list.list() { messages.append(try decoder.content(item)) }
        guard !messages.isEmpty else { throw list.fail(.tooFew(1)) }
        var request = ModelRequest(model: model, messages: messages, isStreamed: isStreamed)
        if var system = try top.take("systemInstruction")?.members() {
            for item in try system.need("parts").list() {
                request.system.append(try decoder.part(item))
            }
            if !system.rest.isEmpty {
                request.extras[notes: .gemini]["systemInstruction"] = .object(system.rest)
            }
        }
        try tools(&top, &request)
        try generation(&top, &request)
        request.extras[.gemini] = top.rest
        request.extras[bag: .gemini].spelling = .native
        return request
    }

    mutating func content(_ field: Field) throws(InvalidRequest) -> ModelMessage {
        var members = try field.members()
        var parts: [ContentPart] = []
        for item in try members.take("parts")?.list() ?? [] { parts.append(try part(item)) }
        let isModel = members.field("role")?.value.string == "model"
        return ModelMessage(
            isModel ? .assistant : .user, parts, extras: Extras(.gemini, members.rest, .native))
    }

    mutating func part(_ field: Field) throws(InvalidRequest) -> ContentPart {
        var members = try field.members()
        let signature = try members.text("thoughtSignature").map { Signature(.gemini, $0) }
        if let text = try members.text("text") {
            let isThought = try members.flag("thought") ?? false
            let extras = Extras(.gemini, members.rest, .native)
            if isThought {
                return .thinking(ThinkingPart(text, signature: signature, extras: extras))
            }
            if text.isEmpty, let signature {
                return .redacted(RedactedPart(signature, extras: extras))
            }
            return .text(TextPart(text, signature: signature, extras: extras))
        }
        if let inner = try members.take("functionCall")?.members() {
            return .toolCall(try toolCall(inner, signature, members.rest))
        }
        if let inner = try members.take("functionResponse")?.members() {
            return .toolResult(try toolResult(inner, members.rest))
        }
        guard var media = try Self.media(&members) else {
            return .other(RawPart(.gemini, field.value))
        }
        media.extras = Extras(.gemini, members.rest, .native)
        if let signature { media.extras[.gemini]["thoughtSignature"] = .string(signature.value) }
        return .media(media)
    }

    private static func media(_ members: inout Members) throws(InvalidRequest) -> MediaPart? {
        if var inner = try members.take("inlineData")?.members() {
            let type = try inner.need("mimeType").text()
            let data = try inner.need("data").text()
            let name = try inner.text("displayName")
            guard inner.rest.isEmpty else { return nil }
            return MediaPart(kind(of: type), .data(data), mediaType: type, name: name)
        }
        guard var inner = try members.take("fileData")?.members() else { return nil }
        let type = try inner.text("mimeType")
        let uri = try inner.need("fileUri").text()
        guard inner.rest.isEmpty else { return nil }
        return MediaPart(type.map(kind) ?? .document, .url(uri), mediaType: type)
    }

    private static func kind(of type: String) -> MediaPart.Kind {
        MediaPart.Kind(rawValue: String(type.prefix { $0 != "/" })) ?? .document
    }

    private mutating func toolCall(
        _ members: Members, _ signature: Signature?, _ rest: JSONObject
    ) throws(InvalidRequest) -> ToolCall {
        var members = members
        let tool = try members.need("name").text()
        let args = members.take("args")
        _ = try args?.members()
        var spelling: Spelling = args == nil ? [.native, .absent] : .native
        var id = try members.text("id") ?? ""
        if id.isEmpty {
            id = WireID.made(name, made)
            made += 1
            spelling.insert(.unnamed)
            unnamed[tool, default: []].append(id)
        }
        var call = ToolCall(
            id: id, name: tool, arguments: args?.value.text ?? "{}", signature: signature,
            extras: Extras(.gemini, rest, spelling))
        call.extras[notes: .gemini] = members.rest
        return call
    }

    private mutating func toolResult(
        _ members: Members, _ rest: JSONObject
    ) throws(InvalidRequest) -> ToolResult {
        var members = members
        let tool = try members.need("name").text()
        var spelling: Spelling = .native
        var id = try members.text("id") ?? ""
        if id.isEmpty {
            spelling.insert(.unnamed)
            let first = unnamed[tool]?.first
            if first != nil { unnamed[tool]?.removeFirst() }
            id = first ?? WireID.made(name, made)
        }
        var result = ToolResult(callID: id, parts: [], name: tool)
        let response = try members.need("response").members().rest
        if response.count == 1, let text = response["result"]?.string {
            result.parts = [.plain(text)]
        } else if response.count == 1, let text = response["error"]?.string {
            (result.parts, result.isError) = ([.plain(text)], true)
        } else {
            result.parts = [.plain(JSONValue.object(response).text)]
            spelling.insert(.object)
        }
        for item in try members.take("parts")?.list() ?? [] { result.parts.append(try part(item)) }
        result.extras = Extras(.gemini, rest, spelling)
        result.extras[notes: .gemini] = members.rest
        return result
    }
}
