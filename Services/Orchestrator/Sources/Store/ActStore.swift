import Database
import Durable
import MeshContract
import Refinement
import Wire
import WriteStudio

/// What people do to sessions, in the order in which it came, until and after a run takes it in.
struct ActStore: Desk {
    /// What one session may hold.
    private static let mostActs = 1_000
    private static let mostBytes = 64 << 20

    let database: Database

    /// An act as it was put down.
    struct Placed: Sendable {
        var number: Int64
        /// True when no run will take it in: the session's has ended.
        var isLate: Bool
    }

    /// No run takes anything in any more, and what it has taken in has to be known first.
    struct Late: Error {}

    /// Puts an act down. The newest of several edits after the end takes the place of the one before:
    /// nobody takes them in one by one any more. `seen` is the last act that the run had taken in when
    /// it ended; without it an act that comes after the end is refused as `Late`.
    func put(
        _ act: PersonAct, on run: String, seen: Int64?, at now: Int64
    ) async throws -> Placed {
        try await database.transaction { db in
            let isLate = try Self.isLate(run, in: db)
            var act = act
            if isLate, seen == nil { throw Late() }
            if isLate, let edit = act.edit, let last = try Self.last(run, in: db),
                last.number > seen ?? 0, let earlier = last.edit
            {
                act.edit = PersonAct.Edit(
                    text: edit.text, base: earlier.base, baseText: earlier.baseText)
                try db.run("DELETE FROM session_act WHERE number = $1", last.number)
            }
            let body = try WireEncoder.encode(act)
            try Self.checkRoom(on: run, for: body.count, in: db)
            let number = try db.first(
                """
                INSERT INTO session_act (run, at, body, bytes) VALUES ($1, $2, $3, $4)
                RETURNING number
                """, run, now, body, body.count
            ) { $0.int64(0) }
            return Placed(number: number ?? 0, isLate: isLate)
        }
    }

    /// True once no run takes in what comes.
    func isLate(_ run: String) async throws -> Bool {
        try await database.read { db in try Self.isLate(run, in: db) }
    }

    private static func isLate(_ run: String, in db: Connection) throws -> Bool {
        try db.first(
            """
            SELECT 1 FROM session_closed WHERE run = $1
            UNION ALL SELECT 1 FROM run
                WHERE id = $1 AND state IN ('completed', 'failed', 'cancelled')
            """, run
        ) { _ in true } ?? false
    }

    private static func checkRoom(on run: String, for bytes: Int, in db: Connection) throws {
        let (count, sum) =
            try db.first(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM session_act WHERE run = $1", run
            ) { ($0.int(0), $0.int(1)) } ?? (0, 0)
        guard count < mostActs, sum + bytes <= mostBytes else {
            throw Fault(
                .capped, "this session takes no more edits: continue it in a new one",
                detail: "\(mostActs) edits or \(mostBytes) bytes")
        }
    }

    private static func last(_ run: String, in db: Connection) throws -> PersonAct? {
        try db.first(
            "SELECT number, body FROM session_act WHERE run = $1 ORDER BY number DESC LIMIT 1",
            run, read: act)
    }

    private static func act(_ row: Row) throws -> PersonAct {
        var act = try WireDecoder.decode(PersonAct.self, from: row.blob(1))
        act.number = row.int64(0)
        return act
    }

    // MARK: Desk

    func acts(on run: String, after number: Int64) async throws -> [PersonAct] {
        try await database.read { db in try Self.acts(run, number, in: db) }
    }

    func close(_ run: String, after number: Int64) async throws -> [PersonAct] {
        try await database.transaction { db in
            let acts = try Self.acts(run, number, in: db)
            if acts.isEmpty {
                try db.run(
                    "INSERT INTO session_closed (run) VALUES ($1) ON CONFLICT DO NOTHING", run)
            }
            return acts
        }
    }

    private static func acts(
        _ run: String, _ number: Int64, in db: Connection
    ) throws -> [PersonAct] {
        try db.all(
            """
            SELECT number, body FROM session_act WHERE run = $1 AND number > $2 ORDER BY number
            """, run, number, read: act)
    }
}
