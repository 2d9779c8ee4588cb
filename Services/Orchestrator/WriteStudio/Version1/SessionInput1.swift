public import Refinement

/// What a run of the first form began with, as its journal has it.
public struct SessionInput1: Codable, Sendable, Equatable {
    public var user: String
    public var plan: SessionPlan
    public var draft: String
    public var references: [Material]

    public init(user: String, plan: SessionPlan, draft: String, references: [Material]) {
        (self.user, self.plan) = (user, plan)
        (self.draft, self.references) = (draft, references)
    }
}
