/// Writes the events of a response, numbered from zero: each item is added, filled and done, and
/// the last event holds the whole again.
struct ResponsesWriter: StreamWriter {
    private let request: ModelRequest
    private let reply: ReplyName
    private var custom: CustomCalls
    private var extras = Extras()
    private var hasStarted = false
    private var number = 0
    private var usage: TokenUsage?
    private var stop: Stop?
    /// The items so far; those that are not done are null.
    private var output: [JSONValue] = []
    private var open: [Int: ResponsesItem] = [:]

    init(_ request: ModelRequest, _ reply: ReplyName) {
        (self.request, self.reply) = (request, reply)
        custom = CustomCalls(request)
    }

    mutating func write(_ event: ModelEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in custom.add(event) { bytes += step(event) }
        return bytes
    }

    private mutating func frame(_ type: String, _ members: JSONObject) -> [UInt8] {
        var object: JSONObject = ["type": .string(type)]
        object.fill(from: members)
        object["sequence_number"] = JSONValue(number)
        number += 1
        return EventFrame.bytes(.object(object), named: type)
    }

    private mutating func frames(_ events: [ResponsesItem.Event]) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events { bytes += frame(event.type, event.members) }
        return bytes
    }

    private mutating func start() -> [UInt8] {
        guard !hasStarted else { return [] }
        hasStarted = true
        let response = JSONValue.object(
            ServedResponses.response(request, reply, status: "in_progress", extras: extras))
        return frame("response.created", ["response": response])
            + frame("response.in_progress", ["response": response])
    }

    private mutating func step(_ event: ModelEvent) -> [UInt8] {
        switch event {
        case .start(let head):
            extras = head.extras
            return start()
        case .usage(let usage): self.usage = usage
        case .stop(let stop): self.stop = stop
        case .detail(nil, let detail): detail.add(to: &extras)
        case .other: break
        case .open(let index, let part): return start() + begin(index, part)
        case .text(let index, let text), .thinking(let index, let text),
            .arguments(let index, let text):
            return frames(open[index]?.add(text) ?? [])
        case .signature(let index, let signature): open[index]?.sign(signature)
        case .detail(let index?, let detail): return frames(open[index]?.add(detail) ?? [])
        case .close(let index): return finish(index)
        }
        return []
    }

    // MARK: Items

    private mutating func begin(_ index: Int, _ part: ContentPart) -> [UInt8] {
        var bytes: [UInt8] = []
        // A carrier goes before the call, if what it carries is known by now.
        if case .toolCall(let call) = part, let signature = call.signature {
            bytes += carry(Carrier(.call, signature, id: call.id))
        }
        guard let item = ResponsesItem(part, place: output.count, reply: reply.id) else {
            return bytes
        }
        output.append(.null)
        open[index] = item
        return bytes + frames(item.added)
    }

    private mutating func finish(_ index: Int) -> [UInt8] {
        guard let item = open.removeValue(forKey: index) else { return [] }
        output[item.place] = item.whole
        var bytes = frames(item.done)
        for carrier in item.carriers { bytes += carry(carrier) }
        return bytes
    }

    /// An item of its own, for what belongs to another.
    private mutating func carry(_ carrier: Carrier) -> [UInt8] {
        let part = RedactedPart(Signature(.responses, carrier.text))
        guard let item = ResponsesItem(.redacted(part), place: output.count, reply: reply.id)
        else { return [] }
        output.append(item.whole)
        return frames(item.added) + frames(item.done)
    }

    // MARK: The end

    mutating func end() -> [UInt8] {
        var bytes = start()
        for index in open.keys.sorted() { bytes += finish(index) }
        let response = finished()
        let isWhole = response["status"] == "completed"
        return bytes
            + frame(
                isWhole ? "response.completed" : "response.incomplete",
                ["response": .object(response)])
    }

    /// The whole response, as the last event has it.
    mutating func finished() -> JSONObject {
        for index in open.keys.sorted() { _ = finish(index) }
        var response = ServedResponses.response(
            request, reply, status: "completed", extras: extras)
        response["output"] = .array(output.filter { $0 != .null })
        response["usage"] = ServedResponses.usage(usage ?? TokenUsage(), extras)
        if let reason = incompleteness {
            response["status"] = "incomplete"
            response["incomplete_details"] = ["reason": .string(reason)]
        }
        return response
    }

    private var incompleteness: String? {
        if let word = stop?.word(in: .responses) { return word == "completed" ? nil : word }
        switch stop?.reason {
        case .length?, .contextWindow?: return "max_output_tokens"
        case .refusal?: return "content_filter"
        default: return nil
        }
    }

    /// The response has failed, as OpenAI says it; and an error besides, for libraries that raise
    /// for nothing else.
    mutating func fail(_ fault: ServedFault) -> [UInt8] {
        let error = OpenAIFault.object(fault)
        var bytes: [UInt8] = []
        if hasStarted {
            var response = ServedResponses.response(
                request, reply, status: "failed", extras: extras)
            let code = fault.kind == .rateLimited ? "rate_limit_exceeded" : "server_error"
            response["error"] = ["code": .string(code), "message": .string(fault.message)]
            response["output"] = .array(output.filter { $0 != .null })
            bytes = frame("response.failed", ["response": .object(response)])
        }
        return bytes
            + frame(
                "error",
                [
                    "code": error["code"] ?? .null, "message": .string(fault.message),
                    "param": error["param"] ?? .null, "error": error,
                ])
    }
}
