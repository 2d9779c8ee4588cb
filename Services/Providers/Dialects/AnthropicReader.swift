/// Reads `message_start`, blocks, `message_delta` and `message_stop`; `ping` and kinds of events
/// and deltas that are new mean nothing.
struct AnthropicReader: MessageReader {
    private(set) var isDone = false
    private var counts = Counts()

    mutating func read(
        _ message: EventFraming.Event, into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure) {
        let event = try JSON.decode(Event.self, from: message.data)
        switch event.type {
        case "message_start": count(event.message?.usage, into: &deltas)
        case "content_block_start": add(event.content_block, to: &deltas)
        case "content_block_delta": add(event.delta, to: &deltas)
        case "message_delta":
            if let reason = event.delta?.stop_reason { deltas.append(.stop(Self.reason(reason))) }
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
        let content_block: Piece?
        let delta: Piece?
        let usage: Counts?
    }

    private struct Start: Decodable { let usage: Counts? }

    private struct Piece: Decodable {
        let text: String?
        let thinking: String?
        let stop_reason: String?
    }

    private struct Counts: Decodable {
        var input_tokens: Int?
        var output_tokens: Int?
        var cache_creation_input_tokens: Int?
        var cache_read_input_tokens: Int?
        var cache_creation: CacheWrites?
        var output_tokens_details: OutputDetails?

        struct CacheWrites: Decodable { let ephemeral_1h_input_tokens: Int? }
        struct OutputDetails: Decodable { let thinking_tokens: Int? }

        mutating func replace(with new: Counts) {
            input_tokens = new.input_tokens ?? input_tokens
            output_tokens = new.output_tokens ?? output_tokens
            cache_creation_input_tokens =
                new.cache_creation_input_tokens ?? cache_creation_input_tokens
            cache_read_input_tokens = new.cache_read_input_tokens ?? cache_read_input_tokens
            cache_creation = new.cache_creation ?? cache_creation
            output_tokens_details = new.output_tokens_details ?? output_tokens_details
        }

        var usage: TokenUsage {
            let read = tokens(cache_read_input_tokens)
            let write = tokens(cache_creation_input_tokens)
            return TokenUsage(
                input: tokens(tokens(input_tokens) + read + write), output: tokens(output_tokens),
                cachedInput: read, cacheWrite: write,
                cacheWriteHour: tokens(cache_creation?.ephemeral_1h_input_tokens),
                reasoning: tokens(output_tokens_details?.thinking_tokens))
        }
    }
}
