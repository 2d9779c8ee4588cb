import Contracts
import Database
import Durable
import MeshContract
import Wire
import WriteStudio

/// Runs as people see them, beside the engine's journal in the same file: kept up by the engine's
/// own transactions, so that a list never disagrees with the journal.
struct RunStore: Sendable {
    struct Record: Sendable {
        var run: Orchestrator.Run
        var request: [UInt8]
    }

    let database: Database

    /// Makes a run that has not been started; the same key of the same user answers with the first.
    func insert(
        _ run: Orchestrator.Run, request: [UInt8], turns: Int, key: String?, atMost limit: Int
    ) async throws -> Record {
        try await database.transaction { db in
            if let key, let known = try Self.find(user: run.user, key: key, in: db) {
                guard known.request == request, known.run.workspace == run.workspace else {
                    throw Fault(.conflict, "this Idempotency-Key was used for another request")
                }
                return known
            }
            try Self.checkRoom(for: run.user, atMost: limit, in: db)
            try db.run(
                """
                INSERT INTO run (id, owner, studio, title, key, request, state, turns_planned,
                    turns_done, created_at, cost, last_seq, spend_limit, seconds_limit, workspace,
                    project)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 0, 0, $10, $11, $12, $13)
                """, run.id, run.user, run.studio, run.title, key, request, run.state, turns,
                run.createdAt, run.spendLimit, run.seconds, run.workspace, run.project)
            return Record(run: run, request: request)
        }
    }

    static func checkRoom(for user: String, atMost limit: Int, in db: Connection) throws {
        let open = try db.first(
            """
            SELECT count(*) FROM run
            WHERE owner = $1 AND state NOT IN ('completed', 'failed', 'cancelled')
            """, user
        ) { $0.int(0) }
        guard open ?? 0 < limit else {
            throw Fault(.capped, "\(limit) runs are open at once at most", detail: "open runs")
        }
    }

    /// The run with its request, which may be large. Throws `not-found` also for somebody else's.
    func record(_ id: String, user: String) async throws -> Record {
        let record = try await database.read { db in
            try db.first(
                "SELECT \(Self.columns), request FROM run WHERE id = $1 AND owner = $2", id, user,
                read: Self.record)
        }
        guard let record else { throw Self.absent(id) }
        return record
    }

    /// The run alone: what every look of every watcher needs.
    nonisolated(nonsending) func find(
        _ id: String, user: String
    ) async throws -> Orchestrator.Run {
        let run = try await database.glance { db in
            try db.first(
                "SELECT \(Self.columns) FROM run WHERE id = $1 AND owner = $2", id, user,
                read: Self.run)
        }
        guard let run else { throw Self.absent(id) }
        return run
    }

    static func absent(_ id: String) -> Fault {
        Fault(.notFound, "no run \(id.prefix(100))")
    }

    /// Throws `conflict` when the run was cancelled before it could be started. In the transaction
    /// that starts it, after the mirror has seen it start.
    static func checkStarted(_ id: String, in db: Connection) throws {
        let state = try db.first("SELECT state FROM run WHERE id = $1", id) { $0.text(0) }
        // It is queued still where all places of its user are taken.
        guard state == "running" || state == "queued" else {
            throw Fault(.conflict, "a run that is \(state ?? "unknown") cannot be started")
        }
    }

    static func find(user: String, key: String, in db: Connection) throws -> Record? {
        try db.first(
            "SELECT \(columns), request FROM run WHERE owner = $1 AND key = $2", user, key,
            read: record)
    }

    /// Newest first; ids sort by age, so an id is the cursor.
    func list(_ request: Orchestrator.ListRuns) async throws -> Orchestrator.RunPage {
        let limit = min(max(request.limit, 1), 200)
        let workspaces = request.workspaces.map { names in
            "["
                + names.map { "\"\($0.filter { $0 != "\"" && $0 != "\\" })\"" }.joined(
                    separator: ",")
                + "]"
        }
        let runs = try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM run
                WHERE \(Self.visible(to: request)) AND ($2 IS NULL OR studio = $2)
                    AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR id < $4)
                    AND ($6 IS NULL OR workspace = $6) AND ($8 IS NULL OR project = $8)
                ORDER BY id DESC LIMIT $5
                """, request.user, request.studio, request.state, request.cursor, limit + 1,
                request.workspace, workspaces, request.project, read: Self.run)
        }
        let page = Array(runs.prefix(limit))
        return Orchestrator.RunPage(runs: page, next: runs.count > limit ? page.last?.id : nil)
    }

    func count(user: String?) async throws -> [Orchestrator.StateCount] {
        try await database.read { db in
            try db.all(
                """
                SELECT state, count(*) FROM run WHERE \(Self.owned(by: user))
                GROUP BY state ORDER BY state
                """, user
            ) { Orchestrator.StateCount(state: $0.text(0), count: $0.int(1)) }
        }
    }

    /// What a user made, or what they see where their workspaces are said.
    private static func visible(to request: Orchestrator.ListRuns) -> String {
        guard request.user != nil, request.workspaces != nil else {
            return "\(owned(by: request.user)) AND $7 IS NULL"
        }
        return """
            ((owner = $1 AND workspace IS NULL)
                OR workspace IN (SELECT value FROM json_each($7)))
            """
    }

    /// Leaves what belonged to a workspace to who made it.
    func dissolve(_ workspace: String) async throws {
        try await database.transaction { db in
            try db.run("UPDATE run SET workspace = NULL WHERE workspace = $1", workspace)
        }
    }

    /// Said so that the index by user serves it.
    private static func owned(by user: String?) -> String {
        user == nil ? "$1 IS NULL" : "owner = $1"
    }

    /// False when the run has been started meanwhile: then the engine has it.
    func cancelQueued(_ id: String, at now: Int64) async throws -> Bool {
        try await database.transaction { db in
            try db.first(
                """
                UPDATE run SET state = 'cancelled', ended_at = $2, stop_reason = 'cancelled'
                WHERE id = $1 AND state = 'queued'
                    AND NOT EXISTS (SELECT 1 FROM durable_run WHERE key = $1)
                RETURNING id
                """, id, now
            ) { $0.text(0) } != nil
        }
    }

    static let columns = """
        id, owner, studio, title, state, turns_planned, turns_done, current_step, error,
        stop_reason, created_at, started_at, ended_at, cost, last_seq, waiting_for, forked_from,
        forked_at, spend_limit, seconds_limit, workspace, project
        """

    static func record(_ row: Row) -> Record {
        Record(run: run(row), request: row.blob(22))
    }

    static func run(_ row: Row) -> Orchestrator.Run {
        let (planned, done) = (row.int(5), row.int(6))
        let state = row.text(4)
        let progress = state == "completed" ? 1 : Double(done) / Double(max(planned, 1))
        return Orchestrator.Run(
            id: row.text(0), user: row.text(1), studio: row.text(2), title: row.text(3),
            state: state, progress: min(progress, 1), currentStep: row.textOrNil(7),
            error: row.textOrNil(8), stopReason: row.textOrNil(9), createdAt: row.int64(10),
            startedAt: row.int64OrNil(11), endedAt: row.int64OrNil(12), cost: row.int64(13),
            lastSeq: row.int64(14), waitingFor: row.textOrNil(15), forkedFrom: row.textOrNil(16),
            forkedAt: row.textOrNil(17), spendLimit: row.int64OrNil(18),
            seconds: row.intOrNil(19), workspace: row.textOrNil(20), project: row.textOrNil(21))
    }
}
