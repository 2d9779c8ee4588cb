import EventStream

/// Reads Gemini's chunks. There is no last event: the stream ends after the chunk with the reason
/// to stop.
struct GeminiReader: MessageReader {
    let isDone = false
    private var decoder: GeminiDecoder
    private var hasStarted = false
    private var next = 0
    private var openText: (index: Int, isThinking: Bool)?
    private var hasCalls = false
    private var hasSearched = false
    private var word: String?
    /// The figures that the model has no place for, as they were told last.
    private var details: JSONObject = [:]

    private static let mostParts = 10_000

    init(name: String) { decoder = GeminiDecoder(name: name) }

    mutating func read(
        _ message: ServerSentEvent, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        try read(chunk: try JSONValue.event(message.data), into: &events)
    }

    mutating func read(
        chunk: JSONValue, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        if chunk["error"] != nil || chunk.array != nil, let error = ErrorBody(chunk) {
            throw UpstreamFailure(inStream: error, kind: GeminiDialect.kind)
        }
        guard case .object(let object) = chunk.withoutNulls else {
            throw .garbage("a chunk of the reply is no object")
        }
        start(object, &events)
        let first = object["candidates"]?.array?.first { ($0["index"]?.int ?? 0) == 0 }
        if let candidate = first?.withoutNulls { try read(candidate, &events) }
        if let usage = object["usageMetadata"] { count(usage, &events) }
        if let feedback = object["promptFeedback"] {
            events.append(.detail(nil, Detail(.gemini, "promptFeedback", feedback)))
            if let reason = feedback["blockReason"]?.string { word = word ?? reason }
        }
    }

    private mutating func start(_ object: JSONObject, _ events: inout [ModelEvent]) {
        guard !hasStarted else { return }
        hasStarted = true
        var head = AnswerHead(
            id: object["responseId"]?.string ?? "", model: object["modelVersion"]?.string ?? "")
        if !head.id.isEmpty { decoder = GeminiDecoder(name: head.id) }
        var rest = object
        for key in [
            "responseId", "modelVersion", "candidates", "usageMetadata", "promptFeedback",
        ] { rest[key] = nil }
        head.extras[.gemini] = rest
        events.append(.start(head))
    }

    private mutating func read(
        _ candidate: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        for item in candidate["content"]?["parts"]?.array ?? [] {
            do throws(InvalidRequest) {
                add(try decoder.part(Field(value: item.withoutNulls, path: .root)), &events)
            } catch {
                throw .garbage("the reply is none of Gemini's: \(error.path.dots)")
            }
            guard next <= Self.mostParts else { throw .garbage("the reply has too many parts") }
        }
        for (key, value) in candidate.object?.members ?? [] {
            switch key {
            case "content", "index", "role": break
            case "finishReason":
                if value != "FINISH_REASON_UNSPECIFIED" { word = value.string ?? word }
            default:
                if key == "groundingMetadata", value["webSearchQueries"]?.array?.isEmpty == false {
                    hasSearched = true
                }
                events.append(.detail(nil, Detail(.gemini, key, value)))
            }
        }
    }

    /// Pieces of a text go together, but a signature stands with what it came with.
    private mutating func add(_ part: ContentPart, _ events: inout [ModelEvent]) {
        switch part {
        case .text(let part) where part.signature == nil && !part.text.isEmpty:
            write(part.text, .text(TextPart("", extras: part.extras)), false, &events)
        case .thinking(let part) where part.signature == nil && !part.text.isEmpty:
            write(part.text, .thinking(ThinkingPart("", extras: part.extras)), true, &events)
        case .text(let part) where part.signature == nil: break
        case .thinking(let part) where part.signature == nil: break
        default:
            if case .toolCall = part { hasCalls = true }
            closeText(&events)
            for event in ModelAnswer.events(of: part, next) { events.append(event) }
            next += 1
        }
    }

    private mutating func write(
        _ text: String, _ part: ContentPart, _ isThinking: Bool, _ events: inout [ModelEvent]
    ) {
        if openText?.isThinking != isThinking {
            closeText(&events)
            events.append(.open(next, part))
            openText = (next, isThinking)
            next += 1
        }
        guard let index = openText?.index else { return }
        events.append(isThinking ? .thinking(index, text) : .text(index, text))
    }

    private mutating func closeText(_ events: inout [ModelEvent]) {
        if let index = openText?.index { events.append(.close(index)) }
        openText = nil
    }

    /// Prompt and reply leave out what tools have put in, and what was thought.
    private mutating func count(_ usage: JSONValue, _ events: inout [ModelEvent]) {
        let thoughts = tokens(usage["thoughtsTokenCount"])
        events.append(
            .usage(
                TokenUsage(
                    input: tokens(usage["promptTokenCount"])
                        + tokens(usage["toolUsePromptTokenCount"]),
                    output: tokens(usage["candidatesTokenCount"]) + thoughts,
                    cachedInput: tokens(usage["cachedContentTokenCount"]), reasoning: thoughts,
                    // A reply that rests on searches is paid for once, however many there were.
                    searches: hasSearched ? 1 : 0)))
        var rest = usage.object ?? [:]
        for key in [
            "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
            "cachedContentTokenCount", "totalTokenCount",
        ] { rest[key] = nil }
        guard !rest.isEmpty, rest != details else { return }
        details = rest
        events.append(.detail(nil, Detail(.gemini, "usageMetadata", .object(rest))))
    }

    mutating func end(into events: inout [ModelEvent]) throws(UpstreamFailure) -> Bool {
        guard let word else { return false }
        closeText(&events)
        events.append(.stop(Stop(reason(word), .gemini, word)))
        return true
    }

    private func reason(_ word: String) -> StopReason {
        switch word {
        case "STOP": hasCalls ? .toolUse : .end
        case "MAX_TOKENS": .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
            "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR",
            "JAILBREAK":
            .refusal
        case "CONTINUATION": .pause
        default: .other(word)
        }
    }
}
