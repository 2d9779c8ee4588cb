import SQLite

/// What the services of a stack have written down, read as they left it.
struct Books {
    /// What is known of one run from outside.
    struct Told: Sendable {
        var run: String
        var state: String
        /// The steps of the turns that ended in this run, and not in the one it was forked from.
        var turns: Set<String>
        /// A person's edit after the end is kept as a document of its own.
        var isEdited = false
    }

    private let orchestrator: Connection
    private let billing: Connection
    private let providers: Connection
    private let storage: Connection
    private let analytics: Connection

    init(_ folder: String) throws {
        func open(_ service: String) throws -> Connection {
            try Connection(
                path: "\(folder)/\(service).db", mode: .readOnly, pragmas: ["busy_timeout = 10000"])
        }
        (orchestrator, billing) = (try open("orchestrator"), try open("billing"))
        (providers, storage) = (try open("providers"), try open("storage"))
        analytics = try open("analytics")
    }

    static func owner(of run: String, in folder: String) throws -> String {
        let owner = try Books(folder).orchestrator.first(
            "SELECT owner FROM run WHERE id = $1", run
        ) { $0.text(0) }
        guard let owner else { throw Failure("the session \(run) is not in the books") }
        return owner
    }

    static func life(of run: String, in folder: String) throws -> Int64 {
        try Books(folder).orchestrator.first(
            "SELECT life FROM durable_run WHERE key = $1", run
        ) { $0.int64(0) } ?? 0
    }

    /// All that is wrong with one run.
    func wrong(_ told: Told) throws -> [String] {
        try (journal(told) + money(told) + work(told)).map { "\(told.run): \($0)" }
    }

    // MARK: The journal

    private func journal(_ told: Told) throws -> [String] {
        struct Found {
            let number: Int64, state: String, rows: Int64, head: Int64, life: Int64
            let isOwned: Bool
        }
        let found = try orchestrator.first(
            """
            SELECT id, state, rows, head, life, owner IS NOT NULL FROM durable_run WHERE key = $1
            """, told.run
        ) {
            Found(
                number: $0.int64(0), state: $0.text(1), rows: $0.int64(2), head: $0.int64(3),
                life: $0.int64(4), isOwned: $0.bool(5))
        }
        guard let found else { return ["it is in no journal"] }
        var wrong: [String] = []
        func claim(_ holds: Bool, _ what: @autoclosure () -> String) {
            if !holds { wrong.append(what()) }
        }
        claim(found.state == told.state, "the journal says \(found.state), not \(told.state)")
        claim(!found.isOwned, "it has ended and is held")
        let doubled = try orchestrator.all(
            "SELECT n FROM durable_journal WHERE run = $1 GROUP BY n HAVING count(*) > 1",
            found.number
        ) { $0.int64(0) }
        claim(doubled.isEmpty, "two rows of one number: \(doubled)")
        let beyond = try orchestrator.first(
            "SELECT count(*) FROM durable_journal WHERE run = $1 AND n > $2", found.number,
            found.rows
        ) { $0.int64(0) }
        claim(beyond == 0, "rows beyond the count")
        let kinds = try orchestrator.all(
            "SELECT seq, kind, at FROM durable_event WHERE run = $1 ORDER BY seq", found.number
        ) { (seq: $0.int64(0), kind: $0.text(1), at: $0.int64(2)) }
        claim(
            kinds.map(\.seq) == Array(1...max(found.head, 1)),
            "\(kinds.count) events, counted \(found.head)")
        // A fork takes over what its origin was told, earlier ends included.
        let made = try orchestrator.first(
            "SELECT created_at FROM run WHERE id = $1 AND forked_from IS NOT NULL", told.run
        ) { $0.int64(0) }
        let ends = kinds.filter {
            ["run.completed", "run.failed", "run.cancelled"].contains($0.kind)
                && $0.at >= made ?? 0
        }
        claim(ends.count == Int(found.life), "\(ends.count) ends in \(found.life) lives")
        claim(
            kinds.last?.kind == "run.\(found.state)",
            "it ends with \(kinds.last?.kind ?? "nothing")")
        let mirrored = try orchestrator.first(
            "SELECT state, last_seq FROM run WHERE id = $1", told.run
        ) { "\($0.text(0)) \($0.int64(1))" }
        claim(
            mirrored == "\(found.state) \(found.head)", "its mirror says \(mirrored ?? "nothing")")
        if found.state == "completed" {
            let open = try orchestrator.all(
                """
                SELECT path FROM durable_journal
                WHERE run = $1 AND value IS NULL AND failure IS NULL
                """, found.number
            ) { $0.text(0) }
            claim(open.isEmpty, "completed, and these have no outcome: \(open)")
        }
        return wrong
    }

    // MARK: Money

