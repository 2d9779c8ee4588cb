/// A whole reply, in no provider's dialect.
public struct ModelAnswer: Sendable, Equatable {
    public var head: AnswerHead
    public var parts: [ContentPart]
    /// Nil for a reply that was cut off.
    public var stop: Stop?
    /// Nil where the provider gave no figures.
    public var usage: TokenUsage?

    public init(
        head: AnswerHead, parts: [ContentPart] = [], stop: Stop? = nil, usage: TokenUsage? = nil
    ) {
        (self.head, self.parts, self.stop, self.usage) = (head, parts, stop, usage)
    }

    /// Its texts, joined.
    public var text: String { parts.compactMap(\.text).joined() }

    public var toolCalls: [ToolCall] {
        parts.compactMap { part -> ToolCall? in
            if case .toolCall(let call) = part { return call }
            return nil
        }
    }

    /// The turn to add to the conversation, so that the provider sees again what it wants to see.
    public var message: ModelMessage { ModelMessage(.assistant, parts) }

    /// The reply as if it had been streamed.
    public var events: [ModelEvent] {
        var events: [ModelEvent] = [.start(head)]
        for (index, part) in parts.enumerated() {
            events += Self.events(of: part, index)
        }
        if let usage { events.append(.usage(usage)) }
        if let stop { events.append(.stop(stop)) }
        return events
    }

    static func events(of part: ContentPart, _ index: Int) -> [ModelEvent] {
        var events: [ModelEvent] = []
        switch part {
        case .text(var part):
            let text = part.text
            part.text = ""
            events.append(.open(index, .text(part)))
            if !text.isEmpty { events.append(.text(index, text)) }
        case .thinking(var part):
            let (text, signature) = (part.text, part.signature)
            (part.text, part.signature) = ("", nil)
            events.append(.open(index, .thinking(part)))
            if !text.isEmpty { events.append(.thinking(index, text)) }
            if let signature { events.append(.signature(index, signature)) }
        case .toolCall(var part):
            let arguments = part.arguments
            part.arguments = ""
            events.append(.open(index, .toolCall(part)))
            if !arguments.isEmpty { events.append(.arguments(index, arguments)) }
        default: events.append(.open(index, part))
        }
        return events + [.close(index)]
    }
}
