/// The ordered list of a service's methods, known to the type system: dispatch takes one handler
/// for each, in order, or does not compile.
public struct Contract<each Method: MeshMethod>: Sendable {
    public let service: String
    public let methods: [MethodCard]

    /// Traps when a method belongs to another service, or is hedged and not repeatable: the
    /// language cannot state those rules yet.
    public init<Service: MeshService>(_: Service.Type, _ method: repeat (each Method).Type) {
        var cards: [MethodCard] = []
        for type in repeat each method {
            precondition(type.Service == Service.self, "\(type) is not a method of \(Service.name)")
            precondition(type.traits.isSound, "\(type) is hedged and must not be asked twice")
            cards.append(MethodCard(type))
        }
        service = Service.name
        methods = cards
    }
}

/// What a reader needs to know about one method.
public struct MethodCard: Sendable {
    public let name: String
    public let summary: String
    public let traits: MethodTraits
    public let request: [Field]
    public let reply: [Field]
    private let records: [Field.Record]

    init<M: MeshMethod>(_: M.Type) {
        (name, summary, traits) = (M.name, M.summary, M.traits)
        request = Field.of(M.self)
        reply = Field.of(M.Reply.self)
        var known: Set<String> = []
        records = (Field.records(in: M.self) + Field.records(in: M.Reply.self))
            .filter { known.insert($0.name).inserted }
    }

    /// `charge   --account <String> --credits <Int64>   Takes credits …`, one line of a reference.
    public var usage: String {
        let flags = request.map { field in
            field.isOptional
                ? "[--\(field.name) <\(field.type)>]" : "--\(field.name) <\(field.type)>"
        }
        return ([name] + flags).joined(separator: " ")
    }

    /// The method as it stands on the wire, one line a field, the records within at the end: a
    /// change of it is a change of the wire.
    public var signature: String {
        func lines(_ mark: String, _ fields: [Field]) -> String {
            fields.map { "  \(mark) \($0.name): \($0.type)\($0.isOptional ? "?" : "")\n" }.joined()
        }
        let within = records.map { "  \($0.name)\n" + lines("  -", $0.fields) }.joined()
        return "\(name)\(traits.words)\n" + lines(">", request) + lines("<", reply) + within
    }
}

extension MethodTraits {
    /// ` (repeatable, by gateway)`; nothing for a call made once by anybody.
    fileprivate var words: String {
        var words: [String] = []
        if isRepeatable { words.append("repeatable") }
        if isLongPoll { words.append("long poll") }
        if let hedge { words.append(hedge.after.map { "hedged after \($0)" } ?? "hedged") }
        if isHeavy { words.append("heavy") }
        if let callers { words.append("by " + callers.joined(separator: " ")) }
        return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
    }
}
