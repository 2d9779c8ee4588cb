/// Writes `message_start`, one block after the other, `message_delta` and `message_stop`.
struct AnthropicWriter: StreamWriter {
    private let reply: ReplyName
    private let blocks = AnthropicBlocks()
    private var sequence = PartSequence()
    private var head: AnswerHead?
    private var hasStarted = false
    private var usage = TokenUsage()
    private var extras = Extras()
    private var stop: Stop?
    /// The block that is open, and the part it shows.
    private var open: Block?
    private var next = 0

    private struct Block {
        var part: ContentPart
        var number: Int
        /// What has to wait until the block is complete.
        var text = ""
        var signature: Signature?
        var isSigned = false
    }

    init(_ reply: ReplyName) { self.reply = reply }

    mutating func write(_ event: ModelEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in sequence.add(event) { bytes += step(event) }
        return bytes
    }

    /// The figures of the request come soon after the start, with providers that have them then.
    private mutating func start() -> [UInt8] {
        guard !hasStarted else { return [] }
        hasStarted = true
        var message = ServedAnthropic.head(head ?? AnswerHead(model: reply.model), reply)
        message["usage"] = .object(ServedAnthropic.usage(usage, extras, isDelta: false))
        return frame("message_start", ["message": .object(message)]) + frame("ping", [:])
    }

    private func frame(_ type: String, _ members: JSONObject) -> [UInt8] {
        var object: JSONObject = ["type": .string(type)]
        object.fill(from: members)
        return EventFrame.bytes(.object(object), named: type)
    }

    private mutating func step(_ event: ModelEvent) -> [UInt8] {
        switch event {
        case .start(let head):
            (self.head, extras) = (head, head.extras)
            return []
        case .usage(let usage):
            self.usage = usage
            return []
        case .detail(nil, let detail):
            detail.add(to: &extras)
            return []
        case .stop(let stop):
            self.stop = stop
            return []
        case .other(let raw): return start() + other(raw)
        case .open(_, let part): return start() + begin(part)
        case .text(_, let text):
            return delta(["type": "text_delta", "text": .string(text)])
        case .thinking(_, let text):
            return delta(["type": "thinking_delta", "thinking": .string(text)])
        case .arguments(_, let text):
            if case .toolCall(let call)? = open?.part, call.form == .custom {
                open?.text += text
                return []
            }
            return delta(["type": "input_json_delta", "partial_json": .string(text)])
        case .signature(_, let signature): return sign(signature)
        case .detail(_?, let detail):
            guard detail.dialect == .anthropic, detail.key == "citations", detail.isItem else {
                return []
            }
            return delta(["type": "citations_delta", "citation": detail.value])
        case .close: return finish()
        }
    }

    // MARK: Blocks

    private mutating func begin(_ part: ContentPart) -> [UInt8] {
        var shown = part
        var bytes: [UInt8] = []
        var block = Block(part: part, number: 0)
        switch part {
        case .text(var text):
            block.signature = text.signature
            text.signature = nil
            var object: JSONObject = ["type": "text", "text": .string(text.text)]
            object.fill(from: text.extras[.anthropic])
            return begin(.object(object), &block)
        case .thinking(var thinking):
            let signature = thinking.signature
            thinking.signature = Signature(.anthropic, "")
            shown = .thinking(thinking)
            block.signature = signature
        case .toolCall(var call):
            // A carrier goes before the call, if what it carries is known by now.
            if let signature = call.signature {
                bytes += carry(Carrier(.call, signature, id: call.id))
                call.signature = nil
            }
            (block.text, call.arguments, call.form) = (call.arguments, "", .function)
            shown = .toolCall(call)
        case .media, .toolResult: return []
        case .redacted, .other: break
        }
        guard let object = blocks.whole(shown).first else { return [] }
        return bytes + begin(object, &block)
    }

    private mutating func begin(_ object: JSONValue, _ block: inout Block) -> [UInt8] {
        block.number = next
        next += 1
        open = block
        return frame(
            "content_block_start", ["index": JSONValue(block.number), "content_block": object])
    }

    private func delta(_ delta: JSONObject) -> [UInt8] {
        guard let open else { return [] }
        return frame(
            "content_block_delta", ["index": JSONValue(open.number), "delta": .object(delta)])
    }

    private mutating func sign(_ signature: Signature) -> [UInt8] {
        open?.signature = signature
        guard case .thinking(var part)? = open?.part else { return [] }
        part.signature = signature
        open?.isSigned = true
        return delta([
            "type": "signature_delta", "signature": .string(blocks.signature(part)),
        ])
    }

    private mutating func finish() -> [UInt8] {
        guard let block = open else { return [] }
        var bytes: [UInt8] = []
        var carrier: Carrier?
        switch block.part {
        case .thinking(var part):
            part.signature = block.signature
            if !block.isSigned {
                bytes += delta([
                    "type": "signature_delta", "signature": .string(blocks.signature(part)),
                ])
            }
        case .text:
            if let signature = block.signature, signature.origin != .anthropic {
                carrier = Carrier(.text, signature)
            }
        case .toolCall(var call):
            carrier = block.signature.map { Carrier(.call, $0, id: call.id) }
            call.arguments = block.text
            if !block.text.isEmpty {
                let text = JSONValue.object(call.input).text
                bytes += delta(["type": "input_json_delta", "partial_json": .string(text)])
            }
        default: break
        }
        bytes += frame("content_block_stop", ["index": JSONValue(block.number)])
        open = nil
        if let carrier { bytes += carry(carrier) }
        return bytes
    }

    /// A block of its own, for what belongs to another.
    private mutating func carry(_ carrier: Carrier) -> [UInt8] {
        defer { next += 1 }
        let block: JSONValue = ["type": "redacted_thinking", "data": .string(carrier.text)]
        return frame(
            "content_block_start", ["index": JSONValue(next), "content_block": block])
            + frame("content_block_stop", ["index": JSONValue(next)])
    }

    private func other(_ raw: RawPart) -> [UInt8] {
        guard raw.origin == .anthropic, case .object(var object) = raw.value,
            let type = object["type"]?.string
        else { return [] }
        if object["index"] != nil {
            guard let open else { return [] }
            object["index"] = JSONValue(open.number)
        }
        return EventFrame.bytes(.object(object), named: type)
    }

    // MARK: The end

    mutating func end() -> [UInt8] {
        var bytes = start()
        for event in sequence.rest() { bytes += step(event) }
        bytes += frame(
            "message_delta",
            [
                "delta": .object(ServedAnthropic.stop(stop ?? Stop(.end))),
                "usage": .object(ServedAnthropic.usage(usage, extras, isDelta: true)),
            ])
        return bytes + frame("message_stop", [:])
    }

    mutating func fail(_ fault: ServedFault) -> [UInt8] {
        EventFrame.bytes(AnthropicFault.object(fault), named: "error")
    }

    func beat() -> [UInt8] {
        hasStarted ? frame("ping", [:]) : Array(": \n\n".utf8)
    }
}
