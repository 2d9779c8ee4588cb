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
    /// The score has stopped rising.
    case plateau
    /// A person turned the document down at a gate.
    case rejected
    /// Nobody decided a gate in its time.
    case expired
    /// Every step was made, and none of them was a loop.
    case done
}

/// When a score counts as having stopped to rise.
public struct Plateau: Codable, Sendable, Hashable {
    /// Over how many rounds the best score has to stay where it was.
    public var rounds: Int
    /// What is too little to count as a rise.
    public var within: Double

    /// Two rounds without a rise by a tenth.
    public static let standard = Plateau(rounds: 2, within: 0.1)

    public init(rounds: Int, within: Double) {
        self.rounds = rounds
        self.within = within
    }

    /// The best score before the last rounds, when none of those rose above it by enough.
    func level(of rounds: [RoundResult]) -> Double? {
        let scores = rounds.compactMap(\.score).filter(\.isFinite)
        guard self.rounds > 0, scores.count > self.rounds else { return nil }
        let before = scores.dropLast(self.rounds).max() ?? 0
        let since = scores.suffix(self.rounds).max() ?? 0
        // A hundredth of a hundredth is how exactly scores are kept.
        return since - before <= within + 0.0001 ? before : nil
    }
}

/// Decides after each round whether there is another.
public struct RoundRules: Codable, Sendable, Hashable {
    /// The score at which it is enough, if there is one.
    public var threshold: Double?
    /// The last round there can be.
    public var maxRounds: Int
    /// When it goes on no more because the score does not rise, if that counts.
    public var plateau: Plateau?

    public init(threshold: Double?, maxRounds: Int, plateau: Plateau? = nil) {
        self.threshold = threshold
        self.maxRounds = maxRounds
        self.plateau = plateau
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
        if reached(by: last.score) { return .stop(.threshold) }
        if rounds.count >= maxRounds { return .stop(.maxRounds) }
        if !last.changed { return .stop(.noChange) }
        if plateau?.level(of: rounds) != nil { return .stop(.plateau) }
        return .proceed(round: last.number + 1)
    }

    /// Why a round need not be finished whose reviews are in and whose writer is still to come.
    public func decideEarly(after rounds: [RoundResult]) -> StopReason? {
        if reached(by: rounds.last?.score) { return .threshold }
        return plateau?.level(of: rounds) == nil ? nil : .plateau
    }

    private func reached(by score: Double?) -> Bool {
        guard let threshold, let score else { return false }
        return score >= threshold
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

extension RoundRules {
    /// Why it stopped, in a sentence for the person who reads the session.
    public func words(for reason: StopReason, after rounds: [RoundResult]) -> String {
        let last = rounds.last
        switch reason {
        case .threshold:
            return "The score of round \(last?.number ?? 0), \(Self.plain(last?.score)), reached "
                + "the \(Self.plain(threshold)) that was asked for."
        case .maxRounds:
            return rounds.count == 1
                ? "Its one round was made." : "All \(rounds.count) rounds were made."
        case .noChange:
            return
                "Round \(last?.number ?? 0) left the document as it was, so another one would, too."
        case .plateau:
            guard let plateau else { return "The score stopped rising." }
            let level = Self.plain(plateau.level(of: rounds))
            let scores = rounds.suffix(plateau.rounds).map { Self.plain($0.score) }
            return
                "The score stopped rising: after \(level) came \(scores.joined(separator: ", ")), "
                + "and less than \(Self.plain(plateau.within)) more does not count."
        case .rejected: return "It was turned down at a gate."
        case .expired: return "Nobody decided its gate in time."
        case .done: return "Every step was made."
        }
    }

    static func plain(_ score: Double?) -> String {
        guard let score, score.isFinite, abs(score) < 1e6 else { return "none" }
        let hundredths = (score * 100).rounded() / 100
        guard let whole = Int(exactly: hundredths) else { return "\(hundredths)" }
        return "\(whole)"
    }
}
