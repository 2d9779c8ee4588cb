import Contracts
import Database
import Testing

@testable import BillingService

@Suite struct AuditTests {
    /// Damage that a hand in the file could do, and the words in which the audit tells of it.
    static let damages: [(sql: String, words: String)] = [
        (
            "UPDATE account SET available = available + 1 WHERE id = 'ada'",
            "account ada keeps 88001 available, its entries 88000"
        ),
        (
            "UPDATE account SET held = held + 1 WHERE id = 'ada'",
            "account ada keeps 7001 held, its open holds 7000"
        ),
        (
            "UPDATE account SET granted = 1 WHERE id = 'ada'",
            "account ada keeps 1 granted, its entries 100000"
        ),
        (
            "UPDATE entry SET amount = amount - 1 WHERE kind = 'capture'",
            "entry 3 of account ada says -5001, its postings -5000"
        ),
        (
            "UPDATE entry SET balance = 5 WHERE id = 2",
            "entry 2 of account ada keeps the balance 5, the replay 88000"
        ),
        (
            "UPDATE posting SET credit = credit + 1 WHERE entry = 1 AND credit > 0",
            "entry 1 of account ada debits 100000 and credits 100001"
        ),
        (
            "UPDATE posting SET credit = credit + 1 WHERE entry = 1 AND credit > 0",
            "all debits come to 117000 and all credits to 117001"
        ),
        (
            "UPDATE posting SET debit = 9223372036854775807 WHERE entry = 2 AND debit > 0",
            "a posting of entry 2 is beyond all bounds; nothing was summed"
        ),
        (
            "UPDATE hold SET captured = 4 WHERE run = 'r1'",
            "run r1 keeps 7000 held and 4 captured, its entries say 7000 and 5000"
        ),
        (
            "UPDATE hold SET remaining = 0, state = 'released' WHERE run = 'r1'",
            "account ada keeps 7000 held, its open holds 0"
        ),
        (
            "UPDATE charge SET taken = 4000 WHERE key = 'k1'",
            "the charge k1 took 4000, its entry says 5000"
        ),
        ("DELETE FROM charge", "entry 3 has no charge with the key k1"),
        ("DELETE FROM entry WHERE id = 3", "the postings of entry 3 have no entry"),
        ("DELETE FROM entry WHERE id = 3", "the charge k1 took 5000, its entry says 0"),
        (
            "DELETE FROM posting WHERE entry = 2",
            "entry 2 of account ada says -12000, its postings 0"
        ),
        (
            "UPDATE entry SET account = 'eve' WHERE id = 1",
            "entry 1 belongs to eve, which is no account"
        ),
    ]

    private func busyRig() async throws -> Rig {
        let rig = try await Rig()
        try await rig.open()
        try await rig.hold(12_000)
        try await rig.capture(5_000, key: "k1")
        return rig
    }

    /// Opens the file beside the service, as a hand would, with no rule in the way.
    private func damage(_ rig: Rig, _ sql: String) throws {
        let file = try Connection(
            path: rig.node.store.database.path,
            pragmas: ["foreign_keys=OFF", "ignore_check_constraints=ON", "busy_timeout=2000"])
        for table in ["entry", "posting", "charge"] {
            for change in ["update", "delete"] {
                try file.execute("DROP TRIGGER \(table)_stays_on_\(change)")
            }
        }
        try file.execute(sql)
        file.close()
    }

    @Test("a ledger in order has no problems, and the report counts what was read")
    func inOrder() async throws {
        let rig = try await busyRig()
        let report = try await rig.audit()
        #expect(report == Billing.AuditReport(accounts: 1, entries: 3, problems: []))
    }

    @Test("an empty ledger is in order")
    func empty() async throws {
        let rig = try await Rig()
        let report = try await rig.audit()
        #expect(report == Billing.AuditReport(accounts: 0, entries: 0, problems: []))
    }

    @Test("every kind of damage is told by name", arguments: damages.indices)
    func damaged(_ index: Int) async throws {
        let (sql, words) = Self.damages[index]
        let rig = try await busyRig()
        try damage(rig, sql)
        let problems = try await rig.problems()
        #expect(problems.contains(words), "\(problems)")
    }

    @Test(
        "what is written cannot be changed or removed",
        arguments: [
            "UPDATE entry SET balance = 1", "DELETE FROM entry", "UPDATE posting SET debit = 1",
            "DELETE FROM posting", "UPDATE charge SET taken = 1", "DELETE FROM charge",
        ])
    func immutable(sql: String) async throws {
        let rig = try await busyRig()
        let error = await #expect(throws: SQLiteError.self) {
            try await rig.node.store.database.transaction { db in try db.run(sql) }
        }
        #expect(error?.message == "the ledger only grows: add a correction")
        #expect(try await rig.problems() == [])
    }
}
