import Database

extension BillingStore {
    /// A query that finds nothing when all is well, and a sentence for each row it finds.
    struct Question: Sendable {
        let sql: String
        let problem: @Sendable (Row) -> String
    }

    /// Asked first: a figure that no entry can have would overflow the sums of all the others.
    static let bounds = Question(
        sql: """
            SELECT entry FROM posting WHERE debit > \(Credits.most) OR credit > \(Credits.most)
            GROUP BY entry ORDER BY entry
            """
    ) { "a posting of entry \($0.int64(0)) is beyond all bounds; nothing was summed" }

    static let questions = [
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
