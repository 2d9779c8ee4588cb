/// Writes chunks, the figures in one of their own if the client asked for them, and `[DONE]`.
struct ChatWriter: StreamWriter {
    private let reply: ReplyName
    private let wantsUsage: Bool
    private var custom: CustomCalls
    private var head = AnswerHead(model: "")
    private var hasStarted = false
    private var parts: [Int: Part] = [:]
    private var calls = 0
    /// The pieces of reasoning so far. Clients put them in a list by their numbers, which therefore
    /// rise by one; where a piece stood among the parts is said beside that.
    private var details = 0
    private var usage: TokenUsage?
    private var stop: Stop?
    private let encoder = ChatEncoder(flavor: .served)

    private struct Part {
        var part: ContentPart
        /// A call's number among the calls.
        var number = 0
        /// True when its text goes into pieces that a signature can join.
        var hasDetails = false
        var hasArguments = false
        var signature: Signature?
        /// Its number among the pieces of reasoning, once it has one.
        var detail: Int?
    }

    init(_ request: ModelRequest, _ reply: ReplyName) {
        self.reply = reply
        wantsUsage = request.wantsUsage
        custom = CustomCalls(request)
    }

    mutating func write(_ event: ModelEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in custom.add(event) { bytes += step(event) }
        return bytes
    }

    private mutating func step(_ event: ModelEvent) -> [UInt8] {
        switch event {
        case .start(let head):
            self.head = head
            return start()
        case .usage(let usage): self.usage = usage
        case .stop(let stop): self.stop = stop
        case .detail(nil, let detail): return self.detail(detail)
        case .detail, .other: break
        case .open(let index, let part): return start() + open(index, part)
        case .text(let index, let text):
            guard case .text(let part)? = parts[index]?.part else { return [] }
            return chunk([part.isRefusal ? "refusal" : "content": .string(text)])
        case .thinking(let index, let text): return think(index, text)
        case .arguments(let index, let text):
            guard case .toolCall(let call)? = parts[index]?.part else { return [] }
            parts[index]?.hasArguments = true
            return arguments(text, of: call, number: parts[index]?.number ?? 0)
        case .signature(let index, let signature): return sign(index, signature)
        case .close(let index): return close(index)
        }
        return []
    }

    // MARK: Chunks

    private mutating func start() -> [UInt8] {
        guard !hasStarted else { return [] }
        hasStarted = true
        return chunk(["role": "assistant", "content": "", "refusal": .null])
    }

    private func chunk(
        _ delta: JSONObject, logprobs: JSONValue = .null, reason: JSONValue = .null
    ) -> [UInt8] {
        chunk(
            [
                [
                    "index": 0, "delta": .object(delta), "logprobs": logprobs,
                    "finish_reason": reason,
                ]
            ], usage: .null)
    }

    private func chunk(_ choices: JSONValue, usage: JSONValue) -> [UInt8] {
        var object = ServedChat.head(head, reply, "chat.completion.chunk")
        object["choices"] = choices
        if wantsUsage { object["usage"] = usage }
        return EventFrame.bytes(.object(object))
    }

    private mutating func detail(_ detail: Detail) -> [UInt8] {
        guard detail.dialect == .openai else { return [] }
        switch detail.key {
        case "logprobs":
            return start()
                + chunk([:], logprobs: ["content": [detail.value], "refusal": .null])
        case "annotations": return start() + chunk(["annotations": [detail.value]])
        default:
            detail.add(to: &head.extras)
            return []
        }
    }

    // MARK: Parts

    private mutating func open(_ index: Int, _ part: ContentPart) -> [UInt8] {
        var state = Part(part: part)
        switch part {
        case .text(let text): state.signature = text.signature
        case .thinking(let thinking): state.hasDetails = Self.hasDetails(thinking)
        case .toolCall(let call):
            state.number = calls
            calls += 1
            state.hasArguments = !call.arguments.isEmpty
        case .redacted, .media, .toolResult, .other: break
        }
        parts[index] = state
        switch part {
        case .redacted: return details(of: part, index)
        case .toolCall(var call):
            let isSealed = call.signature.map { $0.origin != .gemini } ?? false
            if call.arguments.isEmpty, call.form == .function { call.arguments = "" }
            return chunk(["tool_calls": [.object(opening(call, state.number))]])
                + (isSealed ? details(of: part, index) : [])
        case .text, .thinking, .media, .toolResult, .other: return []
        }
    }