    private func money(_ told: Told) throws -> [String] {
        var wrong: [String] = []
        func claim(_ holds: Bool, _ what: @autoclosure () -> String) {
            if !holds { wrong.append(what()) }
        }
        let holds = try billing.all(
            "SELECT run, state, remaining, captured FROM hold WHERE run = $1 OR run LIKE $1 || '~%'",
            told.run
        ) { (run: $0.text(0), state: $0.text(1), left: $0.int64(2), captured: $0.int64(3)) }
        for hold in holds {
            claim(
                hold.state == "released" && hold.left == 0,
                "the hold \(hold.run) is \(hold.state) with \(hold.left) left")
        }
        let charges = try billing.all(
            """
            SELECT key, taken FROM charge WHERE run = $1 OR run LIKE $1 || '~%'
            """, told.run
        ) { (key: $0.text(0), taken: $0.int64(1)) }
        let taken = charges.reduce(0) { $0 + $1.taken }
        claim(
            holds.reduce(0) { $0 + $1.captured } == taken,
            "what holds say was taken is not \(taken)")
        let entries = try billing.first(
            """
            SELECT count(*), count(DISTINCT key) FROM entry
            WHERE kind = 'capture' AND (run = $1 OR run LIKE $1 || '~%')
            """, told.run
        ) { ($0.int64(0), $0.int64(1)) }
        claim(
            entries?.0 == Int64(charges.count) && entries?.1 == entries?.0,
            "\(charges.count) charges are \(entries?.0 ?? 0) entries")
        let keys = Set(charges.map(\.key))
        let unpaid = told.turns.subtracting(keys)
        claim(unpaid.isEmpty, "turns that were not charged: \(unpaid.sorted())")
        // Whoever cancels while charges are on their way pays for answers that are not kept; reviewers
        // side by side make it two. A life that failed may have paid so, too.
        let unearned = keys.subtracting(told.turns)
        let isCut = told.state != "completed" || holds.count > 1
        claim(
            unearned.isEmpty || isCut && unearned.count <= 2 * max(1, holds.count),
            "charged, and no turn of it: \(unearned.sorted())")
        let earned = charges.filter { told.turns.contains($0.key) }.reduce(0) { $0 + $1.taken }
        let spent = try orchestrator.first(
            """
            SELECT spent, cost FROM durable_run JOIN run ON run.id = durable_run.key
            WHERE durable_run.key = $1
            """, told.run
        ) { ($0.int64(0), $0.int64(1)) }
        claim(
            spent?.0 == earned, "the journal has \(spent?.0 ?? -1) spent, and turns cost \(earned)")
        return wrong
    }

    // MARK: Work

    private func work(_ told: Told) throws -> [String] {
        var wrong: [String] = []
        let answers = try providers.all(
            "SELECT key, state, started_at FROM answer WHERE run_id = $1", told.run
        ) { (key: $0.text(0), state: $0.text(1), at: $0.int64(2)) }
        let byKey = Dictionary(answers.map { ($0.key, $0) }) { $1 }
        for turn in told.turns.sorted() {
            guard let answer = byKey[turn] else {
                wrong.append("\(turn) ended and was never asked for")
                continue
            }
            if answer.state != "completed" { wrong.append("the answer \(turn) is \(answer.state)") }
            let journaled = try orchestrator.first(
                """
                SELECT at FROM durable_journal JOIN durable_run ON durable_run.id = run
                WHERE key = $1 AND path = $2
                """, told.run, Self.answerPath(of: turn)
            ) { $0.int64(0) }
            if let journaled, answer.at > journaled {
                wrong.append("\(turn) was journaled and asked for again")
            }
        }
        let artifacts = try storage.first(
            "SELECT count(*) FROM artifact WHERE run = $1", told.run
        ) { $0.int64(0) }
        // A cancel may come when its document has just been kept.
        let allowed: ClosedRange<Int64> =
            told.state == "completed"
            ? 1...(told.isEdited ? 2 : 1) : told.state == "cancelled" ? 0...1 : 0...0
        if !allowed.contains(artifacts ?? -1) {
            wrong.append("\(artifacts ?? 0) documents are kept, and it is \(told.state)")
        }
        return wrong
    }

    /// Where a turn's answer stands, which follows the step that asked for it.
    static func answerPath(of key: String) -> String {
        let path = key.drop { $0 != "/" }.dropFirst()
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let last = parts.last ?? ""
        let number = (Int(last.prefix { $0.isNumber }) ?? 0) + 1
        return (parts.dropLast().map(String.init) + ["\(number).answer"]).joined(separator: "/")
    }

    // MARK: Everything

    /// What must hold of all runs together, once the stack is still.
    func wrongAltogether(_ runs: [Told]) throws -> [String] {
        var wrong: [String] = []
        for (name, db) in [
            ("orchestrator", orchestrator), ("billing", billing), ("providers", providers),
            ("storage", storage), ("analytics", analytics),
        ] {
            let sound = try db.first("PRAGMA integrity_check") { $0.text(0) } ?? ""
            if sound != "ok" { wrong.append("\(name).db is damaged: \(sound)") }
            let broken = try db.all("PRAGMA foreign_key_check") { $0.text(0) }
            if !broken.isEmpty { wrong.append("\(name).db has broken references: \(broken)") }
        }
        for run in runs { wrong += try self.wrong(run) }
        let held = try billing.first("SELECT coalesce(sum(held), 0) FROM account") { $0.int64(0) }
        if held != 0 { wrong.append("\(held ?? 0) thousandths are held, and nothing runs") }
        // Double entry, counted apart from billing's own audit.
        let books = try billing.first("SELECT sum(debit) - sum(credit) FROM posting") {
            $0.int64(0)
        }
        if books != 0 { wrong.append("the books differ by \(books ?? 0)") }
        let spent = try billing.first(
            """
            SELECT (SELECT coalesce(sum(taken), 0) FROM charge)
                - (SELECT coalesce(sum(credit - debit), 0) FROM posting WHERE book = 'spent')
            """
        ) { $0.int64(0) }
        if spent != 0 { wrong.append("charges and the ledger differ by \(spent ?? 0)") }
        return wrong + (try uncounted(runs))
    }

    /// The runs of which analytics has another number of turns than ended.
    func uncounted(_ runs: [Told]) throws -> [String] {
        try runs.filter { $0.state == "completed" }.compactMap { run in
            let counted = try analytics.first(
                "SELECT count(*) FROM usage WHERE run = $1 AND outcome = 'completed'", run.run
            ) { $0.int64(0) }
            guard counted != Int64(run.turns.count) else { return nil }
            return "\(run.run): analytics counts \(counted ?? 0) of \(run.turns.count) turns"
        }
    }
}
