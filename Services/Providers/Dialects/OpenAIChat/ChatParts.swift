/// The parts of a reply in OpenAI's chat, which numbers calls alone, and not always.
struct ChatParts: Sendable {
    /// Calls that have no name are named after the reply.
    var name: String
    private(set) var hasCalls = false
    private var next = 0
    private var openText: (index: Int, isThinking: Bool, place: Int?)?
    private var calls: [Call] = []
    private var made = 0

    private struct Call {
        var index: Int
        /// The number that the server gives it.
        var number: Int?
        var id: String
        var name: String
        var form: ToolCall.Form
        var balance = JSONBalance()
        var isOpen = true
    }

    private static let mostCalls = 1_000

    init(name: String) { self.name = name }

    mutating func read(
        _ delta: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let details = delta[ChatReasoning.details]?.array ?? []
        for detail in details { reason(detail, beside: delta, &events) }
        if details.isEmpty {
            for (number, field) in ChatReasoning.textFields.enumerated() {
                guard let text = delta[field]?.string, !text.isEmpty else { continue }
                let spelling: Spelling = number == 0 ? .native : [.native, .alias]
                let part = ThinkingPart("", extras: Extras(.openai, [:], spelling))
                write(text, as: .thinking(part), place: nil, &events)
                break
            }
        }
        if let text = delta["content"]?.string, !text.isEmpty {
            write(text, as: .text(TextPart("")), place: nil, &events)
        }
        if let text = delta["refusal"]?.string, !text.isEmpty {
            write(text, as: .text(TextPart("", isRefusal: true)), place: -1, &events)
        }
        for call in delta["tool_calls"]?.array ?? [] { try read(call: call, &events) }
        for item in delta["annotations"]?.array ?? [] {
            events.append(.detail(nil, Detail(.openai, "annotations", item, isItem: true)))
        }
    }

    /// Goes on with the part that is open, if it is of the kind, or opens another.
    private mutating func write(
        _ text: String, as part: ContentPart, place: Int?, _ events: inout [ModelEvent]
    ) {
        var isThinking = false
        if case .thinking = part { isThinking = true }
        if openText?.isThinking != isThinking || openText?.place != place {
            closeText(&events)
            closeCalls(&events)
            events.append(.open(next, part))
            openText = (next, isThinking, place)
            next += 1
        }
        guard let index = openText?.index, !text.isEmpty else { return }
        events.append(isThinking ? .thinking(index, text) : .text(index, text))
    }

    private mutating func closeText(_ events: inout [ModelEvent]) {
        if let index = openText?.index { events.append(.close(index)) }
        openText = nil
    }

    private mutating func closeCalls(_ events: inout [ModelEvent]) {
        for place in calls.indices where calls[place].isOpen && calls[place].balance.hasEnded {
            calls[place].isOpen = false
            events.append(.close(calls[place].index))
        }
    }

    mutating func close(_ events: inout [ModelEvent]) {
        closeText(&events)
        for place in calls.indices where calls[place].isOpen {
            calls[place].isOpen = false
            events.append(.close(calls[place].index))
        }
    }

    // MARK: Reasoning in pieces

    private mutating func reason(
        _ detail: JSONValue, beside delta: JSONValue, _ events: inout [ModelEvent]
    ) {
        guard case .object(let piece) = detail.withoutNulls, var part = ChatReasoning.part(piece)
        else { return }
        let fields = ChatReasoning.textFields
        let spelling: Spelling =
            delta[fields[0]] != nil ? [] : delta[fields[1]] != nil ? .alias : .absent
        part.extras[bag: .openai].spelling.formUnion(spelling)
        let place = piece["index"]?.int
        switch part {
        case .thinking(var part):
            let (text, signature) = (part.text, part.signature)
            (part.text, part.signature) = ("", nil)
            write(text, as: .thinking(part), place: place ?? 0, &events)
            if let signature, let index = openText?.index {
                events.append(.signature(index, signature))
            }
        case .redacted(let part):
            if let id = piece["id"]?.string, let call = calls.first(where: { $0.id == id }) {
                events.append(.signature(call.index, part.sealed))
                return
            }
            closeText(&events)
            events += [.open(next, .redacted(part)), .close(next)]
            next += 1
        default: break
        }
    }

    // MARK: Calls

    private mutating func read(
        call: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let isCustom = call["type"] == "custom" || call["custom"] != nil
        let inner = call[isCustom ? "custom" : "function"]
        let place = try find(call, inner, isCustom, &events)
        if case .object(var rest) = call, let signature = ChatDecoder.takeSignature(from: &rest) {
            events.append(.signature(calls[place].index, signature))
        }
        let piece =
            switch inner?[isCustom ? "input" : "arguments"] {
            case .string(let text)?: text
            // Some servers send the whole object.
            case .object(let object)?: JSONValue.object(object).text
            default: ""
            }
        guard !piece.isEmpty else { return }
        guard calls[place].isOpen else {
            if piece.allSatisfy(\.isWhitespace) { return }
            throw .garbage("arguments came for a call that was complete")
        }
        calls[place].balance.feed(piece)
        events.append(.arguments(calls[place].index, piece))
    }

    /// The call that a piece belongs to: by its number, by its identifier, else the latest one.
    private mutating func find(
        _ call: JSONValue, _ inner: JSONValue?, _ isCustom: Bool, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) -> Int {
        let number = call["index"]?.int
        let id = call["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let name = inner?["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let known = calls.lastIndex { known in
            if let number { return known.number == number }
            if let id { return known.id == id }
            return true
        }
        if let known, !isAnother(calls[known], id, name, hasNumber: number != nil) { return known }
        guard let name, calls.count < Self.mostCalls else {
            throw .garbage("a call of the reply has no name, or there are too many")
        }
        closeText(&events)
        closeCalls(&events)
        var made = ToolCall(
            id: id ?? WireID.made(self.name, self.made), name: name, arguments: "",
            form: isCustom ? .custom : .function)
        made.extras = Extras(.openai, [:], .native)
        self.made += 1
        events.append(.open(next, .toolCall(made)))
        calls.append(
            Call(index: next, number: number, id: made.id, name: name, form: made.form))
        next += 1
        hasCalls = true
        return calls.count - 1
    }

    /// Some servers give every call the number zero, or send calls whole without any number.
    private func isAnother(_ known: Call, _ id: String?, _ name: String?, hasNumber: Bool) -> Bool {
        if let id, id != known.id, name != nil { return true }
        guard id == nil, name != nil else { return false }
        return known.balance.hasEnded || !hasNumber && known.name != name
    }
}
