public import MeshContract

/// The Environment role's check: whether the models can be asked before work is begun with them.
extension Orchestrator {
    public struct CheckEnvironment: Method {
        public static let name = "check-environment"
        public static let summary = "Tells whether the models that agents would ask can be asked."
        public static let traits = MethodTraits.read
        public typealias Reply = EnvironmentReport

        /// Whose models are meant; nil for the default one.
        public var agents: [AgentModel]?

        public init(agents: [AgentModel]? = nil) { self.agents = agents }
    }

    /// A model as an agent names it; nil for what is configured.
    public struct AgentModel: Codable, Sendable, Equatable {
        public var provider: String?
        public var model: String?

        public init(provider: String? = nil, model: String? = nil) {
            (self.provider, self.model) = (provider, model)
        }
    }

    public struct EnvironmentReport: Codable, Sendable, Equatable {
        /// `healthy`; `degraded` where some can be asked; `failing` where none can, or nobody knows.
        public var state: String
        /// What is wrong, in sentences; empty when nothing is.
        public var problems: [String]
        /// What the agents' models are, in the order asked for; the default's without agents.
        public var models: [ModelHealth]
        /// How each provider fares with all that it was asked.
        public var targets: [Providers.TargetHealth]

        public init(
            state: String, problems: [String], models: [ModelHealth],
            targets: [Providers.TargetHealth]
        ) {
            (self.state, self.problems) = (state, problems)
            (self.models, self.targets) = (models, targets)
        }
    }

    public struct ModelHealth: Codable, Sendable, Equatable {
        public var provider: String
        public var model: String
        /// As in `Providers.TargetHealth`, or `missing` for what nobody has. `unused` is not known.
        public var state: String
        public var isOffline: Bool

        public init(provider: String, model: String, state: String, isOffline: Bool) {
            (self.provider, self.model) = (provider, model)
            (self.state, self.isOffline) = (state, isOffline)
        }
    }
}
