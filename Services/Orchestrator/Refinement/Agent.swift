/// What an agent does in a round.
public enum Role: String, Codable, Sendable, Hashable, CaseIterable {
    /// Changes the document.
    case writer
    /// Reviews it and says how to put it better.
    case editor
    /// Reviews it and says what does not hold.
    case critic

    /// Whether a score is read from this agent's answers.
    public var reviews: Bool { self != .writer }
}

/// One of the agents that take turns on a document: a role with a model and instructions.
public struct Agent: Codable, Sendable, Hashable {
    /// How people and the other agents call it; unique in a session.
    public var name: String
    /// What it does in its turn.
    public var role: Role
    /// The provider to call, or empty where the model's alias decides.
    public var provider: String
    /// The model's name or alias.
    public var model: String
    /// What its author asks of it, in addition to the rules of its role.
    public var instructions: String
    /// How freely the model chooses words, from 0 to 2.
    public var temperature: Double

    public init(
        name: String, role: Role, provider: String = "", model: String, instructions: String,
        temperature: Double = 0.7
    ) {
        self.name = name
        self.role = role
        self.provider = provider
        self.model = model
        self.instructions = instructions
        self.temperature = temperature
    }
}

/// Something a document is scored on, and how much it counts.
public struct Criterion: Codable, Sendable, Hashable {
    /// What is scored, as agents read it; unique in a session whatever the case.
    public var name: String
    /// Its part in the weighted mean, relative to the others.
    public var weight: Double

    public init(name: String, weight: Double = 1) {
        self.name = name
        self.weight = weight
    }

    /// What a session is scored on that names nothing itself.
    public static let standard = ["clarity", "concision", "correctness", "structure"].map {
        Criterion(name: $0)
    }
}
