import Contracts
import Database
import MeshContract
import ServiceKit

/// How notices come to be: in one transaction with the number up to which the orchestrator's were taken,
/// so that a crash at any moment neither loses one nor makes it twice.
extension NoticeStore {
    private static let feed = "noteworthy"
    private static let hour: Int64 = 3_600_000

    /// What a notice is made with.
    struct Making: Sendable {
        var ambient: Ambient
        /// E-mails that one user is sent an hour.
        var mailsPerHour: Int
    }

    /// The last number that was taken; 0 for none.
    func cursor() async throws -> Int64 {
        try await database.read { try FeedCursor.read(Self.feed, in: $0) }
    }

    /// Goes on after another number: the orchestrator's is another log now.
    func move(to seq: Int64) async throws {
        try await database.transaction { try FeedCursor.move(Self.feed, to: seq, in: $0) }
    }

    /// Takes what is new to us, and answers with the number to go on after.
    @discardableResult
    func take(_ entries: [Orchestrator.Noteworthy], _ making: Making) async throws -> Int64 {
        try await database.transaction { db in
            let last = try FeedCursor.read(Self.feed, in: db)
            var newest = last
            for entry in entries where entry.seq > last {
                newest = max(newest, entry.seq)
                if let draft = Notice.Draft(entry) {
                    try Self.tell(entry.user, draft, making, in: db)
                }
                guard entry.kind == "run_completed" || entry.kind == "run_failed" else { continue }
                try Self.lookAtCredits(of: entry.user, at: making.ambient.now(), in: db)
            }
            try FeedCursor.move(Self.feed, to: newest, in: db)
            return newest
        }
    }

    /// Tells one user, by the ways that they wish for at this moment. Nothing for an account that has
    /// ended, and nothing of a run that it may no longer see: then it is false.
    @discardableResult
    private static func tell(
        _ account: String, _ draft: Notice.Draft, _ making: Making, in db: Connection
    ) throws -> Bool {
        let known = try db.first("SELECT is_disabled FROM account WHERE id = $1", account) {
            $0.bool(0)
        }
        guard let isDisabled = known else { return false }
        if let workspace = draft.workspace, try !maySee(workspace, account, in: db) { return false }
        let wish = try AccountStore.wish(draft.kind.rawValue, of: account, in: db)
        let now = making.ambient.now()
        var email = Notice.Email.none
        if wish.email && !isDisabled {
            let hasRoom = try countMail(to: account, at: now, atMost: making.mailsPerHour, in: db)
            email = hasRoom ? .waiting : .limited
        }
        guard wish.inApp || email != .none else { return false }
        let id = making.ambient.makeID("ntc")
        try db.run(
            """
            INSERT INTO notice (id, account, kind, run, workspace, title, text, at, kept_at, in_app,
                email, next_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, id, account, draft.kind.rawValue, draft.run, draft.workspace, draft.title,
            draft.text, draft.at, now, wish.inApp || email == .limited, email.rawValue,
            email == .waiting ? now : nil)
        try db.run(
            """
            DELETE FROM notice WHERE account = $1 AND seq <= (SELECT seq FROM notice
                WHERE account = $1 ORDER BY seq DESC LIMIT 1 OFFSET \(mostOfAccount))
            """, account)
        return true
    }

    /// True for a member, and where the workspace is gone and its runs are their makers'.
    private static func maySee(
        _ workspace: String, _ account: String, in db: Connection
    ) throws -> Bool {
        try db.first(
            """
            SELECT EXISTS (SELECT 1 FROM workspace_member WHERE workspace = $1 AND account = $2)
                OR NOT EXISTS (SELECT 1 FROM workspace WHERE id = $1)
            """, workspace, account
        ) { $0.bool(0) } ?? false
    }

    /// False where the user has been sent as many as may be within an hour.
    private static func countMail(
        to account: String, at now: Int64, atMost limit: Int, in db: Connection
    ) throws -> Bool {
        try db.run(
            "INSERT INTO notice_person (account) VALUES ($1) ON CONFLICT DO NOTHING", account)
        try db.run(
            """
            UPDATE notice_person SET mails_since = $2, mails = 0
            WHERE account = $1 AND (mails_since <= $3 OR mails_since > $2)
            """, account, now, now - hour)
        return try db.run(
            "UPDATE notice_person SET mails = mails + 1 WHERE account = $1 AND mails < $2",
            account, limit) == 1
    }

    // MARK: Credits

    /// A user whose credits are to be looked at.
    struct CreditLook: Sendable {
        var account: String
        /// When it became due.
        var due: Int64
    }

    private static func lookAtCredits(
        of account: String, at now: Int64, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO notice_person (account, credits_due)
            SELECT id, $2 FROM account WHERE id = $1
            ON CONFLICT (account) DO UPDATE SET
                credits_due = max(excluded.credits_due, coalesce(credits_due + 1, 0))
            """, account, now)
    }

    func creditLooks(limit: Int) async throws -> [CreditLook] {
        try await database.read { db in
            try db.all(
                """
                SELECT account, credits_due FROM notice_person
                WHERE credits_due IS NOT NULL ORDER BY credits_due LIMIT $1
                """, limit
            ) { CreditLook(account: $0.text(0), due: $0.int64(1)) }
        }
    }

    /// Notes that a user's credits were looked at. `low` is what to tell where they are low: once for
    /// the period that ends at `period`.
    func looked(
        _ look: CreditLook, low: Notice.Draft?, period: Int64, _ making: Making
    ) async throws {
        try await database.transaction { db in
            // A run that has ended meanwhile has made it due anew.
            try db.run(
                """
                UPDATE notice_person SET credits_due = NULL WHERE account = $1 AND credits_due = $2
                """, look.account, look.due)
            let told = try db.first(
                "SELECT credits_told FROM notice_person WHERE account = $1", look.account
            ) { $0.int64(0) }
            guard let low, let told, told != period,
                try Self.tell(look.account, low, making, in: db)
            else { return }
            try db.run(
                "UPDATE notice_person SET credits_told = $2 WHERE account = $1", look.account,
                period)
        }
    }
}
