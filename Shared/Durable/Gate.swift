public import Wire

/// What a gate shows to the person who is to decide.
public struct GateQuestion: Codable, Sendable, Equatable {
    /// What is asked for, for a program: `approval`, `choice`, `answers` …
    public var kind: String
    /// For the person.
    public var prompt: String
    /// What can be chosen from, where something can.
    public var options: [String]

    /// A gate without options is a matter of yes or no.
    public init(kind: String, prompt: String, options: [String] = []) {
        (self.kind, self.prompt, self.options) = (kind, prompt, options)
    }
}

/// What a person decided, in the form that the outside speaks; a workflow may ask for a type of
/// its own.
public struct GateDecision: Codable, Sendable, Equatable {
    /// `approve` or `reject`.
    public var decision: String
    /// The place of what was chosen among the options.
    public var choice: Int?
    /// By the ids of the questions.
    public var answers: [String: String]?
    /// What to do differently.
    public var feedback: String?

    /// True unless it is a refusal.
    public var isApproval: Bool { decision == "approve" }

    /// Says nothing more than is given.
    public init(
        decision: String, choice: Int? = nil, answers: [String: String]? = nil,
        feedback: String? = nil
    ) {
        (self.decision, self.choice) = (decision, choice)
        (self.answers, self.feedback) = (answers, feedback)
    }
}

/// The body of `gate.opened`.
public struct GateOpened: Codable, Sendable, Equatable {
    /// Its path, which is its id within the run.
    public let gate: String
    /// Its name in the workflow.
    public let name: String
    /// What it asks, where it says so.
    public let question: GateQuestion?
    /// When it expires, in milliseconds since 1970.
    public let due: Int64?
}

/// The body of `gate.decided`.
public struct GateDecided: Codable, Sendable, Equatable {
    /// Its path, which is its id within the run.
    public let gate: String
    /// Its name in the workflow.
    public let name: String
    /// As it was given; nil when the time was over.
    public let decision: WireValue?
    /// Who decided, where that is known.
    public let by: String?
}

extension Event {
    static func opened(_ record: Record) throws -> Event {
        let question = try record.question.map { try Codec.decode(GateQuestion.self, from: $0) }
        let body = GateOpened(
            gate: record.path, name: String(Path.name(record.path)), question: question,
            due: record.due)
        return Event(kind: RunEvent.gateOpened, body: try Codec.encode(body))
    }

    static func decided(_ path: String, _ decision: [UInt8]?, by: String?) throws -> Event {
        let body = GateDecided(
            gate: path, name: String(Path.name(path)),
            decision: try decision.map { try Codec.decode(WireValue.self, from: $0) }, by: by)
        return Event(kind: RunEvent.gateDecided, body: try Codec.encode(body))
    }
}
