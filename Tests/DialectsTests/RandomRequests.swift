@testable import Dialects

/// Conversations made at random, of what all served dialects can say.
struct RandomRequests {
    var generator: Generator
    /// Each is another.
    private var signatures = 0

    init(generator: Generator) { self.generator = generator }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }
    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0...(items.count - 1))] }

    private mutating func words() -> String {
        let words = ["heron", "Grüße", "漢字", "👩‍🚀", "\"q\"", "a\\b", "line\nbreak", "~", "{", "0"]
        return (0...number(0...3)).map { _ in pick(words) }.joined(separator: " ")
    }

    private mutating func mark() -> CacheMark? {
        guard chance(30) else { return nil }
        return CacheMark(pick([.unsaid, .short, .long]), style: pick([.control, .breakpoint]))
    }

    mutating func request() -> ModelRequest {
        var messages: [ModelMessage] = []
        for turn in 0...number(0...3) {
            messages.append(user())
            if chance(80) { messages += answer(turn) }
        }
        messages.append(user())
        var request = ModelRequest(model: "m", messages: messages)
        if chance(60) { request.system = [.text(TextPart(words(), cache: mark()))] }
        for index in 0..<number(0...2) {
            request.tools.append(
                ModelTool(
                    "tool_\(index)", description: chance(50) ? words() : nil,
                    schema: ["type": "object", "properties": ["n": ["type": "integer"]]],
                    isStrict: pick([nil, true, false])))
        }
        if !request.tools.isEmpty {
            request.toolChoice = pick([nil, .auto, .required, ToolChoice.none, .tool("tool_0")])
        }
        request.maxTokens = number(1_100...9_000)
        if chance(40) { request.sampling.temperature = Double(number(0...10)) / 10 }
        if chance(40) {
            request.format = .schema(
                SchemaFormat(["type": "object"], name: "answer", isStrict: true))
        }
        request.user = chance(30) ? "u-1" : nil
        request.isStreamed = chance(50)
        return request
    }

    private mutating func user() -> ModelMessage {
        var parts: [ContentPart] = []
        for _ in 0...number(0...2) {
            if chance(20) {
                parts.append(
                    .media(
                        MediaPart(
                            .image, .data("iVBORw0KGgo="), mediaType: "image/png",
                            cache: mark())))
            } else {
                parts.append(.text(TextPart(words(), cache: mark())))
            }
        }
        return ModelMessage(.user, parts)
    }

    private mutating func signature() -> Signature {
        signatures += 1
        return Signature(pick(DialectName.allCases), "Ep\(signatures)QBCk/+==")
    }

    /// A turn of the model's, with the results of its calls.
    private mutating func answer(_ turn: Int) -> [ModelMessage] {
        var parts: [ContentPart] = []
        for _ in 0..<number(0...2) {
            if chance(70) {
                let isSigned = chance(80)
                parts.append(
                    .thinking(ThinkingPart(words(), signature: isSigned ? signature() : nil)))
            } else {
                parts.append(.redacted(RedactedPart(signature())))
            }
        }
        if chance(70) {
            let isSigned = chance(20)
            parts.append(
                .text(
                    TextPart(
                        words(), signature: isSigned ? Signature(.gemini, "AQIDBA==") : nil)))
        }
        var results: [ModelMessage] = []
        for index in 0..<number(parts.isEmpty ? 1...2 : 0...2) {
            let id = "call_\(turn)_\(index)"
            parts.append(
                .toolCall(
                    ToolCall(
                        id: id, name: "tool_\(index)", arguments: #"{"n":\#(number(-9...9))}"#,
                        signature: chance(30) ? Signature(.gemini, "CsEB") : nil)))
            results.append(
                ModelMessage(.tool, [.toolResult(ToolResult(callID: id, parts: [.plain(words())]))])
            )
        }
        return [ModelMessage(.assistant, parts)] + results
    }

    // MARK: Damage

    /// The value with something wrong in it.
    mutating func damaged(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var object) where !object.isEmpty && chance(85):
            let key = pick(object.keys)
            if chance(10) {
                object[key] = nil
            } else {
                object[key] = damaged(object[key] ?? .null)
            }
            return .object(object)
        case .array(var items) where !items.isEmpty && chance(85):
            let place = number(0...(items.count - 1))
            items[place] = damaged(items[place])
            return .array(items)
        default:
            return pick([
                .null, true, -1, 0, 1.5, "", "text", [], [[]], [:], ["type": "text"],
                ["type": "image", "source": [:]], [["role": "user"]],
                .number(JSONNumber(unchecked: "1e999")),
                .number(JSONNumber(unchecked: "123456789012345678901234567890")),
                .number(JSONNumber(unchecked: "-0.0")), "~gemini~c~x~y", "data:image/png;base64,",
            ])
        }
    }
}
