/// The parts of a streamed response: items by their number, and the texts within them.
struct ResponsesParts: Sendable {
    private(set) var hasCalls = false
    private var items: [Int: Item] = [:]
    private var slots: [Slot] = []

    private struct Item {
        var type: String
        var item: JSONObject
        /// The part of the item itself; a message has none.
        var part: Int?
        /// The parts of a message's content.
        var contents: [Int: Int] = [:]
        /// How many summaries there have been.
        var summaries = 0
        var isDone = false
    }

    /// What has become of a part.
    private struct Slot {
        enum Kind { case text, thinking, arguments, whole }

        var kind: Kind
        /// How many bytes have been passed on.
        var sent = 0
        var isOpen = true
        var extras: JSONObject
    }

    private static let most = 10_000

    /// False for an event that has no meaning here.
    mutating func read(
        _ type: String, _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) -> Bool {
        switch type {
        case "response.output_item.added": try add(event, &events)
        case "response.output_item.done":
            try done(try number(event), event["item"] ?? .null, &events)
        case "response.content_part.added":
            if event["part"]?["type"] != "reasoning_text" { _ = try content(event, &events) }
        case "response.content_part.done", "response.reasoning_summary_part.done",
            "response.reasoning_summary_text.done", "response.reasoning_text.done":
            break
        case "response.output_text.delta", "response.refusal.delta":
            write(event["delta"], to: try content(event, &events), &events)
        case "response.output_text.done":
            complete(event["text"], try content(event, &events), &events)
        case "response.refusal.done":
            complete(event["refusal"], try content(event, &events), &events)
        case "response.output_text.annotation.added":
            guard let part = try content(event, &events), let note = event["annotation"] else {
                return true
            }
            events.append(.detail(part, Detail(.responses, "annotations", note, isItem: true)))
            slots[part].extras["annotations"] = .null
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
            "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            write(event["delta"], to: try item(event).part, &events)
        case "response.function_call_arguments.done":
            complete(event["arguments"], try item(event).part, &events)
        case "response.custom_tool_call_input.done":
            complete(event["input"], try item(event).part, &events)
        case "response.reasoning_summary_part.added": try summary(event, &events)
        default: return false
        }
        return true
    }

    private func number(_ event: JSONValue) throws(UpstreamFailure) -> Int {
        guard let number = event["output_index"]?.int, (0..<Self.most).contains(number) else {
            throw .garbage("an event of the response has no number")
        }
        return number
    }

    private func item(_ event: JSONValue) throws(UpstreamFailure) -> Item {
        guard let item = items[try number(event)] else {
            throw .garbage("an event of the response belongs to no item")
        }
        return item
    }

    // MARK: Items

    private mutating func add(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let number = try number(event)
        guard case .object(var object)? = event["item"]?.withoutNulls,
            let type = object["type"]?.string, items[number] == nil
        else { throw .garbage("an item of the response begins twice, or is none") }
        var item = Item(type: type, item: object)
        switch type {
        case "message": item.item["content"] = nil
        case "reasoning":
            // What is known at the end only comes then.
            object["encrypted_content"] = nil
            object["summary"] = [["type": "summary_text", "text": ""]]
            object["content"] = nil
            item.part = try ResponsesAnswer.parts(.object(object)).first.map { open($0, &events) }
        case "function_call", "custom_tool_call":
            object[type == "function_call" ? "arguments" : "input"] = ""
            item.part = try ResponsesAnswer.parts(.object(object)).first.map { open($0, &events) }
            hasCalls = true
        default: break
        }
        items[number] = item
    }

    /// Brings what is missing of an item, and closes it.
    private mutating func done(
        _ number: Int, _ value: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let parts = try ResponsesAnswer.parts(value)
        let type = value["type"]?.string ?? "message"
        var item = items[number] ?? Item(type: type, item: [:])
        guard !item.isDone, item.type == type else {
            throw .garbage("an item of the response ends twice, or as another")
        }
        item.isDone = true
        items[number] = item
        for (place, part) in parts.enumerated() {
            if case .toolCall = part { hasCalls = true }
            let known = item.part ?? item.contents[place]
            let slot = known ?? open(part, &events)
            finish(slot, part, &events)
        }
    }

