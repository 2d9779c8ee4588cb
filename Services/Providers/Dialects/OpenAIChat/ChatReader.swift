import EventStream

/// Reads chunks up to `[DONE]`. The figures come in a chunk of their own, without choices, or with
/// servers that only speak like OpenAI in any other.
struct ChatReader: MessageReader {
    private(set) var isDone = false
    private let flavor: ChatFlavor
    private var parts: ChatParts
    private var hasStarted = false
    private var word: String?
    /// Told by every chunk, or by some.
    private var tier: String?

    init(flavor: ChatFlavor, name: String) {
        self.flavor = flavor
        parts = ChatParts(name: name)
    }

    mutating func read(
        _ message: ServerSentEvent, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        if message.data.elementsEqual("[DONE]".utf8) {
            finish(&events)
            return
        }
        let chunk = try JSONValue.event(message.data)
        try ChatAnswer.check(chunk)
        if message.type == "error" {
            throw UpstreamFailure(.server, message: chunk.text)
        }
        guard case .object(let object) = chunk else { throw .garbage("a chunk is no object") }
        start(object, &events)
        if let word = object["service_tier"], !word.isNull { tier = serviceTier(word) }
        for choice in object["choices"]?.array ?? [] where (choice["index"]?.int ?? 0) == 0 {
            try read(choice, &events)
        }
        if let usage = chunk["usage"] ?? chunk["x_groq"]?["usage"] {
            let counts = ChatCounts(usage)
            var used = counts.usage
            used.tier = tier
            events.append(.usage(used))
            if let rest = counts.rest {
                events.append(.detail(nil, Detail(.openai, "usage", rest)))
            }
        }
    }

    /// The first chunk that names the reply introduces it: some servers begin with one that is
    /// empty.
    private mutating func start(_ object: JSONObject, _ events: inout [ModelEvent]) {
        guard !hasStarted else { return }
        let head = ChatAnswer.head(object)
        let isEmpty = object["choices"]?.array?.isEmpty ?? true
        guard !head.id.isEmpty && !head.model.isEmpty || !isEmpty else { return }
        hasStarted = true
        if !head.id.isEmpty { parts.name = head.id }
        events.append(.start(head))
    }

    private mutating func read(
        _ choice: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        if let delta = choice["delta"] ?? choice["message"] {
            try parts.read(delta, &events)
        }
        for item in choice["logprobs"]?["content"]?.array ?? [] {
            events.append(.detail(nil, Detail(.openai, "logprobs", item, isItem: true)))
        }
        if let word = choice["finish_reason"]?.string, !word.isEmpty { self.word = word }
    }

    private mutating func finish(_ events: inout [ModelEvent]) {
        isDone = true
        parts.close(&events)
        events.append(.stop(ChatAnswer.stop(word, hasCalls: parts.hasCalls)))
    }

    /// Servers that never say `[DONE]` have ended when they have given a reason to.
    mutating func end(into events: inout [ModelEvent]) throws(UpstreamFailure) -> Bool {
        guard !flavor.endsWithDone, word != nil else { return false }
        finish(&events)
        return true
    }
}
