/// An item of a response while it is written.
struct ResponsesItem: Sendable {
    typealias Event = (type: String, members: JSONObject)

    private enum Kind { case message, refusal, reasoning, function, custom, whole }

    let place: Int
    private let kind: Kind
    private var part: ContentPart
    private var item: JSONObject
    private var text = ""
    private var annotations: [JSONValue] = []
    private var signature: Signature?

    /// Nil for what the dialect does not show.
    init?(_ part: ContentPart, place: Int, reply: String) {
        (self.part, self.place) = (part, place)
        func id(_ prefix: String) -> JSONValue { .string("\(prefix)_\(reply)_\(place)") }
        switch part {
        case .text(let text):
            kind = text.isRefusal ? .refusal : .message
            (self.text, signature) = (text.text, text.signature)
            item = ["id": id("msg"), "type": "message", "role": "assistant"]
            // A whole reply has them all at once; a stream brings each as a detail.
            annotations = text.extras[.responses]["annotations"]?.array ?? []
            let said = text.extras[notes: .responses]["item"]?.object ?? [:]
            item.set("phase", said["phase"])
        case .thinking(let thinking):
            kind = .reasoning
            (text, signature) = (thinking.text, thinking.signature)
            item = [
                "id": thinking.extras[notes: .responses]["id"] ?? id("rs"), "type": "reasoning",
            ]
        case .redacted(let redacted):
            kind = .whole
            let isOwn = redacted.sealed.origin == .responses
            let sealed =
                isOwn ? redacted.sealed.value : Carrier(.redacted, redacted.sealed).text
            item = [
                "id": redacted.extras[notes: .responses]["id"] ?? id("rs"), "type": "reasoning",
                "summary": [], "encrypted_content": .string(sealed),
            ]
        case .toolCall(let call):
            kind = call.form == .custom ? .custom : .function
            text = call.arguments
            item = [
                "id": id(call.form == .custom ? "ctc" : "fc"),
                "type": .string(call.form == .custom ? "custom_tool_call" : "function_call"),
                "call_id": .string(call.id), "name": .string(call.name),
            ]
            var rest = call.extras[.responses]
            rest["id"] = nil
            item.fill(from: rest)
        case .other(let raw):
            guard raw.origin == .responses, case .object(let object) = raw.value else { return nil }
            kind = .whole
            item = object
        case .media, .toolResult: return nil
        }
    }

    private func at(_ members: JSONObject) -> JSONObject {
        var object = members
        object["output_index"] = JSONValue(place)
        return object
    }

    private func within(_ members: JSONObject) -> JSONObject {
        var object = at(members)
        object["item_id"] = item["id"] ?? ""
        return object
    }

    // MARK: What it says

    var added: [Event] {
        var item = item
        switch kind {
        case .message, .refusal: item["content"] = []
        case .reasoning: item["summary"] = []
        case .function: item["arguments"] = ""
        case .custom: item["input"] = ""
        case .whole: break
        }
        if kind == .message || kind == .refusal || kind == .function {
            item["status"] = "in_progress"
        }
        return [("response.output_item.added", at(["item": .object(item)]))] + opening
    }

    private var opening: [Event] {
        switch kind {
        case .message, .refusal:
            return [
                (
                    "response.content_part.added",
                    within(["content_index": 0, "part": piece("")])
                )
            ]
        default: return []
        }
    }

    /// Reasoning that is not shown has no summary.
    private var summary: [Event] {
        [
            (
                "response.reasoning_summary_part.added",
                within(["summary_index": 0, "part": ["type": "summary_text", "text": ""]])
            )
        ]
    }

    private func piece(_ text: String) -> JSONValue {
        if kind == .refusal { return ["type": "refusal", "refusal": .string(text)] }
        var object: JSONObject = [
            "type": "output_text", "text": .string(text), "annotations": .array(annotations),
        ]
        object["logprobs"] = []
        return .object(object)
    }

