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
                SELECT id, at, kind, amount, run, key, balance FROM entry
                WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3
                """, id, before ?? .max, limit + 1
            ) { row in
                Billing.LedgerEntry(
                    id: row.int64(0), at: row.int64(1), kind: row.text(2), amount: row.int64(3),
                    run: row.textOrNil(4), key: row.text(5), balance: row.int64(6))
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
            var (accounts, entries) = (0, 0)
            var last = ""
            while true {
                let page = try db.all(
                    "\(Self.accounts) WHERE id > $1 ORDER BY id LIMIT 500", last,
                    read: Self.account)
                for account in page {
                    entries += try replay(account, into: &findings, in: db)
                }
                accounts += page.count
                guard let end = page.last else { break }
                last = end.id
            }
            for question in Self.questions {
                let answers = try db.all(
                    "\(question.sql) LIMIT \(Findings.limit)"
                ) { question.problem($0) }
                for answer in answers { findings.add(answer) }
            }
            return Billing.AuditReport(
                accounts: accounts, entries: entries, problems: findings.problems)
        }
    }

    private func replay(
        _ account: Account, into findings: inout Findings, in db: Connection
    ) throws -> Int {
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
        return replay.count
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

    /// A query that finds nothing when all is well, and a sentence for each row it finds.
    private struct Question: Sendable {
        let sql: String
        let problem: @Sendable (Row) -> String
    }

    private static let questions = [
        Question(
            sql: """
                SELECT total.debits, total.credits FROM (
                    SELECT COALESCE(SUM(debit), 0) AS debits, COALESCE(SUM(credit), 0) AS credits
                    FROM posting
                ) AS total WHERE total.debits <> total.credits
                """
        ) { "all debits come to \($0.int64(0)) and all credits to \($0.int64(1))" },
        Question(
            sql: """
                SELECT h.run, h.remaining, h.captured,
                    COALESCE(SUM(CASE WHEN p.book = 'held' THEN p.credit - p.debit END), 0),
                    COALESCE(SUM(CASE WHEN p.book = 'spent' THEN p.credit - p.debit END), 0)
                FROM hold h LEFT JOIN entry e ON e.run = h.run AND e.account = h.account
                    LEFT JOIN posting p ON p.entry = e.id
                GROUP BY h.run, h.remaining, h.captured
                HAVING COALESCE(
                        SUM(CASE WHEN p.book = 'held' THEN p.credit - p.debit END), 0)
                    <> h.remaining
                    OR COALESCE(
                        SUM(CASE WHEN p.book = 'spent' THEN p.credit - p.debit END), 0)
                    <> h.captured
                ORDER BY h.run
                """
        ) {
            "run \($0.text(0)) keeps \($0.int64(1)) held and \($0.int64(2)) captured,"
                + " its entries say \($0.int64(3)) and \($0.int64(4))"
        },
        Question(
            sql: """
                SELECT a.id, a.held, COALESCE(SUM(h.remaining), 0)
                FROM account a LEFT JOIN hold h ON h.account = a.id AND h.state = 'open'
                GROUP BY a.id, a.held HAVING COALESCE(SUM(h.remaining), 0) <> a.held
                ORDER BY a.id
                """
        ) {
            "account \($0.text(0)) keeps \($0.int64(1)) held, its open holds \($0.int64(2))"
        },
        Question(
            sql: """
                SELECT c.key, c.taken, COALESCE(-e.amount, 0)
                FROM charge c LEFT JOIN entry e ON e.kind = 'capture' AND e.key = c.key
                WHERE c.taken <> COALESCE(-e.amount, 0) ORDER BY c.key
                """
        ) { "the charge \($0.text(0)) took \($0.int64(1)), its entry says \($0.int64(2))" },
        Question(
            sql: """
                SELECT e.id, e.key FROM entry e LEFT JOIN charge c ON c.key = e.key
                WHERE e.kind = 'capture' AND c.key IS NULL ORDER BY e.id
                """
        ) { "entry \($0.int64(0)) has no charge with the key \($0.text(1))" },
        Question(
            sql: """
                SELECT p.entry FROM posting p LEFT JOIN entry e ON e.id = p.entry
                WHERE e.id IS NULL GROUP BY p.entry ORDER BY p.entry
                """
        ) { "the postings of entry \($0.int64(0)) have no entry" },
        Question(
            sql: """
                SELECT e.id, e.account FROM entry e LEFT JOIN account a ON a.id = e.account
                WHERE a.id IS NULL ORDER BY e.id
                """
        ) { "entry \($0.int64(0)) belongs to \($0.text(1)), which is no account" },
    ]
}
