import Contracts
import Database
import Durable
import MeshContract

/// What of runs people may want to be told of: noted in the transaction that numbers the event, so that
/// it is there once, and read by the gateway from a number on.
struct NoteworthyStore: Sendable {
    static let keptFor: Int64 = 30 * 86_400_000
    static let most: Int64 = 100_000
    /// In scalars: one character may have any number of them.
    private static let longestDetail = 500

    static let migrations = [
        Migration(
            "noteworthy",
            """
            CREATE TABLE noteworthy (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                run TEXT NOT NULL,
                source TEXT NOT NULL,
                event INTEGER NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('gate_waiting', 'run_completed', 'run_failed',
                    'run_attention')),
                gate TEXT,
                detail TEXT,
                at INTEGER NOT NULL,
                UNIQUE (source, event)
            ) STRICT
            """,
            // A gate that a retry opens again was not decided: it waits as it has waited before.
            """
            CREATE UNIQUE INDEX noteworthy_gate ON noteworthy (source, gate)
                WHERE gate IS NOT NULL
            """)
    ]

    let database: Database

    /// Notes an event that somebody may want to be told of; true where it is one. What a fork has taken
    /// over was told of the run that it comes from.
    static func note(_ run: String, _ event: LoggedEvent, in db: Connection) throws -> Bool {
        guard !event.isCopied else { return false }
        switch event.kind {
        case RunEvent.gateOpened:
            let gate = try event.decode(GateOpened.self)
            // A child run stands in no list: who waits is the run that it is part of.
            return try insert(
                "gate_waiting", of: try Engine.root(of: run, in: db), from: run, event,
                gate: gate.gate, detail: gate.question?.prompt ?? gate.name, in: db)
        case RunEvent.gateDecided:
            try db.run(
                "UPDATE noteworthy SET gate = NULL WHERE source = $1 AND gate = $2", run,
                try event.decode(GateDecided.self).gate)
            return false
        case RunEvent.completed:
            return try insert("run_completed", of: run, from: run, event, in: db)
        case RunEvent.failed, RunEvent.attention:
            return try insert(
                event.kind == RunEvent.failed ? "run_failed" : "run_attention", of: run, from: run,
                event, detail: try event.decode(StateChange.self).reason, in: db)
        default: return false
        }
    }

    private static func insert(
        _ kind: String, of run: String, from source: String, _ event: LoggedEvent,
        gate: String? = nil, detail: String? = nil, in db: Connection
    ) throws -> Bool {
        try db.run(
            """
            INSERT INTO noteworthy (run, source, event, kind, gate, detail, at)
            SELECT id, $2, $3, $4, $5, $6, $7 FROM run WHERE id = $1
            ON CONFLICT DO NOTHING
            """, run, source, event.seq, kind, gate,
            detail.map { String($0.unicodeScalars.prefix(longestDetail)) }, event.at) == 1
    }

    func page(after seq: Int64, limit: Int) async throws -> Orchestrator.NoteworthyPage {
        try await database.read { try Self.page(after: seq, limit: limit, in: $0) }
    }

    /// The same once all that was under way has been written down.
    func pageInTurn(
        after seq: Int64, limit: Int
    ) async throws -> Orchestrator.NoteworthyPage {
        try await database.transaction { try Self.page(after: seq, limit: limit, in: $0) }
    }

    private static func page(
        after seq: Int64, limit: Int, in db: Connection
    ) throws -> Orchestrator.NoteworthyPage {
        let entries = try db.all(
            """
            SELECT seq, kind, run, owner, workspace, substr(title, 1, 200), detail, at
            FROM noteworthy JOIN run ON run.id = run
            WHERE seq > $1 ORDER BY seq LIMIT $2
            """, seq, limit
        ) {
            Orchestrator.Noteworthy(
                seq: $0.int64(0), kind: $0.text(1), run: $0.text(2), user: $0.text(3),
                workspace: $0.textOrNil(4), title: $0.text(5), detail: $0.textOrNil(6),
                at: $0.int64(7))
        }
        let newest = try db.first("SELECT seq FROM sqlite_sequence WHERE name = 'noteworthy'") {
            $0.int64(0)
        }
        return Orchestrator.NoteworthyPage(entries: entries, newest: newest ?? 0)
    }

    /// Forgets the oldest, at most so many at once: what was noted before a moment, and what is too
    /// much. Answers with how many those were.
    func forget(before moment: Int64, most: Int64 = most, atOnce: Int = 1_000) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM noteworthy WHERE seq IN (
                    SELECT seq FROM (SELECT seq, at FROM noteworthy ORDER BY seq LIMIT $3)
                    WHERE at < $1 OR seq <= (SELECT max(seq) FROM noteworthy) - $2)
                """, moment, most, atOnce)
        }
    }
}
