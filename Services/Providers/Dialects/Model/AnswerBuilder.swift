/// Puts a streamed reply together again. Half a reply gives an answer as well, without a stop.
public struct AnswerBuilder: Sendable {
    private var head = AnswerHead(model: "")
    private var order: [Int] = []
    private var parts: [Int: ContentPart] = [:]
    /// What has come of each part since it opened; apart, so that no text is copied to grow.
    private var pieces: [Int: String] = [:]
    private var stop: Stop?
    private var usage: TokenUsage?

    public init() {}

    public mutating func add(_ event: ModelEvent) {
        switch event {
        case .start(let head): self.head = head
        case .open(let index, let part):
            if parts[index] == nil { order.append(index) }
            parts[index] = part
        case .text(let index, let more), .thinking(let index, let more),
            .arguments(let index, let more):
            pieces[index, default: ""] += more
        case .signature(let index, let signature): sign(index, signature)
        case .detail(nil, let detail): detail.add(to: &head.extras)
        case .detail(let index?, let detail):
            guard var part = parts[index] else { return }
            detail.add(to: &part.extras)
            parts[index] = part
        case .usage(let usage): self.usage = usage
        case .stop(let stop): self.stop = stop
        case .close, .other: break
        }
    }

    public mutating func add(_ events: [ModelEvent]) {
        for event in events { add(event) }
    }

    public var answer: ModelAnswer {
        ModelAnswer(head: head, parts: order.compactMap(whole), stop: stop, usage: usage)
    }

    private func whole(_ index: Int) -> ContentPart? {
        guard let part = parts[index], let more = pieces[index] else { return parts[index] }
        switch part {
        case .text(var part):
            part.text += more
            return .text(part)
        case .thinking(var part):
            part.text += more
            return .thinking(part)
        case .toolCall(var part):
            part.arguments += more
            return .toolCall(part)
        case .other(var part):
            // The input of a part that only its dialect knows comes in pieces as well.
            guard let input = try? JSONValue(parsing: more), case .object(var object) = part.value
            else { return .other(part) }
            object["input"] = input
            part.value = .object(object)
            return .other(part)
        default: return part
        }
    }

    private mutating func sign(_ index: Int, _ signature: Signature) {
        switch parts[index] {
        case .text(var part):
            part.signature = signature
            parts[index] = .text(part)
        case .thinking(var part):
            part.signature = signature
            parts[index] = .thinking(part)
        case .toolCall(var part):
            part.signature = signature
            parts[index] = .toolCall(part)
        default: break
        }
    }
}
