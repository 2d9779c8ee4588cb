public import Durable
public import Refinement

/// What a round came to, as its step is journaled.
public struct RoundRecord: Codable, Sendable, Equatable {
    public var number: Int
    public var score: Double?
    public var criteria: [String: Double]
    /// The versions of the document before and after the round.
    public var before: Int
    public var after: Int
    /// The version that its reviewers read last; nil where nobody did.
    public var reviewed: Int?
    public var isChanged: Bool

    public var result: RoundResult {
        RoundResult(number: number, score: score, changed: isChanged)
    }
}

/// What came of a gate, as its step is journaled.
public struct GateRecord: Codable, Sendable, Equatable {
    public var gate: String
    /// Nil where nobody decided it in time.
    public var decision: GateDecision?
    /// What the person had done meanwhile.
    public var change: Change
}

/// Several reviews made one.
public struct MergeRecord: Codable, Sendable, Equatable {
    public var round: Int
    public var agents: [String]
    public var critique: MergedCritique
}

/// The document after a loop: the best round's.
public struct SettleRecord: Codable, Sendable, Equatable {
    /// The round that scored best; nil where none had a score.
    public var round: Int?
    public var score: Double?
    public var change: Change
}

/// The end of the rounds.
public struct Closing: Codable, Sendable, Equatable {
    public var change: Change
    /// False where a person's acts had come in between: then there is another.
    public var isClosed: Bool
}

/// One journaled step of a session, as its result is kept.
public enum SessionRow: Sendable {
    case look(Change)
    case answer(TurnResult)
    /// What the answer before it has made of the document.
    case apply(Change)
    case merged(MergeRecord)
    case gate(GateRecord)
    case round(RoundRecord)
    case settled(SettleRecord)
    case closed(Closing)

    /// Nil for steps that change nothing about the session.
    public init?(_ outcome: JournaledOutcome) throws {
        let leaf = outcome.path.split(separator: "/").last ?? ""
        switch leaf.drop(while: { $0 != "." }).dropFirst() {
        case "look": self = .look(try outcome.decode(Change.self))
        case "answer": self = .answer(try outcome.decode(TurnResult.self))
        case "apply": self = .apply(try outcome.decode(Change.self))
        case "merge": self = .merged(try outcome.decode(MergeRecord.self))
        case "decided": self = .gate(try outcome.decode(GateRecord.self))
        case "score": self = .round(try outcome.decode(RoundRecord.self))
        case "settle": self = .settled(try outcome.decode(SettleRecord.self))
        case "close": self = .closed(try outcome.decode(Closing.self))
        default: return nil
        }
    }
}
