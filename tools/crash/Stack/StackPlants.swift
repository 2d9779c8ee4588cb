import Console
import FoundationEssentials
import SQLite

/// Bugs put into copies of what a stack has written down: the same checks have to find each.
struct StackPlants {
    private struct Plant {
        let name: String
        let service: String
        let statements: [String]
    }

    let folder: String

    private func plants(in run: Books.Told) -> [Plant] {
        let number = "(SELECT id FROM durable_run WHERE key = '\(run.run)')"
        let turn = run.turns.sorted().last ?? ""
        return [
            Plant(
                name: "an event is lost", service: "orchestrator",
                statements: ["DELETE FROM durable_event WHERE run = \(number) AND seq = 3"]),
            Plant(
                name: "a second end", service: "orchestrator",
                statements: [
                    """
                    INSERT INTO durable_event (run, seq, at, kind, body)
                    SELECT run, seq + 1, at, kind, body FROM durable_event
                    WHERE run = \(number) ORDER BY seq DESC LIMIT 1
                    """, "UPDATE durable_run SET head = head + 1 WHERE id = \(number)",
                    "UPDATE run SET last_seq = last_seq + 1 WHERE id = '\(run.run)'",
                ]),
            Plant(
                name: "two rows of one number", service: "orchestrator",
                statements: [
                    """
                    INSERT INTO durable_journal
                        (run, path, n, head, kind, digest, at, value)
                    SELECT run, path || '.again', n, head, kind, digest, at, value
                    FROM durable_journal WHERE run = \(number) LIMIT 1
                    """
                ]),
            Plant(
                name: "a turn is charged twice", service: "billing",
                statements: [
                    """
                    INSERT INTO charge (key, run, asked, taken, captured, remaining)
                    SELECT key || '#2', run, asked, taken, captured, remaining FROM charge
                    WHERE key = '\(turn)'
                    """
                ]),
            Plant(
                name: "a completed step runs again", service: "providers",
                statements: [
                    """
                    UPDATE answer SET started_at = started_at + 3600000,
                        ended_at = ended_at + 3600000 WHERE key = '\(turn)'
                    """
                ]),
            Plant(
                name: "a document is kept twice", service: "storage",
                statements: [
                    """
                    INSERT INTO artifact (id, key, owner, run, scope, name, version,
                        content_type, sha256, created_at)
                    SELECT id || '2', key || '2', owner, run, scope, name, version + 1,
                        content_type, sha256, created_at
                    FROM artifact WHERE run = '\(run.run)'
                    """
                ]),
        ]
    }

    /// The plants that no check has found.
    func unseen(_ runs: [Books.Told]) throws -> [String] {
        guard let run = runs.first(where: { $0.state == "completed" && !$0.turns.isEmpty }) else {
            return ["there is no completed run to plant a bug in"]
        }
        var unseen: [String] = []
        for plant in plants(in: run) {
            let copy = folder + "/planted"
            try FileManager.default.createDirectory(
                atPath: copy, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: copy) }  // litter is no failure
            for file in try FileManager.default.contentsOfDirectory(atPath: folder)
            where file.contains(".db") {
                try FileManager.default.copyItem(
                    atPath: "\(folder)/\(file)", toPath: "\(copy)/\(file)")
            }
            guard try Books(copy).wrong(run).isEmpty else {
                return ["no bug can be planted in \(run.run), which has its own"]
            }
            let db = try Connection(path: "\(copy)/\(plant.service).db")
            for trigger in try db.all(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'", read: { $0.text(0) })
            {
                try db.execute("DROP TRIGGER \(trigger)")
            }
            for statement in plant.statements { try db.execute(statement) }
            db.close()
            let found = try Books(copy).wrong(run)
            Terminal.out("planted, \(plant.name): \(found.first ?? "NOT FOUND")")
            if found.isEmpty { unseen.append("planted, \(plant.name): not found") }
        }
        return unseen
    }
}
