/// Anthropic's order of turns: two roles, the results of tools in the user's, and what stands
/// before the conversation apart from it.
struct AnthropicTurns {
    let encoder: AnthropicEncoder
    private(set) var system: [JSONValue] = []
    private var turns: [Turn] = []

    private struct Turn {
        var role: String
        var blocks: [JSONValue]
        /// From Anthropic's own dialect: left as it is.
        var isNative: Bool
        var isList: Bool
        var extras: JSONObject
    }

    init(encoder: AnthropicEncoder) { self.encoder = encoder }

    mutating func add(_ message: ModelMessage) throws(UpstreamFailure) {
        let isNative = message.extras.says(.native, in: .anthropic)
        let blocks = try encoder.parts(message.parts, of: message.role)
        switch message.role {
        case .system, .developer:
            if !isNative, turns.isEmpty {
                system += blocks
                return
            }
        default: break
        }
        let role =
            switch message.role {
            case .system, .developer: encoder.takesSampling && !isNative ? "user" : "system"
            case .user, .tool: "user"
            case .assistant: "assistant"
            }
        // What other providers need alone leaves nothing behind.
        if blocks.isEmpty, !isNative { return }
        if !isNative, let last = turns.last, last.role == role, !last.isNative {
            turns[turns.count - 1].blocks += blocks
            return
        }
        turns.append(
            Turn(
                role: role, blocks: blocks, isNative: isNative,
                isList: message.extras.says(.list, in: .anthropic),
                extras: message.extras[.anthropic]))
    }

    var messages: [JSONValue] {
        turns.map { turn in
            var object: JSONObject = ["role": .string(turn.role)]
            if turn.blocks.count == 1, !turn.isList,
                let text = AnthropicEncoder.plainText(turn.blocks[0])
            {
                object["content"] = .string(text)
            } else {
                object["content"] = .array(turn.blocks)
            }
            object.fill(from: turn.extras)
            return .object(object)
        }
    }
}
