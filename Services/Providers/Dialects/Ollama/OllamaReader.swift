/// Reads lines up to the one that is `done`. An error can come after a status of 200.
struct OllamaReader: MessageReader {
    private(set) var isDone = false
    private let name: String
    private var hasStarted = false
    private var next = 0
    private var openText: (index: Int, isThinking: Bool)?
    private var calls = 0

    private static let mostCalls = 1_000

    init(name: String) { self.name = name }

    mutating func read(
        _ message: [UInt8], into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        let line = try JSONValue.event(message)
        if line["error"] != nil, let error = ErrorBody(line) {
            throw UpstreamFailure(inStream: error, kind: OllamaDialect.kind)
        }
        guard case .object(let object) = line else {
            throw .garbage("a line of the reply is no object")
        }
        if !hasStarted {
            hasStarted = true
            events.append(.start(Self.head(object)))
        }
        if let turn = object["message"] { try read(turn: turn, &events) }
        guard object["done"]?.bool == true else { return }
        isDone = true
        closeText(&events)
        count(object, &events)
        events.append(.stop(stop(object["done_reason"]?.string)))
    }

    private static func head(_ object: JSONObject) -> AnswerHead {
        var head = AnswerHead(model: object["model"]?.string ?? "")
        if let created = object["created_at"] { head.extras[.ollama]["created_at"] = created }
        return head
    }

    private mutating func read(
        turn: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        if let text = turn["thinking"]?.string, !text.isEmpty {
            write(text, isThinking: true, &events)
        }
        if let text = turn["content"]?.string, !text.isEmpty {
            write(text, isThinking: false, &events)
        }
        for call in turn["tool_calls"]?.array ?? [] {
            guard case .object(var rest) = call.withoutNulls,
                case .object(var function)? = rest.take("function"),
                let name = function.take("name")?.string, calls < Self.mostCalls
            else { throw .garbage("a call of the reply has no name, or there are too many") }
            let input = function.take("arguments") ?? [:]
            let id = rest.take("id")?.string.flatMap { $0.isEmpty ? nil : $0 }
            var made = ToolCall(
                id: id ?? WireID.made(self.name, calls), name: name, arguments: "",
                extras: Extras(.ollama, rest, id == nil ? [.native, .unnamed] : .native))
            if !function.isEmpty {
                made.extras[notes: .ollama]["function"] = .object(function)
            }
            calls += 1
            closeText(&events)
            // Whole arguments, as an object; a text from some servers.
            let text = input.string ?? input.text
            events += [.open(next, .toolCall(made)), .arguments(next, text), .close(next)]
            next += 1
        }
    }

    private mutating func write(
        _ text: String, isThinking: Bool, _ events: inout [ModelEvent]
    ) {
        if openText?.isThinking != isThinking {
            closeText(&events)
            let part: ContentPart = isThinking ? .thinking(ThinkingPart("")) : .plain("")
            events.append(.open(next, part))
            openText = (next, isThinking)
            next += 1
        }
        guard let index = openText?.index else { return }
        events.append(isThinking ? .thinking(index, text) : .text(index, text))
    }

    private mutating func closeText(_ events: inout [ModelEvent]) {
        if let index = openText?.index { events.append(.close(index)) }
        openText = nil
    }

    /// A prompt that is wholly cached is not counted by older servers.
    private func count(_ object: JSONObject, _ events: inout [ModelEvent]) {
        let prompt = object["prompt_eval_count"]
        let reply = object["eval_count"]
        if prompt?.int != nil || reply?.int != nil {
            events.append(
                .usage(
                    TokenUsage(
                        input: tokens(prompt), output: tokens(reply),
                        isEstimated: prompt?.int == nil || reply?.int == nil)))
        }
        for key in ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] {
            guard let value = object[key] else { continue }
            events.append(.detail(nil, Detail(.ollama, key, value)))
        }
    }

    private func stop(_ word: String?) -> Stop {
        switch word {
        case nil, "", "stop":
            return word.map { Stop(calls > 0 ? .toolUse : .end, .ollama, $0) }
                ?? Stop(calls > 0 ? .toolUse : .end)
        case "length": return Stop(.length, .ollama, "length")
        case let word?: return Stop(.other(word), .ollama, word)
        }
    }
}
