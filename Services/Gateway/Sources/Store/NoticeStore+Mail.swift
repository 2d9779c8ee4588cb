import Database

/// Notices on their way as e-mails.
extension NoticeStore {
    /// One that is to be given on, or asked after.
    struct DueMail: Sendable {
        var notice: Notice
        var account: String
        /// The account's own.
        var address: String
        /// The name that the providers service gave it, once it has taken it.
        var mail: String?
        var attempts: Int
        var keptAt: Int64
        /// False where it tells of a run that its user may no longer see.
        var isVisible: Bool
    }

    /// What an attempt came to.
    enum MailOutcome: Sendable, Equatable {
        case ended(Notice.Email)
        /// To be looked at again; with its name where it has been taken.
        case later(at: Int64, mail: String?)
    }

    func dueMails(at now: Int64, limit: Int) async throws -> [DueMail] {
        try await database.read { db in
            try db.all(
                """
                SELECT notice.id, kind, run, title, text, at, read_at, notice.email, account,
                    account.email, mail, attempts, kept_at, \(Self.visible)
                FROM notice JOIN account ON account.id = account
                WHERE next_at <= $1 ORDER BY next_at LIMIT $2
                """, now, limit
            ) {
                DueMail(
                    notice: Self.notice($0), account: $0.text(8), address: $0.text(9),
                    mail: $0.textOrNil(10), attempts: $0.int(11), keptAt: $0.int64(12),
                    isVisible: $0.bool(13))
            }
        }
    }

    /// One that was limited is shown, whatever the user wished for.
    func settle(_ id: String, _ outcome: MailOutcome) async throws {
        try await database.transaction { db in
            switch outcome {
            case .ended(let state):
                try db.run(
                    """
                    UPDATE notice SET email = $2, next_at = NULL, attempts = attempts + 1,
                        in_app = max(in_app, $2 = 'limited')
                    WHERE id = $1 AND email = 'waiting'
                    """, id, state.rawValue)
            case .later(let at, let mail):
                try db.run(
                    """
                    UPDATE notice SET next_at = $2, mail = coalesce($3, mail),
                        attempts = attempts + 1
                    WHERE id = $1 AND email = 'waiting'
                    """, id, at, mail)
            }
        }
    }
}
