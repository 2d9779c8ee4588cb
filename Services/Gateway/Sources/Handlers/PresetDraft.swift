import Contracts
import MeshContract
import REST

/// A cast of agents to be saved: what becomes a template of rounds.
struct PresetDraft: Decodable, Sendable {
    var name: String
    var summary: String?
    var agents: [Orchestrator.Agent]
    var criteria: [Orchestrator.Criterion]?
    var maxRounds: Int?
    var scoreThreshold: Double?
    var plateau: Orchestrator.Plateau?
    var parallelCritique: Bool?

    /// The template as JSON text: a loop of turns in the agents' order.
    var document: String {
        get throws {
            var file = File(name: name, summary: summary ?? "", agents: agents)
            file.criteria = criteria
            let until = File.Until(score: scoreThreshold, plateau: plateau ?? .init(rounds: 2))
            file.steps = [
                File.Step(loop: File.Loop(max: maxRounds ?? 5, until: until, steps: turns))
            ]
            return String(decoding: try JSONCoding.encode(file), as: UTF8.self)
        }
    }

    /// Reviewers next to each other work side by side where that is asked for.
    private var turns: [File.Step] {
        var steps: [File.Step] = []
        var rest = agents[...]
        while let agent = rest.first {
            let group = rest.prefix { $0.role != "writer" }
            let isGroup = parallelCritique == true && group.count > 1
            steps.append(
                isGroup ? File.Step(parallel: group.map(\.name)) : File.Step(turn: agent.name))
            rest = rest.dropFirst(isGroup ? group.count : 1)
        }
        return steps
    }

    /// The form of a template's file.
    private struct File: Encodable {
        struct Until: Encodable {
            var score: Double?
            var plateau: Orchestrator.Plateau?
        }

        struct Loop: Encodable {
            var max: Int
            var until: Until
            var steps: [Step]
        }

        struct Step: Encodable {
            var turn: String?
            var parallel: [String]?
            var loop: Loop?
        }

        let format = "atelier.template"
        let version = 1
        let studio = "write"
        var name: String
        var summary: String
        var agents: [Orchestrator.Agent]
        var criteria: [Orchestrator.Criterion]?
        var steps: [Step] = []
    }

    /// Pointers into the template as pointers into the request.
    static func translated(_ fault: Fault) -> Fault {
        let places = [
            ("/steps/0/loop/max", "/max_rounds"),
            ("/steps/0/loop/until/score", "/score_threshold"),
            ("/steps/0/loop/until/plateau", "/plateau"),
            ("/steps/0/loop/until", "/score_threshold"), ("/steps", "/agents"),
        ]
        guard let fields = fault.fields else { return fault }
        let translated = fields.map { field in
            guard let (old, new) = places.first(where: { field.pointer.hasPrefix($0.0) }) else {
                return field
            }
            let rest = new == "/agents" ? "" : field.pointer.dropFirst(old.utf8.count)
            return FieldFault(new + rest, field.message)
        }
        return Fault(fault.code, "the preset was refused", detail: fault.detail, fields: translated)
    }
}
