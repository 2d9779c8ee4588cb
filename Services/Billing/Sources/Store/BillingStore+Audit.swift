import Contracts
import Database
import MeshContract

extension BillingStore {
    /// An account's entries before an id, newest first.
    func entries(
        of id: String, before: Int64?, limit: Int
    ) async throws -> Billing.LedgerPage {
        try await database.read { db in
            _ = try account(id, in: db)
            let entries = try db.all(
                """
                SELECT id, at, kind, amount, run, key, balance, note FROM entry
                WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3
                """, id, before ?? .max, limit + 1
            ) { row in
                Billing.LedgerEntry(
                    id: row.int64(0), at: row.int64(1), kind: row.text(2), amount: row.int64(3),
                    run: row.textOrNil(4), key: row.text(5), balance: row.int64(6),
                    note: row.textOrNil(7))
            }
            let page = Array(entries.prefix(limit))
            return Billing.LedgerPage(
                entries: page, next: entries.count > limit ? page.last?.id : nil)
        }
    }

    /// Replays everything in one snapshot, a page at a time.
    func audit() async throws -> Billing.AuditReport {
        try await database.read { db in
            var findings = Findings()
            try ask([Self.bounds], into: &findings, in: db)
            if findings.problems.isEmpty {
                try replayAll(into: &findings, in: db)
                try ask(Self.questions, into: &findings, in: db)
            }
            return Billing.AuditReport(
                accounts: try count("SELECT COUNT(*) FROM account", in: db),
                entries: try count("SELECT COUNT(*) FROM entry", in: db),
                problems: findings.problems)
        }
    }

    private func ask(
        _ questions: [Question], into findings: inout Findings, in db: Connection
    ) throws {
        for question in questions {
            let answers = try db.all(
                "\(question.sql) LIMIT \(Findings.limit)", read: question.problem)
            for answer in answers { findings.add(answer) }
        }
    }

    private func replayAll(into findings: inout Findings, in db: Connection) throws {
        var last = ""
        while true {
            let page = try db.all(
                "\(Self.accounts) WHERE id > $1 ORDER BY id LIMIT 500", last, read: Self.account)
            for account in page { try replay(account, into: &findings, in: db) }
            guard let end = page.last else { return }
            last = end.id
        }
    }

    private func count(_ sql: String, in db: Connection) throws -> Int {
        try db.first(sql) { $0.int(0) } ?? 0
    }

    private func replay(
        _ account: Account, into findings: inout Findings, in db: Connection
    ) throws {
        var replay = Replay(account: account)
        while true {
            let lines = try db.all(Self.lines, account.id, replay.last) { row in
                Replay.Line(
                    id: row.int64(0), kind: row.text(1), amount: row.int64(2),
                    balance: row.int64(3), available: row.int64(4), held: row.int64(5),
                    spent: row.int64(6), debits: row.int64(7), credits: row.int64(8))
            }
            if lines.isEmpty { break }
            for line in lines { replay.add(line, findings: &findings) }
        }
        replay.end(findings: &findings)
    }

    private static let lines =
        """
        SELECT e.id, e.kind, e.amount, e.balance,
            COALESCE(SUM(CASE WHEN p.book = 'available' THEN p.credit - p.debit ELSE 0 END), 0),
            COALESCE(SUM(CASE WHEN p.book = 'held' THEN p.credit - p.debit ELSE 0 END), 0),
            COALESCE(SUM(CASE WHEN p.book = 'spent' THEN p.credit - p.debit ELSE 0 END), 0),
            COALESCE(SUM(p.debit), 0), COALESCE(SUM(p.credit), 0)
        FROM entry e LEFT JOIN posting p ON p.entry = e.id
        WHERE e.account = $1 AND e.id > $2
        GROUP BY e.id, e.kind, e.amount, e.balance
        ORDER BY e.id LIMIT 1000
        """
}
