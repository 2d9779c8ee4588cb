/// Reasoning in OpenAI's chat, which has no place for it: the fields that servers have agreed on.
/// `reasoning_content` (DeepSeek) or `reasoning` (vLLM, Groq) hold its text; `reasoning_details`
/// (OpenRouter) hold its pieces with signatures, each with its place in the turn.
enum ChatReasoning {
    static let textFields = ["reasoning_content", "reasoning"]
    static let details = "reasoning_details"
    /// Where a piece stood among the parts of the turn, where that is not its number among the
    /// pieces: a field of ours, which clients give back with the piece.
    static let place = "part"

    /// Takes the reasoning out of a message and puts it where it was among the parts.
    static func take(
        from members: inout Members, into parts: inout [ContentPart]
    ) throws(InvalidRequest) {
        var found: [(place: Int, part: ContentPart)] = []
        var late: [Carrier] = []
        for item in try members.take(details)?.list() ?? [] {
            let piece = try item.members().rest
            let place = piece[Self.place]?.int ?? piece["index"]?.int ?? found.count
            if let data = piece["data"]?.string, let carrier = Carrier(data) {
                late.append(carrier)
            } else if !sign(&parts, by: piece), let part = part(piece) {
                found.append((place, part))
            }
        }
        let text = try takeText(from: &members)
        if found.isEmpty, let text {
            let extras = Extras(.openai, [:], text.spelling.union(.native))
            found.append((0, .thinking(ThinkingPart(text.text, extras: extras))))
        }
        for place in found.indices {
            // The text beside the pieces is theirs.
            found[place].part.extras[bag: .openai].spelling.formUnion(text?.spelling ?? .absent)
        }
        for (place, part) in found.sorted(by: { $0.place < $1.place }) {
            parts.insert(part, at: min(max(place, 0), parts.count))
        }
        for carrier in late { attach(carrier, to: &parts) }
    }

    /// The text of all reasoning, and by which name.
    private static func takeText(
        from members: inout Members
    ) throws(InvalidRequest) -> (text: String, spelling: Spelling)? {
        var found: (text: String, spelling: Spelling)?
        for (number, field) in textFields.enumerated() {
            guard let text = members.field(field)?.value.string else { continue }
            guard found == nil, !text.isEmpty else { continue }
            members.rest[field] = nil
            found = (text, number == 0 ? [] : .alias)
        }
        return found
    }

    private static func attach(_ carrier: Carrier, to parts: inout [ContentPart]) {
        let place = parts.lastIndex { part in
            if case .text = part { return true }
            return false
        }
        guard carrier.kind == .text, let place, case .text(var part) = parts[place] else {
            parts.append(.redacted(RedactedPart(carrier.signature)))
            return
        }
        part.signature = carrier.signature
        parts[place] = .text(part)
    }

    /// A signature of a call goes to the call. True if there is one.
    private static func sign(_ parts: inout [ContentPart], by piece: JSONObject) -> Bool {
        guard piece["type"] == "reasoning.encrypted", let data = piece["data"]?.string,
            let id = piece["id"]?.string
        else { return false }
        for (place, part) in parts.enumerated() {
            guard case .toolCall(var call) = part, call.id == id else { continue }
            call.signature = Signature(origin(piece), data)
            parts[place] = .toolCall(call)
            return true
        }
        return false
    }

    /// The part for one of the pieces; nil for a kind that is new.
    static func part(_ piece: JSONObject) -> ContentPart? {
        let origin = origin(piece)
        var extras = Extras(.openai, [:], [.native, .list])
        if let format = piece["format"], format != self.format(of: origin) {
            extras[notes: .openai]["format"] = format
        }
        if let id = piece["id"], !id.isNull { extras[notes: origin]["id"] = id }
        switch piece["type"]?.string {
        case "reasoning.text":
            let signature = piece["signature"]?.string.map { Signature(origin, $0) }
            return .thinking(
                ThinkingPart(piece["text"]?.string ?? "", signature: signature, extras: extras))
        case "reasoning.summary":
            extras[notes: .openai]["type"] = "reasoning.summary"
            return .thinking(ThinkingPart(piece["summary"]?.string ?? "", extras: extras))
        case "reasoning.encrypted":
            guard let data = piece["data"]?.string else { return nil }
            return .redacted(RedactedPart(Signature(origin, data), extras: extras))
        default: return nil
        }
    }

    /// Whose signature it is.
    static func origin(_ piece: JSONObject) -> DialectName {
        let format = piece["format"]?.string ?? ""
        return formats.first { format.hasPrefix($0.prefix) }?.origin ?? .openai
    }

    private static let formats: [(prefix: String, origin: DialectName, format: String)] = [
        ("anthropic", .anthropic, "anthropic-claude-v1"),
        ("google", .gemini, "google-gemini-v1"),
        ("openai-responses", .responses, "openai-responses-v1"),
        ("ollama", .ollama, "ollama-v1"),
    ]

    static func format(of origin: DialectName) -> JSONValue {
        .string(formats.first { $0.origin == origin }?.format ?? "unknown")
    }

    // MARK: Writing

    /// The pieces of a turn.
    static func details(of parts: [ContentPart]) -> [JSONValue] {
        var pieces: [JSONValue] = []
        for (place, part) in parts.enumerated() {
            guard var piece = detail(part) else { continue }
            piece["index"] = JSONValue(pieces.count)
            if place != pieces.count { piece[Self.place] = JSONValue(place) }
            pieces.append(.object(piece))
        }
        return pieces
    }

    /// Without its number; nil for a part that needs none.
    static func detail(_ part: ContentPart) -> JSONObject? {
        switch part {
        case .thinking(let part):
            let isSummary = part.extras[notes: .openai]["type"] == "reasoning.summary"
            var piece: JSONObject = [
                "type": isSummary ? "reasoning.summary" : "reasoning.text",
                isSummary ? "summary" : "text": .string(part.text),
            ]
            piece.set("signature", part.signature?.value)
            return end(piece, part.signature?.origin ?? .openai, part.extras)
        case .redacted(let part):
            return sealed(part.sealed.value, part.sealed.origin, part.extras)
        case .text(let part):
            guard let signature = part.signature else { return nil }
            let data = Carrier(.text, signature).text
            return sealed(data, signature.origin, Extras())
        case .toolCall(let call):
            // Google's has a place at the call itself.
            guard let signature = call.signature, signature.origin != .gemini else { return nil }
            var extras = Extras()
            extras[notes: signature.origin]["id"] = .string(call.id)
            return sealed(signature.value, signature.origin, extras)
        default: return nil
        }
    }

    private static func sealed(
        _ data: String, _ origin: DialectName, _ extras: Extras
    ) -> JSONObject {
        end(["type": "reasoning.encrypted", "data": .string(data)], origin, extras)
    }

    private static func end(
        _ piece: JSONObject, _ origin: DialectName, _ extras: Extras
    ) -> JSONObject {
        var piece = piece
        piece.set("id", extras[notes: origin]["id"])
        piece["format"] = extras[notes: .openai]["format"] ?? format(of: origin)
        return piece
    }
}
