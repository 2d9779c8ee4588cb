import Contracts
import Database

/// What becomes of the runs of a user who is gone.
extension RunStore {
    /// Runs that have not ended, the oldest first.
    func open(of user: String) async throws -> [Orchestrator.Run] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM run
                WHERE owner = $1 AND state NOT IN ('completed', 'failed', 'cancelled')
                ORDER BY id LIMIT 100
                """, user, read: Self.run)
        }
    }

    /// Forgets what of a user begins runs or tells of them: schedules, templates, webhooks.
    func forgetStarters(of user: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM schedule WHERE owner = $1", user)
            try db.run(
                """
                DELETE FROM template_version
                WHERE template IN (SELECT id FROM template WHERE owner = $1)
                """, user)
            try db.run("DELETE FROM template WHERE owner = $1", user)
            try db.run("DELETE FROM webhook WHERE owner = $1", user)
        }
    }
}
