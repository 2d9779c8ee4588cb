/// Writes chunks, the figures in one of their own if the client asked for them, and `[DONE]`.
struct ChatWriter: StreamWriter {
    private let reply: ReplyName
    private let wantsUsage: Bool
    private var custom: CustomCalls
    private var head = AnswerHead(model: "")
    private var hasStarted = false
    private var parts: [Int: Part] = [:]
    private var calls = 0
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
        defer { parts[index] = state }
        switch part {
        case .text(let text):
            state.signature = text.signature
            return []
        case .thinking(let thinking):
            state.hasDetails = Self.hasDetails(thinking)
            return []
        case .redacted: return details(of: part, index)
        case .toolCall(var call):
            state.number = calls
            calls += 1
            let signature = call.signature
            state.hasArguments = !call.arguments.isEmpty
            if call.arguments.isEmpty, call.form == .function { call.arguments = "" }
            return chunk(["tool_calls": [.object(opening(call, state.number))]])
                + (signature.map { $0.origin == .gemini } == false ? details(of: part, index) : [])
        case .media, .toolResult, .other: return []
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

    private func think(_ index: Int, _ text: String) -> [UInt8] {
        guard case .thinking(let part)? = parts[index]?.part else { return [] }
        let isAlias = part.extras.says(.alias, in: .openai)
        var delta: JSONObject = [ChatReasoning.textFields[isAlias ? 1 : 0]: .string(text)]
        if parts[index]?.hasDetails == true {
            let isSummary = part.extras[notes: .openai]["type"] == "reasoning.summary"
            delta[ChatReasoning.details] = [
                [
                    "type": isSummary ? "reasoning.summary" : "reasoning.text",
                    isSummary ? "summary" : "text": .string(text), "index": JSONValue(index),
                ]
            ]
        }
        return chunk(delta)
    }

    private func details(of part: ContentPart, _ index: Int) -> [UInt8] {
        guard let detail = ChatReasoning.detail(part, index) else { return [] }
        return chunk([ChatReasoning.details: [detail]])
    }

    private mutating func sign(_ index: Int, _ signature: Signature) -> [UInt8] {
        parts[index]?.signature = signature
        switch parts[index]?.part {
        case .toolCall(var call)?:
            call.signature = signature
            guard signature.origin == .gemini else { return details(of: .toolCall(call), index) }
            let google: JSONValue = ["google": ["thought_signature": .string(signature.value)]]
            let number = JSONValue(parts[index]?.number ?? 0)
            return chunk(["tool_calls": [["index": number, "extra_content": google]]])
        case .thinking(var part)?:
            part.signature = signature
            // Once, for clients put the pieces together letter by letter.
            guard case .object(var piece)? = ChatReasoning.detail(.thinking(part), index) else {
                return []
            }
            piece["text"] = nil
            return chunk([ChatReasoning.details: [.object(piece)]])
        default: return []
        }
    }

    private mutating func close(_ index: Int) -> [UInt8] {
        guard let state = parts.removeValue(forKey: index) else { return [] }
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
