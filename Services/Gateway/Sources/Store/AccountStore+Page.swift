import Database

/// What a person changes of their own account.
extension AccountStore {
    func rename(_ id: String, to name: String) async throws {
        try await database.transaction { db in
            try db.run("UPDATE account SET name = $2 WHERE id = $1", id, name)
        }
    }

    /// Ends every token that was given out, and every sign-in.
    func raiseGeneration(of id: String, noting note: AuditStore.Entry) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("UPDATE account SET generation = generation + 1 WHERE id = $1", id)
            try db.run("DELETE FROM sign_in WHERE account = $1", id)
        }
    }
}
