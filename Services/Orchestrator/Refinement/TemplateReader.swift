import JSON

/// Reads a template from JSON as people write it, and says of everything that is wrong where it stands
/// and what to put there.
public struct TemplateReader {
    /// The most bytes of a template.
    public static let mostBytes = 256 << 10
    /// Past this many the rest is not looked for.
    static let mostErrors = 50

    private(set) var errors: [FieldError] = []

    /// The template, or everything that is wrong with it.
    public static func read(_ bytes: [UInt8]) -> Result<Template, TemplateErrors> {
        guard bytes.count <= mostBytes else {
            return .failure(
                TemplateErrors([
                    FieldError("", "has more than \(mostBytes) bytes: shorten the instructions")
                ]))
        }
        guard let tree = JSONValue(parsing: bytes) else {
            return .failure(TemplateErrors([FieldError("", "is not JSON")]))
        }
        var reader = TemplateReader()
        let template = reader.template(tree)
        // Rules that look at the whole would only repeat what is wrong with its parts.
        let errors = reader.errors.isEmpty ? TemplateRules.errors(in: template) : reader.errors
        return errors.isEmpty
            ? .success(template) : .failure(TemplateErrors(Array(errors.prefix(mostErrors))))
    }

    private mutating func wrong(_ pointer: String, _ message: String) {
        errors.append(FieldError(pointer, message))
    }

    // MARK: The whole

    private mutating func template(_ tree: JSONValue) -> Template {
        let known = [
            "format", "version", "studio", "name", "summary", "agents", "criteria", "steps",
        ]
        let members = object(tree, at: "", known: known)
        expect(members["format"], Template.format, at: "/format")
        expect(members["studio"], Template.studio, at: "/studio")
        if case .number(let number)? = members["version"], number == Double(Template.version) {
        } else {
            wrong("/version", "must be \(Template.version), the form of the format read here")
        }
        let agents = list(members["agents"], at: "/agents", required: true)
        let criteria = list(members["criteria"], at: "/criteria", required: false)
        let steps = list(members["steps"], at: "/steps", required: true)
        return Template(
            name: text(members["name"], at: "/name") ?? "",
            summary: optionalText(members["summary"], at: "/summary") ?? "",
            agents: agents.enumerated().map { agent($1, at: "/agents/\($0)") },
            criteria: members["criteria"] == nil
                ? Criterion.standard
                : criteria.enumerated().map { criterion($1, at: "/criteria/\($0)") },
            steps: steps.enumerated().compactMap { step($1, at: "/steps/\($0)", depth: 0) })
    }

    private mutating func expect(_ value: JSONValue?, _ word: String, at pointer: String) {
        if value != .text(word) { wrong(pointer, "must be \"\(word)\"") }
    }

    private mutating func agent(_ tree: JSONValue, at pointer: String) -> Agent {
        let members = object(
            tree, at: pointer,
            known: ["name", "role", "provider", "model", "instructions", "temperature"])
        let role = word(members["role"], Role.self, at: "\(pointer)/role", required: true)
        return Agent(
            name: text(members["name"], at: "\(pointer)/name") ?? "",
            role: role ?? .writer,
            provider: optionalText(members["provider"], at: "\(pointer)/provider") ?? "",
            model: optionalText(members["model"], at: "\(pointer)/model")
                ?? (role == .writer ? "strong" : "critic"),
            instructions: optionalText(members["instructions"], at: "\(pointer)/instructions")
                ?? "",
            temperature: optionalNumber(members["temperature"], at: "\(pointer)/temperature")
                ?? 0.7)
    }

    private mutating func criterion(_ tree: JSONValue, at pointer: String) -> Criterion {
        let members = object(tree, at: pointer, known: ["name", "weight"])
        return Criterion(
            name: text(members["name"], at: "\(pointer)/name") ?? "",
            weight: optionalNumber(members["weight"], at: "\(pointer)/weight") ?? 1)
    }

    // MARK: Steps

    private static let kinds = ["turn", "parallel", "gate", "loop"]

    private mutating func step(_ tree: JSONValue, at pointer: String, depth: Int) -> TemplateStep? {
        guard case .object(let all) = tree else {
            wrong(pointer, "must be an object with one of \(Self.kinds.joined(separator: ", "))")
            return nil
        }
        let named = Self.kinds.filter { all[$0] != nil }
        guard let kind = named.first, named.count == 1 else {
            wrong(
                pointer,
                named.isEmpty
                    ? "has none of \(Self.kinds.joined(separator: ", ")): write which it is"
                    : "is \(named.joined(separator: " and ")) at once: make a step of each")
            return nil
        }
        let members = object(
            tree, at: pointer, known: kind == "parallel" ? ["parallel", "merge"] : [kind])
        let value = members[kind]
        let at = "\(pointer)/\(kind)"
        switch kind {
        case "turn": return text(value, at: at).map(TemplateStep.turn)
        case "parallel": return parallel(value, members["merge"], at: pointer)
        case "gate": return gate(value, at: at).map(TemplateStep.gate)
        default:
            guard depth == 0 else {
                wrong(at, "stands in another loop: put it after that one")
                return nil
            }
            return loop(value, at: at).map(TemplateStep.loop)
        }
    }

