import Contracts
import Database
import Durable
import MeshContract

/// Forks, limits, and what an operator may see.
extension RunStore {
    /// What a fork is to be called, and for whom it is made.
    struct Fork: Sendable {
        let id: String
        let origin: Orchestrator.Run
        let step: String
        let title: String
        let key: String?
        let at: Int64
    }

    /// A fork under this key was made before; it is no failure to its caller.
    struct Known: Error {
        let run: Orchestrator.Run
    }

    /// Adds the row of a fork, in the transaction that makes it. Throws `Known` for a key that has
    /// made one.
    static func insert(_ fork: Fork, atMost limit: Int, in db: Connection) throws {
        if let key = fork.key, let known = try find(user: fork.origin.user, key: key, in: db) {
            guard known.run.forkedFrom == fork.origin.id, known.run.forkedAt == fork.step else {
                throw Fault(.conflict, "this Idempotency-Key was used for another request")
            }
            throw Known(run: known.run)
        }
        try checkRoom(for: fork.origin.user, atMost: limit, in: db)
        try db.run(
            """
            INSERT INTO run (id, owner, studio, title, key, request, state, turns_planned,
                turns_done, created_at, cost, last_seq, forked_from, forked_at, spend_limit,
                seconds_limit, workspace, project)
            SELECT $2, owner, studio, $3, $4, request, 'running', turns_planned, 0, $5, 0, 0, $1,
                $6, spend_limit, seconds_limit, workspace, project
            FROM run WHERE id = $1
            """, fork.origin.id, fork.id, fork.title, fork.key, fork.at, fork.step)
    }

    /// Notes what a run may use, for its start and for people to see.
    func limit(_ id: String, spend: Int64?, seconds: Int?) async throws {
        try await database.transaction { db in
            try db.run(
                "UPDATE run SET spend_limit = $2, seconds_limit = $3 WHERE id = $1", id, spend,
                seconds)
        }
    }

    /// What a run may use once it begins.
    func limits(_ id: String) async throws -> Limits {
        let found = try await database.read { db in
            try db.first("SELECT spend_limit, seconds_limit FROM run WHERE id = $1", id) {
                ($0.int64OrNil(0), $0.int64OrNil(1))
            }
        }
        return Self.limits(spend: found?.0, seconds: found?.1)
    }

    static func limits(spend: Int64?, seconds: Int64?) -> Limits {
        var limits = Limits()
        if let spend { limits.spend = spend }
        if let seconds { limits.time = .seconds(seconds) }
        return limits
    }

    /// A run of anybody; nil when there is none.
    func any(_ id: String) async throws -> Orchestrator.Run? {
        try await database.read { db in
            try db.first("SELECT \(Self.columns) FROM run WHERE id = $1", id, read: Self.run)
        }
    }

    /// The run that a user's key made.
    func made(by key: String, of user: String) async throws -> Orchestrator.Run? {
        try await database.read { db in try Self.find(user: user, key: key, in: db)?.run }
    }
}
