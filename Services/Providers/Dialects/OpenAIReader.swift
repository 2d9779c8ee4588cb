import EventStream

/// Reads chunks up to `[DONE]`. The figures come in a chunk of their own, without choices.
struct OpenAIReader: MessageReader {
    private(set) var isDone = false

    mutating func read(
        _ message: ServerSentEvent, into deltas: inout [ChatDelta]
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
        let thinking = choice.delta?.reasoningContent?.value ?? choice.delta?.reasoning?.value
        if let thinking, !thinking.isEmpty { deltas.append(.thinking(thinking)) }
        for text in [choice.delta?.content, choice.delta?.refusal] {
            if let text, !text.isEmpty { deltas.append(.text(text)) }
        }
        if let reason = choice.finishReason, !reason.isEmpty {
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
        let finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case index, delta
            case finishReason = "finish_reason"
        }
    }

    private struct Piece: Decodable {
        let content: String?
        let refusal: String?
        let reasoningContent: Lenient<String>?
        let reasoning: Lenient<String>?

        private enum CodingKeys: String, CodingKey {
            case content, refusal, reasoning
            case reasoningContent = "reasoning_content"
        }
    }

    private struct Counts: Decodable {
        struct Prompt: Decodable {
            let cachedTokens: Int?
            let cacheWriteTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case cachedTokens = "cached_tokens"
                case cacheWriteTokens = "cache_write_tokens"
            }
        }
        struct Completion: Decodable {
            let reasoningTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case reasoningTokens = "reasoning_tokens"
            }
        }

        let promptTokens: Int?
        let completionTokens: Int?
        let promptTokensDetails: Prompt?
        let completionTokensDetails: Completion?

        var usage: TokenUsage {
            TokenUsage(
                input: tokens(promptTokens), output: tokens(completionTokens),
                cachedInput: tokens(promptTokensDetails?.cachedTokens),
                cacheWrite: tokens(promptTokensDetails?.cacheWriteTokens),
                reasoning: tokens(completionTokensDetails?.reasoningTokens))
        }

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
            case promptTokensDetails = "prompt_tokens_details"
            case completionTokensDetails = "completion_tokens_details"
        }
    }
}
