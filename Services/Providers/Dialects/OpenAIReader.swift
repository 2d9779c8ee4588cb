/// Reads chunks up to `[DONE]`. The figures come in a chunk of their own, without choices.
struct OpenAIReader: MessageReader {
    private(set) var isDone = false

    mutating func read(
        _ message: EventFraming.Event, into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure) {
        if message.data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return
        }
        let chunk = try JSON.decode(Chunk.self, from: message.data)
        if chunk.error?.isPresent == true || message.type == "error" {
            let error = try JSON.decode(ErrorBody.self, from: message.data)
            throw UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
        }
        for choice in chunk.choices ?? [] where (choice.index ?? 0) == 0 {
            add(choice, to: &deltas)
        }
        if let usage = chunk.usage { deltas.append(.usage(usage.usage)) }
    }

    private func add(_ choice: Choice, to deltas: inout [ChatDelta]) {
        let thinking = choice.delta?.reasoning_content?.value ?? choice.delta?.reasoning?.value
        if let thinking, !thinking.isEmpty { deltas.append(.thinking(thinking)) }
        for text in [choice.delta?.content, choice.delta?.refusal] {
            if let text, !text.isEmpty { deltas.append(.text(text)) }
        }
        if let reason = choice.finish_reason, !reason.isEmpty {
            deltas.append(.stop(Self.reason(reason)))
        }
    }

    static func reason(_ word: String) -> StopReason {
        switch word {
        case "stop": .end
        case "length": .length
        case "content_filter": .refusal
        case "tool_calls", "function_call": .toolUse
        default: .other(word)
        }
    }

    private struct Chunk: Decodable {
        let choices: [Choice]?
        let usage: Counts?
        let error: Presence?
    }

    private struct Choice: Decodable {
        let index: Int?
        let delta: Piece?
        let finish_reason: String?
    }

    private struct Piece: Decodable {
        let content: String?
        let refusal: String?
        let reasoning_content: Lenient<String>?
        let reasoning: Lenient<String>?
    }

    private struct Counts: Decodable {
        struct Prompt: Decodable {
            let cached_tokens: Int?
            let cache_write_tokens: Int?
        }
        struct Completion: Decodable { let reasoning_tokens: Int? }

        let prompt_tokens: Int?
        let completion_tokens: Int?
        let prompt_tokens_details: Prompt?
        let completion_tokens_details: Completion?

        var usage: TokenUsage {
            TokenUsage(
                input: tokens(prompt_tokens), output: tokens(completion_tokens),
                cachedInput: tokens(prompt_tokens_details?.cached_tokens),
                cacheWrite: tokens(prompt_tokens_details?.cache_write_tokens),
                reasoning: tokens(completion_tokens_details?.reasoning_tokens))
        }
    }
}
