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
        deltas.append(.stop(Self.reason(line.doneReason)))
        guard line.promptEvalCount != nil || line.evalCount != nil else { return }
        // A prompt that is wholly cached is not counted by older servers.
        deltas.append(
            .usage(
                TokenUsage(
                    input: tokens(line.promptEvalCount), output: tokens(line.evalCount),
                    isEstimated: line.promptEvalCount == nil || line.evalCount == nil)))
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
        let doneReason: String?
        let promptEvalCount: Int?
        let evalCount: Int?
        let error: Presence?

        private enum CodingKeys: String, CodingKey {
            case message, done, error
            case doneReason = "done_reason"
            case promptEvalCount = "prompt_eval_count"
            case evalCount = "eval_count"
        }
    }
}