    private mutating func parallel(
        _ value: JSONValue?, _ merge: JSONValue?, at pointer: String
    ) -> TemplateStep {
        let names = list(value, at: "\(pointer)/parallel", required: true)
        let agents = names.enumerated().compactMap {
            text($1, at: "\(pointer)/parallel/\($0)")
        }
        let how = word(
            merge, ParallelPart.Merge.self, at: "\(pointer)/merge", required: false)
        return .parallel(ParallelPart(agents: agents, merge: how ?? .notes))
    }

    private mutating func gate(_ value: JSONValue?, at pointer: String) -> GatePart? {
        // A name alone is enough.
        if case .text(let name)? = value {
            return GatePart(name: name, prompt: "Approve the document?")
        }
        let members = object(value, at: pointer, known: ["name", "prompt", "on_reject", "hours"])
        guard let name = text(members["name"], at: "\(pointer)/name") else { return nil }
        let rejection = word(
            members["on_reject"], GatePart.Rejection.self, at: "\(pointer)/on_reject",
            required: false)
        return GatePart(
            name: name,
            prompt: optionalText(members["prompt"], at: "\(pointer)/prompt")
                ?? "Approve the document?",
            onReject: rejection ?? .revise,
            hours: optionalNumber(members["hours"], at: "\(pointer)/hours"))
    }

    private mutating func loop(_ value: JSONValue?, at pointer: String) -> LoopPart? {
        let members = object(value, at: pointer, known: ["max", "until", "steps"])
        guard let most = whole(members["max"], at: "\(pointer)/max") else { return nil }
        var until = LoopPart.Until()
        if let tree = members["until"], tree != .null {
            let parts = object(tree, at: "\(pointer)/until", known: ["score", "plateau"])
            until.score = optionalNumber(parts["score"], at: "\(pointer)/until/score")
            if let plateau = parts["plateau"], plateau != .null {
                until.plateau = self.plateau(plateau, at: "\(pointer)/until/plateau")
            }
        }
        let steps = list(members["steps"], at: "\(pointer)/steps", required: true)
        return LoopPart(
            max: most, until: until,
            steps: steps.enumerated().compactMap {
                step($1, at: "\(pointer)/steps/\($0)", depth: 1)
            })
    }

    private mutating func plateau(_ tree: JSONValue, at pointer: String) -> Plateau? {
        let members = object(tree, at: pointer, known: ["rounds", "within"])
        guard let rounds = whole(members["rounds"], at: "\(pointer)/rounds") else { return nil }
        let within = optionalNumber(members["within"], at: "\(pointer)/within")
        return Plateau(rounds: rounds, within: within ?? Plateau.standard.within)
    }
}

/// Everything that is wrong with a template.
public struct TemplateErrors: Error, Sendable, Hashable {
    public let fields: [FieldError]

    public init(_ fields: [FieldError]) { self.fields = fields }
}

// MARK: Values

extension TemplateReader {
    private mutating func object(
        _ tree: JSONValue?, at pointer: String, known: [String]
    ) -> [String: JSONValue] {
        guard case .object(let members)? = tree else {
            errors.append(FieldError(pointer, missing(tree, "an object")))
            return [:]
        }
        for key in members.keys.sorted() where !known.contains(key) {
            let near = known.first { $0.folded == key.folded }
            errors.append(
                FieldError(
                    "\(pointer)/\(Self.escaped(key))",
                    "is not known here: "
                        + (near.map { "it is written \($0)" }
                            ?? "there is \(known.joined(separator: ", "))")))
        }
        return members
    }

    private func missing(_ tree: JSONValue?, _ wanted: String) -> String {
        tree.map { "must be \(wanted), and is \($0.kind)" } ?? "is missing: it takes \(wanted)"
    }

    private mutating func list(_ tree: JSONValue?, at pointer: String, required: Bool)
        -> [JSONValue]
    {
        if case .list(let values)? = tree { return Array(values.prefix(100)) }
        if required || tree != nil { errors.append(FieldError(pointer, missing(tree, "a list"))) }
        return []
    }

    private mutating func text(_ tree: JSONValue?, at pointer: String) -> String? {
        if case .text(let text)? = tree { return text }
        errors.append(FieldError(pointer, missing(tree, "a text")))
        return nil
    }

    private mutating func optionalText(_ tree: JSONValue?, at pointer: String) -> String? {
        guard let tree, tree != .null else { return nil }
        return text(tree, at: pointer)
    }

    private mutating func optionalNumber(_ tree: JSONValue?, at pointer: String) -> Double? {
        guard let tree, tree != .null else { return nil }
        if case .number(let number) = tree { return number }
        errors.append(FieldError(pointer, missing(tree, "a number")))
        return nil
    }

    private mutating func whole(_ tree: JSONValue?, at pointer: String) -> Int? {
        if case .number(let number)? = tree, let whole = Int(exactly: number) { return whole }
        errors.append(FieldError(pointer, missing(tree, "a whole number")))
        return nil
    }

    private mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ tree: JSONValue?, _: Word.Type, at pointer: String, required: Bool
    ) -> Word? {
        guard required || tree != nil && tree != .null else { return nil }
        if case .text(let text)? = tree, let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        errors.append(FieldError(pointer, missing(tree, "one of \(words)")))
        return nil
    }

    private static func escaped(_ key: String) -> String {
        key.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
