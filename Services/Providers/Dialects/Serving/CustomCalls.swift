/// Calls of tools that take any text, from providers that know functions alone: such a tool was
/// given to them as a function of one text, which is taken out again.
struct CustomCalls: Sendable {
    private let names: Set<String>
    private var arguments: [Int: String] = [:]

    init(_ request: ModelRequest) {
        var names: Set<String> = []
        for tool in request.tools {
            if case .custom = tool.kind { names.insert(tool.name) }
        }
        self.names = names
    }

    mutating func add(_ event: ModelEvent) -> [ModelEvent] {
        guard !names.isEmpty else { return [event] }
        switch event {
        case .open(let index, .toolCall(var call)) where isMistaken(call):
            arguments[index] = call.arguments
            (call.form, call.arguments) = (.custom, "")
            return [.open(index, .toolCall(call))]
        case .arguments(let index, let more) where arguments[index] != nil:
            arguments[index]? += more
            return []
        case .close(let index):
            guard let text = arguments.removeValue(forKey: index) else { return [event] }
            return [.arguments(index, Self.text(text)), event]
        default: return [event]
        }
    }

    func whole(_ parts: [ContentPart]) -> [ContentPart] {
        guard !names.isEmpty else { return parts }
        return parts.map { part in
            guard case .toolCall(var call) = part, isMistaken(call) else { return part }
            (call.form, call.arguments) = (.custom, Self.text(call.arguments))
            return .toolCall(call)
        }
    }

    private func isMistaken(_ call: ToolCall) -> Bool {
        call.form == .function && names.contains(call.name)
    }

    private static func text(_ arguments: String) -> String {
        (try? JSONValue(parsing: arguments))?["input"]?.string ?? arguments
    }
}
