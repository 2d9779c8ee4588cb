/// What a finished round came to.
public struct RoundResult: Codable, Sendable, Hashable {
    /// Its number, from 1.
    public var number: Int
    /// The score that was read from its reviews, if there was one.
    public var score: Double?
    /// Whether the document is another one after the round than before it.
    public var changed: Bool

    public init(number: Int, score: Double?, changed: Bool) {
        self.number = number
        self.score = score
        self.changed = changed
    }
}

/// Why a session stopped by itself.
public enum StopReason: String, Codable, Sendable, Hashable {
    /// The score reached what was asked for.
    case threshold
    /// All rounds were made.
    case maxRounds = "max_rounds"
    /// A whole round left the document as it was.
    case noChange = "no_change"
}

/// Decides after each round whether there is another.
public struct RoundRules: Codable, Sendable, Hashable {
    /// The score at which it is enough, if there is one.
    public var threshold: Double?
    /// The last round there can be.
    public var maxRounds: Int

    public init(threshold: Double?, maxRounds: Int) {
        self.threshold = threshold
        self.maxRounds = maxRounds
    }

    /// What comes next.
    public enum Decision: Sendable, Hashable {
        /// Another round, with its number.
        case proceed(round: Int)
        /// The end, and why.
        case stop(StopReason)
    }

    /// The decision after these rounds, the latest of them last.
    ///
    /// A threshold reached comes before the other reasons, since it is the one that was wished for.
    public func decide(after rounds: [RoundResult]) -> Decision {
        guard let last = rounds.last else {
            return maxRounds < 1 ? .stop(.maxRounds) : .proceed(round: 1)
        }
        if let threshold, let score = last.score, score >= threshold { return .stop(.threshold) }
        if last.number >= maxRounds { return .stop(.maxRounds) }
        if !last.changed { return .stop(.noChange) }
        return .proceed(round: last.number + 1)
    }

    /// The number of the round with the best score; the later of two that are equal, and the latest
    /// where none has a score.
    public static func bestRound(of rounds: [RoundResult]) -> Int? {
        var best: (number: Int, score: Double)?
        for round in rounds {
            guard let score = round.score, score.isFinite else { continue }
            if best.map({ score >= $0.score }) ?? true { best = (round.number, score) }
        }
        return best?.number ?? rounds.last?.number
    }
}
