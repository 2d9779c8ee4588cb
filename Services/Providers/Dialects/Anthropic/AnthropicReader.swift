import EventStream

/// Reads `message_start`, blocks, `message_delta` and `message_stop`. Kinds of events and deltas
/// that are new are passed on for a client of Anthropic's own dialect.
struct AnthropicReader: MessageReader {
    private(set) var isDone = false
    private var counts = AnthropicCounts()
    private var open: Set<Int> = []
    private var opened = 0

    /// More parts than any reply has.
    private static let mostParts = 10_000

    mutating func read(
        _ message: ServerSentEvent, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let event = try JSONValue.event(message.data)
        guard let type = event["type"]?.string else {
            if let error = event["error"].flatMap({ _ in ErrorBody(event) }) {
                throw UpstreamFailure(inStream: error, kind: AnthropicDialect.kind)
            }
            throw .garbage("an event of the reply has no type")
        }
        switch type {
        case "message_start": try start(event, &events)
        case "content_block_start": try openBlock(event, &events)
        case "content_block_delta": try delta(event, &events)
        case "content_block_stop":
            let index = try index(event)
            if open.remove(index) != nil { events.append(.close(index)) }
        case "message_delta": finish(event, &events)
        case "message_stop":
            for index in open.sorted() { events.append(.close(index)) }
            isDone = true
        case "ping": break
        case "error":
            guard let error = ErrorBody(event) else { throw .garbage("an error without words") }
            throw UpstreamFailure(inStream: error, kind: AnthropicDialect.kind)
        default: events.append(.other(RawPart(.anthropic, event)))
        }
    }

    private mutating func start(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        guard let message = event["message"]?.object else {
            throw .garbage("message_start holds no message")
        }
        let reading = AnthropicAnswer.reading(head: message)
        events.append(.start(reading.head))
        if let new = reading.counts { count(new, &events) }
    }

    private func index(_ event: JSONValue) throws(UpstreamFailure) -> Int {
        guard let index = event["index"]?.int, (0..<Self.mostParts).contains(index) else {
            throw .garbage("a block of the reply has no number")
        }
        return index
    }

    private mutating func openBlock(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let index = try index(event)
        opened += 1
        guard let block = event["content_block"], open.insert(index).inserted,
            opened <= Self.mostParts
        else { throw .garbage("a block of the reply begins twice, or without a block") }
        switch try AnthropicAnswer.part(Field(value: block.withoutNulls, path: .root)) {
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
        case .toolCall(var call):
            // Some servers send the whole input at once.
            let input = call.arguments
            call.arguments = ""
            events.append(.open(index, .toolCall(call)))
            if input != "{}" { events.append(.arguments(index, input)) }
        case let part: events.append(.open(index, part))
        }
    }

    private mutating func delta(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let index = try index(event)
        guard open.contains(index), let delta = event["delta"] else {
            throw .garbage("a piece of the reply belongs to no block")
        }
        func text(_ key: String) throws(UpstreamFailure) -> String {
            guard let text = delta[key]?.string else {
                throw .garbage("a piece of the reply has no \(key)")
            }
            return text
        }
        switch delta["type"]?.string {
        case "text_delta": add(.text(index, try text("text")), &events)
        case "thinking_delta": add(.thinking(index, try text("thinking")), &events)
        case "input_json_delta": add(.arguments(index, try text("partial_json")), &events)
        case "signature_delta":
            events.append(.signature(index, Signature(.anthropic, try text("signature"))))
        case "citations_delta":
            let citation = delta["citation"] ?? .null
            events.append(.detail(index, Detail(.anthropic, "citations", citation, isItem: true)))
        default: events.append(.other(RawPart(.anthropic, event)))
        }
    }

    /// Empty pieces say nothing.
    private func add(_ event: ModelEvent, _ events: inout [ModelEvent]) {
        switch event {
        case .text(_, let text), .thinking(_, let text), .arguments(_, let text):
            if !text.isEmpty { events.append(event) }
        default: events.append(event)
        }
    }

    private mutating func finish(_ event: JSONValue, _ events: inout [ModelEvent]) {
        if let usage = event["usage"] { count(AnthropicCounts(usage), &events) }
        guard let delta = event["delta"] else { return }
        if let container = delta["container"] {
            events.append(.detail(nil, Detail(.anthropic, "container", container)))
        }
        guard let word = delta["stop_reason"]?.string else { return }
        var stop = AnthropicAnswer.stop(word, delta["stop_sequence"]?.string)
        if let details = delta["stop_details"] {
            stop.extras[.anthropic]["stop_details"] = details
        }
        events.append(.stop(stop))
    }

    private mutating func count(_ new: AnthropicCounts, _ events: inout [ModelEvent]) {
        let before = counts.rest
        counts.replace(with: new)
        events.append(.usage(counts.usage))
        if counts.rest != before {
            events.append(.detail(nil, Detail(.anthropic, "usage", .object(counts.rest))))
        }
    }
}

extension JSONValue {
    /// Members that are null say nothing.
    var withoutNulls: JSONValue {
        guard case .object(let object) = self else { return self }
        return .object(
            JSONObject(object.members.filter { $0.value != .null }.map { ($0.key, $0.value) }))
    }
}