    private mutating func finish(
        _ slot: Int, _ part: ContentPart, _ events: inout [ModelEvent]
    ) {
        switch part {
        case .text(let part): complete(.string(part.text), slot, &events)
        case .thinking(let part):
            complete(.string(part.text), slot, &events)
            if let signature = part.signature { events.append(.signature(slot, signature)) }
        case .toolCall(let call): complete(.string(call.arguments), slot, &events)
        default: break
        }
        for (key, value) in part.extras[.responses].members where slots[slot].extras[key] == nil {
            events.append(.detail(slot, Detail(.responses, key, value)))
        }
        close(slot, &events)
    }

    /// The last event holds everything again; some servers send it there alone.
    mutating func finish(
        _ output: [JSONValue], _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        for (number, value) in output.prefix(Self.most).enumerated() {
            if items[number]?.isDone != true { try done(number, value, &events) }
        }
        for slot in slots.indices { close(slot, &events) }
    }

    private mutating func open(_ part: ContentPart, _ events: inout [ModelEvent]) -> Int {
        var slot = Slot(kind: .whole, extras: part.extras[.responses])
        var empty = part
        switch part {
        case .text(var part):
            slot.kind = .text
            part.text = ""
            empty = .text(part)
        case .thinking(var part):
            slot.kind = .thinking
            (part.text, part.signature) = ("", nil)
            empty = .thinking(part)
        case .toolCall(var call):
            slot.kind = .arguments
            call.arguments = ""
            empty = .toolCall(call)
        default: break
        }
        events.append(.open(slots.count, empty))
        slots.append(slot)
        return slots.count - 1
    }

    private mutating func close(_ slot: Int, _ events: inout [ModelEvent]) {
        guard slots[slot].isOpen else { return }
        slots[slot].isOpen = false
        events.append(.close(slot))
    }

    // MARK: Text

    /// The part of a text within a message, which opens with its first event.
    private mutating func content(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) -> Int? {
        let number = try number(event)
        guard var item = items[number], item.type == "message",
            let place = event["content_index"]?.int, (0..<Self.most).contains(place)
        else { throw .garbage("a text of the response belongs to no message") }
        if let known = item.contents[place] { return known }
        var piece = event["part"]?.withoutNulls.object ?? [:]
        let isRefusal =
            piece["type"] == "refusal"
            || event["type"]?.string?.hasPrefix("response.refusal") == true
        piece["type"] = isRefusal ? "refusal" : "output_text"
        let first = piece.take(isRefusal ? "refusal" : "text")
        piece[isRefusal ? "refusal" : "text"] = ""
        var message = item.item
        // Whatever is not first goes on with the item.
        let before: [JSONValue] =
            item.contents.isEmpty ? [] : [["type": "output_text", "text": ""]]
        message["content"] = .array(before + [.object(piece)])
        guard let part = try ResponsesAnswer.parts(.object(message)).last else { return nil }
        let slot = open(part, &events)
        item.contents[place] = slot
        items[number] = item
        write(first, to: slot, &events)
        return slot
    }

    /// Several summaries are one text with empty lines between them.
    private mutating func summary(
        _ event: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let number = try number(event)
        guard var item = items[number], let part = item.part else { return }
        if item.summaries > 0 { write("\n\n", to: part, &events) }
        item.summaries += 1
        items[number] = item
    }

    private mutating func write(
        _ value: JSONValue?, to slot: Int?, _ events: inout [ModelEvent]
    ) {
        guard let text = value?.string, !text.isEmpty, let slot, slots[slot].isOpen else { return }
        slots[slot].sent += text.utf8.count
        switch slots[slot].kind {
        case .text: events.append(.text(slot, text))
        case .thinking: events.append(.thinking(slot, text))
        case .arguments: events.append(.arguments(slot, text))
        case .whole: break
        }
    }

    private mutating func complete(
        _ whole: JSONValue?, _ slot: Int?, _ events: inout [ModelEvent]
    ) {
        guard let text = whole?.string, let slot, text.utf8.count > slots[slot].sent else { return }
        let rest = String(decoding: Array(text.utf8.dropFirst(slots[slot].sent)), as: UTF8.self)
        write(.string(rest), to: slot, &events)
    }
}
