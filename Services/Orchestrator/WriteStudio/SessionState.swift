import Durable
public import Refinement

/// A session as far as it has come, made from its input and its journaled steps alone.
///
/// The run and whoever looks at it put it together in the same way, so that both see one session.
public struct SessionState: Sendable {
    /// A round with its turns so far.
    public struct Round: Sendable {
        public var number: Int
        public var turns: [TurnResult] = []
        public var merged: MergedCritique?
        /// Set when it has ended.
        public var record: RoundRecord?
    }

    /// A review that the next writer is given.
    struct Review: Sendable {
        var agents: [String]
        var material: Material
    }

    public let input: SessionInput
    public private(set) var manuscript: Manuscript
    public private(set) var rounds: [Round] = []
    public private(set) var gates: [GateRecord] = []
    /// True once the rounds are over and the document is settled.
    public private(set) var isClosed = false
    /// What a person said at a gate and no writer has heard yet.
    private(set) var feedback: [Material] = []
    private(set) var reviews: [Review] = []
    private(set) var lastWriter: String?
    /// How many rounds are out of the race for the best: a person has decided on them, or a loop that
    /// held them has ended.
    private var judged = 0
    private var settled: SettleRecord?

    public init(_ input: SessionInput) {
        self.input = input
        manuscript = Manuscript(draft: input.draft, locks: input.locks, refused: input.refused)
    }

    public init(_ input: SessionInput, _ rows: [SessionRow]) {
        self.init(input)
        for row in rows { take(row) }
    }

    public mutating func take(_ row: SessionRow) {
        switch row {
        case .look(let change): manuscript.take(change)
        case .answer(let turn): take(turn)
        case .apply(let change):
            manuscript.take(change, answer: lastWriterAnswer)
            feedback = []
        case .merged(let record): take(record)
        case .gate(let record): take(record)
        case .round(let record): change(round: record.number) { $0.record = record }
        case .settled(let record):
            manuscript.take(record.change)
            (settled, judged) = (record, rounds.count { $0.record != nil })
        case .closed(let closing):
            manuscript.take(closing.change)
            isClosed = closing.isClosed
        }
    }

    private var lastWriterAnswer: String? {
        rounds.last?.turns.last { $0.role == .writer }?.text
    }

    private mutating func take(_ turn: TurnResult) {
        change(round: turn.round) { round in
            // Reviews that were made side by side are journaled as they ended.
            let at = round.turns.firstIndex { ($0.position ?? 0) > (turn.position ?? 0) }
            round.turns.insert(turn, at: at ?? round.turns.count)
        }
        guard turn.role.reviews else {
            lastWriter = turn.agent
            return
        }
        reviews.removeAll { $0.agents.contains(turn.agent) }
        reviews.append(
            Review(agents: [turn.agent], material: Material(name: turn.agent, text: turn.text)))
    }

    private mutating func take(_ record: MergeRecord) {
        change(round: record.round) { $0.merged = record.critique }
        reviews.removeAll { !Set($0.agents).isDisjoint(with: record.agents) }
        reviews.append(
            Review(
                agents: record.agents,
                material: Material(
                    name: record.agents.joined(separator: " and "), text: record.critique.text)))
    }

    private mutating func take(_ record: GateRecord) {
        manuscript.take(record.change)
        gates.append(record)
        (settled, judged) = (nil, rounds.count { $0.record != nil })
        guard let words = record.decision?.feedback, !words.allSatisfy(\.isWhitespace) else {
            return
        }
        feedback.append(Material(name: "the author, at the gate \(record.gate)", text: words))
    }

    private mutating func change(round number: Int, _ body: (inout Round) -> Void) {
        if let at = rounds.firstIndex(where: { $0.number == number }) {
            body(&rounds[at])
        } else {
            var round = Round(number: number)
            body(&round)
            rounds.append(round)
        }
    }

    // MARK: What it comes to

    /// The rounds that have ended.
    public var results: [RoundResult] { rounds.compactMap(\.record?.result) }

    /// What the next writer is told: the newest reviews in the agents' order, then the person's words.
    var critiques: [Material] {
        let order = input.template.agents.map(\.name)
        func place(_ review: Review) -> Int {
            review.agents.compactMap { order.firstIndex(of: $0) }.min() ?? order.count
        }
        return reviews.sorted { place($0) < place($1) }.map(\.material) + feedback
    }

    /// What the reviewers last wanted changed, each by each.
    var notes: [[Note]] {
        var seen: Set<String> = []
        let latest = rounds.reversed().flatMap { $0.turns.reversed() }
            .filter { $0.role.reviews && seen.insert($0.agent).inserted }
        return latest.reversed().map { turn in
            NoteReader.notes(
                in: turn.text, by: turn.agent, listed: turn.reading?.notes ?? [])
        }
    }

    /// The round whose document is kept: the one that scored best, and of those that have all locked
    /// passages. Rounds that a person has decided on are no longer compared.
    public var best: RoundRecord? {
        let records = Array(rounds.compactMap(\.record).dropFirst(judged))
        let whole = records.filter { holdsLocks(text(of: $0)) }
        let number = RoundRules.bestRound(of: (whole.isEmpty ? records : whole).map(\.result))
        return records.first { $0.number == number }
    }

    /// The number and the score of the round that the document is of.
    public var standing: (round: Int?, score: Double?) {
        if let best { return (best.number, best.score) }
        return (settled?.round, settled?.score)
    }

    /// The document as it would be kept now: the best round's, with all that a person has done since;
    /// before any round has ended, the newest.
    ///
    /// A score belongs to the text that was read for it. The newest text that nobody has read counts as
    /// better than the best one only where it was made from that.
    public var kept: String {
        guard !isClosed, let best, best.score != nil, let version = keptVersion(of: best) else {
            return manuscript.text
        }
        let text = manuscript.withPersonsWork(from: version)
        return holdsLocks(text) ? text : manuscript.text
    }

    private func keptVersion(of best: RoundRecord) -> Int? {
        let isLast = best.number == rounds.last { $0.record != nil }?.number
        return isLast ? manuscript.latest.number : best.reviewed
    }

    private func text(of record: RoundRecord) -> String {
        manuscript.withPersonsWork(from: record.reviewed ?? record.after)
    }

    /// Whether every locked passage of the newest text stands in this one, too.
    private func holdsLocks(_ text: String) -> Bool {
        manuscript.locks.allSatisfy { lock in
            Locks.count(of: lock, in: manuscript.text) == 0 || Locks.count(of: lock, in: text) > 0
        }
    }

    /// What a round that ends now has come to.
    func record(of number: Int, before: Int) -> RoundRecord {
        let round = rounds.first { $0.number == number }
        let reviews = (round?.turns ?? []).filter(\.role.reviews)
        let score = RoundScore(reviews.compactMap(\.reading))
        return RoundRecord(
            number: number, score: score.score, criteria: score.criteria, before: before,
            after: manuscript.latest.number, reviewed: reviews.last?.version,
            isChanged: manuscript.version(before)?.text != manuscript.text)
    }
}
