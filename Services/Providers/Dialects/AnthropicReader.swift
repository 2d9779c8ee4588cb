import EventStream

/// Reads `message_start`, blocks, `message_delta` and `message_stop`; `ping` and kinds of events
/// and deltas that are new mean nothing.
struct AnthropicReader: MessageReader {
    private(set) var isDone = false
    private var counts = Counts()

    mutating func read(
        _ message: ServerSentEvent, into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure) {
        let event = try JSON.decode(Event.self, from: message.data)
        switch event.type {
        case "message_start": count(event.message?.usage, into: &deltas)
        case "content_block_start": add(event.contentBlock, to: &deltas)
        case "content_block_delta": add(event.delta, to: &deltas)
        case "message_delta":
            if let reason = event.delta?.stopReason { deltas.append(.stop(Self.reason(reason))) }
            count(event.usage, into: &deltas)
        case "message_stop": isDone = true
        case "error":
            let error = try JSON.decode(ErrorBody.self, from: message.data)
            throw UpstreamFailure(inStream: error, kind: AnthropicDialect.kind)
        default: break
        }
    }

    private func add(_ piece: Piece?, to deltas: inout [ChatDelta]) {
        if let text = piece?.text, !text.isEmpty { deltas.append(.text(text)) }
        if let thinking = piece?.thinking, !thinking.isEmpty { deltas.append(.thinking(thinking)) }
    }

    /// The figures are cumulative: each replaces the one before, where it is given.
    private mutating func count(_ usage: Counts?, into deltas: inout [ChatDelta]) {
        guard let usage else { return }
        counts.replace(with: usage)
        deltas.append(.usage(counts.usage))
    }

    static func reason(_ word: String) -> StopReason {
        switch word {
        case "end_turn": .end
        case "max_tokens": .length
        case "stop_sequence": .stopSequence
        case "tool_use": .toolUse
        case "pause_turn": .pause
        case "refusal": .refusal
        case "model_context_window_exceeded": .contextWindow
        default: .other(word)
        }
    }

    private struct Event: Decodable {
        let type: String
        let message: Start?
        let contentBlock: Piece?
        let delta: Piece?
        let usage: Counts?

        private enum CodingKeys: String, CodingKey {
            case type, message, delta, usage
            case contentBlock = "content_block"
        }
    }

    private struct Start: Decodable { let usage: Counts? }

    private struct Piece: Decodable {
        let text: String?
        let thinking: String?
        let stopReason: String?

        private enum CodingKeys: String, CodingKey {
            case text, thinking
            case stopReason = "stop_reason"
        }
    }

    private struct Counts: Decodable {
        var inputTokens: Int?
        var outputTokens: Int?
        var cacheCreationInputTokens: Int?
        var cacheReadInputTokens: Int?
        var cacheCreation: CacheWrites?
        var outputTokensDetails: OutputDetails?

        struct CacheWrites: Decodable {
            let ephemeral1hInputTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case ephemeral1hInputTokens = "ephemeral_1h_input_tokens"
            }
        }
        struct OutputDetails: Decodable {
            let thinkingTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case thinkingTokens = "thinking_tokens"
            }
        }

        mutating func replace(with new: Counts) {
            inputTokens = new.inputTokens ?? inputTokens
            outputTokens = new.outputTokens ?? outputTokens
            cacheCreationInputTokens =
                new.cacheCreationInputTokens ?? cacheCreationInputTokens
            cacheReadInputTokens = new.cacheReadInputTokens ?? cacheReadInputTokens
            cacheCreation = new.cacheCreation ?? cacheCreation
            outputTokensDetails = new.outputTokensDetails ?? outputTokensDetails
        }

        var usage: TokenUsage {
            let read = tokens(cacheReadInputTokens)
            let write = tokens(cacheCreationInputTokens)
            return TokenUsage(
                input: tokens(tokens(inputTokens) + read + write), output: tokens(outputTokens),
                cachedInput: read, cacheWrite: write,
                cacheWriteHour: tokens(cacheCreation?.ephemeral1hInputTokens),
                reasoning: tokens(outputTokensDetails?.thinkingTokens))
        }

        private enum CodingKeys: String, CodingKey {
            case inputTokens = "input_tokens"
            case outputTokens = "output_tokens"
            case cacheCreationInputTokens = "cache_creation_input_tokens"
            case cacheReadInputTokens = "cache_read_input_tokens"
            case cacheCreation = "cache_creation"
            case outputTokensDetails = "output_tokens_details"
        }
    }
}
