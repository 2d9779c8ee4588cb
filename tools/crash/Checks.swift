import SQLite

/// What must hold at the end of every story.
enum Checks {
    static func wrong(
        _ scenario: any Scenario, _ world: World, file: String
    ) throws -> [String] {
        let db = try Connection(path: file, mode: .readOnly)
        defer { db.close() }
        let end = try read(db, world)
        try checkJournal(db, end)
        checkRuns(end)
        checkMoney(end)
        scenario.check(end)
        return end.wrong
    }

    private static func read(_ db: Connection, _ world: World) throws -> Ending {
        let runs = try db.all(
            "SELECT key, state, spent, life, origin, owner IS NOT NULL, head FROM durable_run"
        ) {
            Ending.RunRow(
                key: $0.text(0), state: $0.text(1), spent: $0.int64(2), life: $0.int64(3),
                origin: $0.textOrNil(4), isOwned: $0.bool(5), head: $0.int64(6))
        }
        let rows = try db.all(
            """
            SELECT key, path, n, kind, value IS NOT NULL, failure IS NOT NULL, at, due
            FROM durable_journal JOIN durable_run ON durable_run.id = run
            """
        ) {
            Ending.Row(
                run: $0.text(0), path: $0.text(1), n: $0.int64(2), kind: $0.text(3),
                isDone: $0.bool(4), isFailed: $0.bool(5), at: $0.int64(6), due: $0.int64OrNil(7))
        }
        let events = try db.all(
            """
            SELECT key, durable_event.kind FROM durable_event
            JOIN durable_run ON durable_run.id = run ORDER BY run, seq
            """
        ) { ($0.text(0), $0.text(1)) }
        return Ending(
            world: world, runs: Dictionary(runs.map { ($0.key, $0) }) { $1 }, rows: rows,
            kinds: Dictionary(grouping: events, by: \.0).mapValues { $0.map(\.1) }, wrong: [])
    }

    private static func checkJournal(_ db: Connection, _ end: Ending) throws {
        let doubled = try db.all(
            "SELECT run, n FROM durable_journal GROUP BY run, n HAVING count(*) > 1"
        ) { "\($0.int64(0)):\($0.int64(1))" }
        end.claim(doubled.isEmpty, "two rows of one number: \(doubled)")
        let gaps = try db.all(
            """
            SELECT key FROM durable_run LEFT JOIN durable_event ON durable_event.run = durable_run.id
            GROUP BY durable_run.id
            HAVING count(seq) <> head OR coalesce(max(seq), 0) <> head
                OR (head > 0 AND min(seq) <> 1)
            """
        ) { $0.text(0) }
        end.claim(gaps.isEmpty, "events with a gap: \(gaps)")
        let beyond = try db.all(
            "SELECT key FROM durable_run JOIN durable_journal ON run = durable_run.id WHERE n > rows"
        ) { $0.text(0) }
        end.claim(beyond.isEmpty, "rows beyond the count: \(beyond)")
        let sound = try db.first("PRAGMA integrity_check") { $0.text(0) }
        end.claim(sound == "ok", "the file is damaged: \(sound ?? "")")
        let broken = try db.all("PRAGMA foreign_key_check") { $0.text(0) }
        end.claim(broken.isEmpty, "broken references: \(broken)")
    }

    private static func checkRuns(_ end: Ending) {
        for run in end.runs.values {
            let isFinal = ["completed", "failed", "cancelled"].contains(run.state)
            end.claim(isFinal, "\(run.key) has not ended: \(run.state)")
            end.claim(!run.isOwned || !isFinal, "\(run.key) has ended and is held")
            let kinds = end.kinds[run.key] ?? []
            end.claim(kinds.last == "run.\(run.state)", "\(run.key) ends with \(kinds.last ?? "")")
            let isCancelled = end.world.acknowledged.contains("cancel \(run.key)")
            end.claim(
                !isCancelled || run.state == "cancelled",
                "\(run.key) was cancelled and is \(run.state)")
            let ends = kinds.filter {
                ["run.completed", "run.failed", "run.cancelled"].contains($0)
            }
            end.claim(ends.count == Int(run.life), "\(run.key) ended \(ends.count) times")
            let decided = kinds.filter { $0 == "gate.decided" }.count
            let gates = end.rows.filter {
                $0.run == run.key && $0.kind == "gate" && ($0.isDone || $0.isFailed)
            }
            end.claim(decided == gates.count, "\(run.key) tells of \(decided) decisions")
        }
    }

    /// One charge for each step of each life, and no result of a step without its charge.
    private static func checkMoney(_ end: Ending) {
        var times: [String: Int] = [:]
        for charge in end.world.charges { times[charge.step, default: 0] += 1 }
        for (step, count) in times where count > 1 {
            end.claim(false, "\(step) was charged \(count) times")
        }
        for charge in end.world.charges where end.world.plant == nil {
            let stable = charge.key == charge.step || charge.key.hasPrefix(charge.step + " ")
            end.claim(stable, "\(charge.step) was charged under \(charge.key)")
        }
    }
}
