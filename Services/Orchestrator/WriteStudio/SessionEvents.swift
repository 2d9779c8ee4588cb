public import Refinement

/// The events of a session, as clients see their data.
public enum SessionEvent {
    public static let roundStarted = "round.started"
    public static let turnStarted = "turn.started"
    public static let turnCompleted = "turn.completed"
    /// An answer came into the document, as far as locks and a person's words allow.
    public static let documentChanged = "document.changed"
    /// The best round's document was taken up again after a loop.
    public static let documentSettled = "document.settled"
    /// What a person did was taken in.
    public static let personHeard = "person.heard"
    /// References did not fit what a model reads.
    public static let referencesCut = "references.cut"
    public static let critiqueMerged = "critique.merged"
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
        /// Why there was no further round: one of `StopReason`.
        public var stopReason: String
        /// The same for people.
        public var stopText: String?

        enum CodingKeys: String, CodingKey {
            case name, sha256, bytes, version
            case artifactID = "artifact_id"
            case stopReason = "stop_reason"
            case stopText = "stop_text"
        }
    }
}

extension SessionEvent {
    struct ReferencesCut: Codable {
        var round: Int
        var agent: String
        var references: [ReferenceCut]
    }

    struct CritiqueMerged: Codable {
        var round: Int
        var agents: [String]
        var notes: Int
        /// Notes that said what another one had said.
        var repeated: Int
        var conflicts: Int
    }

    /// A new version of the document by an agent, and what was kept out of it.
    struct DocumentChanged: Codable {
        var round: Int
        var agent: String
        var version: Int
        var suggestions: [Int]
        /// The numbers of those that were kept out, by why.
        var keptOut: [String: [Int]]

        enum CodingKeys: String, CodingKey {
            case round, agent, version, suggestions
            case keptOut = "kept_out"
        }
    }

    struct DocumentSettled: Codable {
        var round: Int
        var score: Double?
        var version: Int
    }

    struct PersonHeard: Codable {
        var version: Int
        var edited: Bool
        /// How many passages are locked now, where that was changed.
        var locks: Int?
        var verdicts: [Verdict]
        /// Suggestions made of what agents had written in the same passages.
        var suggestions: [Int]
    }
}
