public import Refinement

/// The events of a session, as clients see their data.
public enum SessionEvent {
    public static let roundStarted = "round.started"
    public static let turnStarted = "turn.started"
    public static let turnCompleted = "turn.completed"
    public static let roundCompleted = "round.completed"
    public static let documentStored = "document.stored"
    /// Billing could not be told that the run has ended.
    public static let holdKept = "hold.kept"

    struct RoundStarted: Codable { var round: Int }

    public struct TurnStarted: Codable, Sendable {
        public var round: Int
        public var agent: String
        public var role: Role
        public var provider: String
        public var model: String
        public var offline: Bool
        public var step: String
    }

    public struct TurnCompleted: Codable, Sendable {
        public var round: Int
        public var agent: String
        public var role: Role
        public var provider: String
        public var model: String
        public var offline: Bool
        public var inputTokens: Int
        public var outputTokens: Int
        public var estimated: Bool
        /// In credits.
        public var cost: Double
        /// Thousandths of a credit.
        public var charged: Int64
        public var words: Int
        public var score: Double?
        public var step: String

        enum CodingKeys: String, CodingKey {
            case round, agent, role, provider, model, offline, estimated, cost, charged, words
            case score, step
            case inputTokens = "input_tokens"
            case outputTokens = "output_tokens"
        }
    }

    struct RoundCompleted: Codable {
        var round: Int
        var score: Double?
        var criteria: [String: Double]
        var bestRound: Int?

        enum CodingKeys: String, CodingKey {
            case round, score, criteria
            case bestRound = "best_round"
        }
    }

    struct HoldKept: Codable { var reason: String }

    public struct DocumentStored: Codable, Sendable {
        public var artifactID: String
        public var name: String
        public var sha256: String
        public var bytes: Int
        public var version: Int
        /// Why there was no further round: `threshold`, `max_rounds` or `no_change`.
        public var stopReason: String

        enum CodingKeys: String, CodingKey {
            case name, sha256, bytes, version
            case artifactID = "artifact_id"
            case stopReason = "stop_reason"
        }
    }
}
