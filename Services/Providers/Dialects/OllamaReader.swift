/// Reads lines up to the one that is `done`. An error can come after a status of 200.
struct OllamaReader: MessageReader {
    private(set) var isDone = false

    mutating func read(
        _ message: [UInt8], into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure) {
        let line = try JSON.decode(Line.self, from: message)
        if line.error?.isPresent == true {
            let error = try JSON.decode(ErrorBody.self, from: message)
            throw UpstreamFailure(inStream: error, kind: OllamaDialect.kind)
        }
        if let thinking = line.message?.thinking, !thinking.isEmpty {
            deltas.append(.thinking(thinking))
        }
        if let text = line.message?.content, !text.isEmpty { deltas.append(.text(text)) }
        guard line.done == true else { return }
        isDone = true
        deltas.append(.stop(Self.reason(line.done_reason)))
        guard line.prompt_eval_count != nil || line.eval_count != nil else { return }
        // A prompt that is wholly cached is not counted by older servers.
        deltas.append(
            .usage(
                TokenUsage(
                    input: tokens(line.prompt_eval_count), output: tokens(line.eval_count),
                    isEstimated: line.prompt_eval_count == nil || line.eval_count == nil)))
    }

    static func reason(_ word: String?) -> StopReason {
        switch word {
        case nil, "", "stop": .end
        case "length": .length
        case let word?: .other(word)
        }
    }

    private struct Line: Decodable {
        struct Turn: Decodable {
            let content: String?
            let thinking: String?
        }

        let message: Turn?
        let done: Bool?
        let done_reason: String?
        let prompt_eval_count: Int?
        let eval_count: Int?
        let error: Presence?
    }
}