    mutating func add(_ more: String) -> [Event] {
        text += more
        let delta = JSONValue.string(more)
        switch kind {
        case .message:
            return [
                (
                    "response.output_text.delta",
                    within(["content_index": 0, "delta": delta, "logprobs": []])
                )
            ]
        case .refusal:
            return [("response.refusal.delta", within(["content_index": 0, "delta": delta]))]
        case .reasoning:
            let isFirst = text.utf8.count == more.utf8.count
            return (isFirst ? summary : []) + [
                (
                    "response.reasoning_summary_text.delta",
                    within(["summary_index": 0, "delta": delta])
                )
            ]
        case .function:
            return [("response.function_call_arguments.delta", within(["delta": delta]))]
        case .custom: return [("response.custom_tool_call_input.delta", within(["delta": delta]))]
        case .whole: return []
        }
    }

    mutating func add(_ detail: Detail) -> [Event] {
        detail.add(to: &part.extras)
        guard detail.dialect == .responses, detail.key == "annotations", kind == .message else {
            return []
        }
        guard detail.isItem else {
            annotations = detail.value.array ?? []
            return []
        }
        annotations.append(detail.value)
        return [
            (
                "response.output_text.annotation.added",
                within([
                    "content_index": 0, "annotation_index": JSONValue(annotations.count - 1),
                    "annotation": detail.value,
                ])
            )
        ]
    }

    mutating func sign(_ signature: Signature) { self.signature = signature }

    // MARK: Its end

    var done: [Event] {
        var events: [Event] = []
        let text = JSONValue.string(self.text)
        let arguments = JSONValue.string(finalArguments)
        switch kind {
        case .message:
            events = [
                (
                    "response.output_text.done",
                    within(["content_index": 0, "text": text, "logprobs": []])
                ),
                (
                    "response.content_part.done",
                    within(["content_index": 0, "part": piece(self.text)])
                ),
            ]
        case .refusal:
            events = [
                ("response.refusal.done", within(["content_index": 0, "refusal": text])),
                (
                    "response.content_part.done",
                    within(["content_index": 0, "part": piece(self.text)])
                ),
            ]
        case .reasoning where !self.text.isEmpty:
            events = [
                (
                    "response.reasoning_summary_text.done",
                    within(["summary_index": 0, "text": text])
                ),
                (
                    "response.reasoning_summary_part.done",
                    within(["summary_index": 0, "part": ["type": "summary_text", "text": text]])
                ),
            ]
        case .function:
            events = [
                ("response.function_call_arguments.done", within(["arguments": arguments]))
            ]
        case .custom:
            events = [("response.custom_tool_call_input.done", within(["input": text]))]
        case .whole, .reasoning: break
        }
        return events + [("response.output_item.done", at(["item": whole]))]
    }

    private var finalArguments: String { text.isEmpty ? "{}" : text }

    var whole: JSONValue {
        var item = item
        switch kind {
        case .message, .refusal:
            item["status"] = "completed"
            item["content"] = [piece(text)]
        case .reasoning:
            guard case .thinking(var thinking) = part else { break }
            thinking.signature = signature
            item["summary"] =
                part.extras[.responses]["summary"]
                ?? (text.isEmpty ? [] : [["type": "summary_text", "text": .string(text)]])
            item.set("content", part.extras[.responses]["content"])
            item["encrypted_content"] = .string(
                ResponsesEncoder(carriesForeign: true).sealed(thinking))
            let isOwn = thinking.extras.says(.native, in: .responses)
            if isOwn, signature == nil { item["encrypted_content"] = nil }
        case .function:
            item["status"] = "completed"
            item["arguments"] = .string(finalArguments)
        case .custom: item["input"] = .string(text)
        case .whole: break
        }
        return .object(item)
    }

    /// What has to follow it.
    var carriers: [Carrier] {
        guard let signature else { return [] }
        switch part {
        case .text(let text):
            let isEmpty = self.text.isEmpty && text.text.isEmpty
            return [Carrier(isEmpty ? .redacted : .text, signature)]
        case .toolCall(let call): return [Carrier(.call, signature, id: call.id)]
        default: return []
        }
    }
}
