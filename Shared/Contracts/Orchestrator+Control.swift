public import MeshContract

/// What a person may do with a run beyond letting it go on.
extension Orchestrator {
    /// Gives a failed run another try under its id: what it had done is kept.
    public struct RetryRun: Method {
        public static let name = "retry"
        public static let summary = "Begins a failed run again at the step that failed."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    /// Makes a new run that shares what another had done before one of its steps.
    public struct ForkRun: Method {
        public static let name = "fork"
        public static let summary = "Makes a run that shares another's beginning, once per key."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String
        /// A path, as `steps` lists them.
        public var fromStep: String
        /// The step's new input as JSON; nil keeps it. Only where `takesInput` says so.
        public var input: String?
        public var title: String?
        /// The caller's idempotency key; nil makes a new run each time.
        public var key: String?

        public init(
            user: String, id: String, fromStep: String, input: String? = nil,
            title: String? = nil, key: String? = nil
        ) {
            (self.user, self.id, self.fromStep) = (user, id, fromStep)
            (self.input, self.title, self.key) = (input, title, key)
        }
    }

    public struct ListSteps: Method {
        public static let name = "steps"
        public static let summary = "Lists what a run has journaled, in the order it ended."
        public static let traits = MethodTraits.read
        public typealias Reply = StepList

        public var user: String
        public var run: String

        public init(user: String, run: String) { (self.user, self.run) = (user, run) }
    }

    public struct ListGates: Method {
        public static let name = "gates"
        public static let summary =
            "Lists where a run, or a child of it, waits or waited for a person."
        public static let traits = MethodTraits.read
        public typealias Reply = GateList

        public var user: String
        public var run: String

        public init(user: String, run: String) { (self.user, self.run) = (user, run) }
    }

    /// Answers what a run asks. A gate is decided once; the same decision again is no error.
    public struct DecideGate: Method {
        public static let name = "decide"
        public static let summary = "Decides a gate, once."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Gate

        public var user: String
        public var run: String
        /// Its id, or its name.
        public var gate: String
        /// `approve` or `reject`.
        public var decision: String
        /// The place of what was chosen among the options.
        public var choice: Int?
        public var answers: [Answer]?
        public var feedback: String?

        public init(
            user: String, run: String, gate: String, decision: String, choice: Int? = nil,
            answers: [Answer]? = nil, feedback: String? = nil
        ) {
            (self.user, self.run, self.gate) = (user, run, gate)
            (self.decision, self.choice) = (decision, choice)
            (self.answers, self.feedback) = (answers, feedback)
        }
    }

    /// Says what a run may use; it is paused before the step that would use more.
    public struct LimitRun: Method {
        public static let name = "limit"
        public static let summary = "Sets the limits of a run that has not ended."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String
        /// Thousandths of a credit; nil for none but what the account has.
        public var spendLimit: Int64?
        /// From now on; nil keeps the usual thirty days.
        public var seconds: Int?

        public init(user: String, id: String, spendLimit: Int64? = nil, seconds: Int? = nil) {
            (self.user, self.id) = (user, id)
            (self.spendLimit, self.seconds) = (spendLimit, seconds)
        }
    }

    /// What a person says to one of the questions of a gate.
    public struct Answer: Codable, Sendable, Equatable {
        /// The id of the question.
        public var question: String
        public var answer: String

        public init(question: String, answer: String) {
            (self.question, self.answer) = (question, answer)
        }
    }

    // MARK: Replies

    public struct Step: Codable, Sendable, Equatable {
        /// Where in the workflow it stands: what a fork begins with.
        public var path: String
        /// `step`, `gate`, `timer`, `signal` or `child`.
        public var kind: String
        /// `done`, `failed`, `open`, or `ahead` for what a fork or a retry does anew.
        public var state: String
        public var takesInput: Bool
        /// Wall milliseconds.
        public var at: Int64
        public var error: String?

        public init(
            path: String, kind: String, state: String, takesInput: Bool, at: Int64, error: String?
        ) {
            (self.path, self.kind, self.state) = (path, kind, state)
            (self.takesInput, self.at, self.error) = (takesInput, at, error)
        }
    }

    public struct StepList: Codable, Sendable, Equatable {
        public var steps: [Step]

        public init(steps: [Step]) { self.steps = steps }
    }

    public struct Gate: Codable, Sendable, Equatable {
        /// Its path in the workflow.
        public var id: String
        public var name: String
        /// What is asked for: `approval`, `choice`, `answers` …
        public var kind: String
        public var prompt: String
        public var options: [String]
        /// `open` or `decided`.
        public var state: String
        /// JSON text; nil while it is open, and when its time was over.
        public var decision: String?
        /// Wall milliseconds, as is the next.
        public var deadline: Int64?
        public var at: Int64
        /// The child run that has it; nil for the run's own.
        public var child: String?

        public init(
            id: String, name: String, kind: String, prompt: String, options: [String],
            state: String, decision: String?, deadline: Int64?, at: Int64, child: String? = nil
        ) {
            (self.id, self.name, self.kind) = (id, name, kind)
            (self.prompt, self.options, self.state) = (prompt, options, state)
            (self.decision, self.deadline) = (decision, deadline)
            (self.at, self.child) = (at, child)
        }
    }

    public struct GateList: Codable, Sendable, Equatable {
        public var gates: [Gate]

        public init(gates: [Gate]) { self.gates = gates }
    }
}
