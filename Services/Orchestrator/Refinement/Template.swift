/// A workflow of the Write studio as data: who takes part, in which order, and until when.
///
/// What people save, exchange as JSON and start runs from; the built-in presets are of this form, too.
/// A run interprets it, so a template can do nothing that its steps do not say.
public struct Template: Codable, Sendable, Hashable {
    /// What a file says it is, and the form of the format that this code reads.
    public static let format = "atelier.template"
    public static let version = 1
    public static let studio = "write"

    public var format: String
    /// Of the format, not of the template.
    public var version: Int
    public var studio: String
    /// What people call it.
    public var name: String
    /// What it is good for, in a sentence or two.
    public var summary: String
    public var agents: [Agent]
    public var criteria: [Criterion]
    public var steps: [TemplateStep]

    public init(
        name: String, summary: String = "", agents: [Agent], criteria: [Criterion],
        steps: [TemplateStep]
    ) {
        (format, version, studio) = (Self.format, Self.version, Self.studio)
        (self.name, self.summary, self.agents) = (name, summary, agents)
        (self.criteria, self.steps) = (criteria, steps)
    }

    /// The agent of a name, whatever its case.
    public func agent(_ name: String) -> Agent? {
        agents.first { $0.name == name } ?? agents.first { $0.name.folded == name.folded }
    }
}

/// One step of a template.
public indirect enum TemplateStep: Codable, Sendable, Hashable {
    /// One agent's turn.
    case turn(String)
    case parallel(ParallelPart)
    case gate(GatePart)
    case loop(LoopPart)

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case turn, parallel, merge, gate, loop
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let agent = try container.decodeIfPresent(String.self, forKey: .turn) {
            self = .turn(agent)
        } else if let agents = try container.decodeIfPresent([String].self, forKey: .parallel) {
            let merge = try container.decodeIfPresent(ParallelPart.Merge.self, forKey: .merge)
            self = .parallel(ParallelPart(agents: agents, merge: merge ?? .notes))
        } else if let gate = try container.decodeIfPresent(GatePart.self, forKey: .gate) {
            self = .gate(gate)
        } else {
            self = .loop(try container.decode(LoopPart.self, forKey: .loop))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .turn(let agent): try container.encode(agent, forKey: .turn)
        case .parallel(let part):
            try container.encode(part.agents, forKey: .parallel)
            try container.encode(part.merge, forKey: .merge)
        case .gate(let gate): try container.encode(gate, forKey: .gate)
        case .loop(let loop): try container.encode(loop, forKey: .loop)
        }
    }
}

/// Reviewers who read the same draft at once.
public struct ParallelPart: Sendable, Hashable {
    /// What the next writer gets of their reviews.
    public enum Merge: String, Codable, Sendable, Hashable, CaseIterable {
        /// One list: each note once, and marked where they disagree.
        case notes
        /// Every review as it was written.
        case none
    }

    public var agents: [String]
    public var merge: Merge

    public init(agents: [String], merge: Merge = .notes) {
        (self.agents, self.merge) = (agents, merge)
    }
}

/// A place where the run waits for a person.
public struct GatePart: Codable, Sendable, Hashable {
    /// What a person's no means.
    public enum Rejection: String, Codable, Sendable, Hashable, CaseIterable {
        /// The last writer takes another turn with what the person said, and asks again.
        case revise
        /// The run goes on, and the next writer is told what the person said.
        case proceed = "continue"
        /// The run ends with the document as it is.
        case stop
    }

    /// Its id in the run: small letters, digits and hyphens.
    public var name: String
    /// What the person is asked.
    public var prompt: String
    public var onReject: Rejection
    /// How long it stays open; nil for as long as it takes.
    public var hours: Double?

    enum CodingKeys: String, CodingKey {
        case name, prompt, hours
        case onReject = "on_reject"
    }

    public init(
        name: String, prompt: String, onReject: Rejection = .revise, hours: Double? = nil
    ) {
        (self.name, self.prompt) = (name, prompt)
        (self.onReject, self.hours) = (onReject, hours)
    }
}

/// Steps that are made again and again: each time is a round.
public struct LoopPart: Codable, Sendable, Hashable {
    /// What ends a loop before its last round.
    public struct Until: Codable, Sendable, Hashable {
        public var score: Double?
        public var plateau: Plateau?

        public init(score: Double? = nil, plateau: Plateau? = nil) {
            (self.score, self.plateau) = (score, plateau)
        }
    }

    /// The most rounds.
    public var max: Int
    public var until: Until
    public var steps: [TemplateStep]

    public init(max: Int, until: Until = Until(), steps: [TemplateStep]) {
        (self.max, self.until, self.steps) = (max, until, steps)
    }

    /// The rules by which the loop goes on or stops.
    public var rules: RoundRules {
        RoundRules(threshold: until.score, maxRounds: max, plateau: until.plateau)
    }
}