    /// What a signature may come for.
    private static func hasDetails(_ part: ThinkingPart) -> Bool {
        [DialectName.anthropic, .responses, .gemini].contains { part.extras.says(.native, in: $0) }
            || part.extras.says(.list, in: .openai)
    }

    private func opening(_ call: ToolCall, _ number: Int) -> JSONObject {
        var object = encoder.toolCall(call).object ?? [:]
        let kind = call.form == .custom ? "custom" : "function"
        object[kind] = [
            "name": .string(call.name),
            call.form == .custom ? "input" : "arguments": .string(call.arguments),
        ]
        object["index"] = JSONValue(number)
        return object
    }

    private func arguments(_ text: String, of call: ToolCall, number: Int) -> [UInt8] {
        let isCustom = call.form == .custom
        return chunk([
            "tool_calls": [
                [
                    "index": JSONValue(number),
                    isCustom ? "custom" : "function": [
                        isCustom ? "input" : "arguments": .string(text)
                    ],
                ]
            ]
        ])
    }

    private mutating func think(_ index: Int, _ text: String) -> [UInt8] {
        guard case .thinking(let part)? = parts[index]?.part else { return [] }
        let isAlias = part.extras.says(.alias, in: .openai)
        var delta: JSONObject = [ChatReasoning.textFields[isAlias ? 1 : 0]: .string(text)]
        if parts[index]?.hasDetails == true {
            let isSummary = part.extras[notes: .openai]["type"] == "reasoning.summary"
            let piece: JSONObject = [
                "type": isSummary ? "reasoning.summary" : "reasoning.text",
                isSummary ? "summary" : "text": .string(text),
            ]
            delta[ChatReasoning.details] = [.object(numbered(piece, index))]
        }
        return chunk(delta)
    }

    private mutating func details(of part: ContentPart, _ index: Int) -> [UInt8] {
        guard let detail = ChatReasoning.detail(part) else { return [] }
        return chunk([ChatReasoning.details: [.object(numbered(detail, index))]])
    }

    /// A piece with its number, and at first with its place: what is said twice is added up.
    private mutating func numbered(_ piece: JSONObject, _ index: Int) -> JSONObject {
        var piece = piece
        let number = parts[index]?.detail ?? details
        piece["index"] = JSONValue(number)
        guard number == details else { return piece }
        parts[index]?.detail = number
        details += 1
        if number != index { piece[ChatReasoning.place] = JSONValue(index) }
        return piece
    }

    private mutating func sign(_ index: Int, _ signature: Signature) -> [UInt8] {
        parts[index]?.signature = signature
        switch parts[index]?.part {
        case .toolCall(var call)?:
            call.signature = signature
            guard signature.origin == .gemini else { return details(of: .toolCall(call), index) }
            let google: JSONValue = ["google": ["thought_signature": .string(signature.value)]]
            let number = JSONValue(parts[index]?.number ?? 0)
            // OpenAI's library wants a function in every piece of a call.
            let isCustom = call.form == .custom
            return chunk([
                "tool_calls": [
                    [
                        "index": number,
                        isCustom ? "custom" : "function": [
                            isCustom ? "input" : "arguments": ""
                        ], "extra_content": google,
                    ]
                ]
            ])
        case .thinking(var part)?:
            part.signature = signature
            // Once, for clients put the pieces together letter by letter.
            guard var piece = ChatReasoning.detail(.thinking(part)) else { return [] }
            piece["text"] = nil
            return chunk([ChatReasoning.details: [.object(numbered(piece, index))]])
        default: return []
        }
    }

    private mutating func close(_ index: Int) -> [UInt8] {
        guard let state = parts[index] else { return [] }
        defer { parts[index] = nil }
        switch state.part {
        case .toolCall(let call):
            guard !state.hasArguments, call.form == .function else { return [] }
            return arguments("{}", of: call, number: state.number)
        case .text(var text):
            guard let signature = state.signature else { return [] }
            text.signature = signature
            return details(of: .text(text), index)
        default: return []
        }
    }

    // MARK: The end

    mutating func end() -> [UInt8] {
        var bytes = start()
        for index in parts.keys.sorted() { bytes += close(index) }
        bytes += chunk([:], reason: .string(ServedChat.word(stop)))
        if wantsUsage {
            bytes += chunk([], usage: ServedChat.usage(usage ?? TokenUsage(), head.extras))
        }
        return bytes + "data: [DONE]\n\n".utf8
    }

    mutating func fail(_ fault: ServedFault) -> [UInt8] {
        EventFrame.bytes(["error": OpenAIFault.object(fault)])
    }
}
