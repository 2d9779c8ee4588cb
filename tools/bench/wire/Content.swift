import FoundationEssentials

/// The contents, from fixed seeds; `protobuf.cpp` makes the same ones.
struct Content {
    private var state: UInt64

    private init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    private mutating func roll(_ sides: UInt64) -> Int { Int(next() % sides) }

    private static let words = [
        "the", "model", "answers", "with", "latency", "of", "a", "service", "mesh", "naïve",
        "that", "streams", "tokens", "over", "HTTP/2", "\n", "\"quoted\"", "and", "returns",
        "quickly",
    ]

    private mutating func text(_ length: Int) -> String {
        var text = ""
        while text.utf8.count < length {
            text += Self.words[roll(20)]
            text += " "
        }
        return text
    }

    private static let id = UUID(
        uuid: (
            0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0, 0xC0, 0x4F, 0xD4, 0x30,
            0xC8
        ))

    static var envelope: CallEnvelope {
        var content = Content(seed: 88_172_645_463_325_252)
        return CallEnvelope(
            id: id, method: "inference.v1.Chat/Complete", methodId: 4711,
            deadline: Date(timeIntervalSince1970: 1_764_000_000.25), traceHi: content.next(),
            traceLo: content.next(), spanId: content.next(),
            authToken: String(repeating: "eyJhbGciOiJFZERTQSJ9", count: 6),
            payload: Data((0..<256).map { _ in UInt8(truncatingIfNeeded: content.next()) }))
    }

    static var chat: ChatRequest {
        var content = Content(seed: 99)
        var messages = [ChatMessage(role: .system, content: content.text(1200), name: nil)]
        for index in 0..<29 {
            let length = 50 + content.roll(2000)
            messages.append(
                ChatMessage(
                    role: index & 1 == 0 ? .user : .assistant, content: content.text(length),
                    name: index % 7 == 0 ? "alice" : nil))
        }
        return ChatRequest(
            model: "llama-70b-instruct", messages: messages, temperature: 0.7, maxTokens: 1024,
            stream: true, stop: ["</s>", "<|eot|>"], user: nil)
    }

    static var token: TokenEvent {
        TokenEvent(
            streamId: 0xDEAD_BEEF_12345, index: 371, token: " latency", logprob: -0.53125,
            finish: nil)
    }

    static var batch: EventBatch {
        var content = Content(seed: 7)
        let names = ["page_view", "click", "purchase", "signup_completed", "token_streamed"]
        let countries: [String?] = ["DE", "US", nil, "JP"]
        let events = (0..<1000).map { index in
            UsageEvent(
                name: names[content.roll(5)], userId: content.next() >> 20,
                ts: 1_764_000_000_000 + Int64(index), value: Double(content.roll(100_000)) / 7,
                ok: content.next() & 1 == 0, country: countries[content.roll(4)])
        }
        return EventBatch(source: "gateway-eu-1", events: events)
    }

    static var chunk: Chunk {
        var content = Content(seed: 5)
        return Chunk(
            id: id, offset: 7 << 20, last: false,
            data: Data((0..<1 << 20).map { _ in UInt8(truncatingIfNeeded: content.next() >> 8) }))
    }
}
