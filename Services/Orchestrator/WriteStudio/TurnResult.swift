public import Contracts
public import Refinement

/// What one agent's turn came to, as its step is journaled.
public struct TurnResult: Codable, Sendable, Equatable {
    public var round: Int
    public var agent: String
    public var role: Role
    public var provider: String
    public var model: String
    public var isOffline: Bool
    /// A writer's document, cleaned; a reviewer's answer as it came.
    public var text: String
    public var reading: ScoreReading?
    public var usage: Providers.Usage
    /// Thousandths of a credit.
    public var charged: Int64
    /// Which of the round's turns it was, from 0; nil in runs of the first form, as are the next two.
    public var position: Int?
    /// The version of the document that the agent read.
    public var version: Int?
    /// What it did not get to read.
    public var leftOut: [ReferenceCut]?
}
