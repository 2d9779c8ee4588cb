import Database
import Identity
import MeshContract

/// What outside issuers call our people, and people who are on their way to a provider and back.
extension AccountStore {
    /// Somebody who was sent to a provider. The state is kept as a hash: who reads the table cannot
    /// take a place.
    struct Attempt: Sendable {
        var provider: String
        /// Of the cookie that binds it to one browser.
        var browser: [UInt8]
        var attempt: SignInAttempt
        /// Where on our page it goes on.
        var returnTo: String
        /// Where somebody links a provider to the account that they are signed in to.
        var linking: Linking?
        var endsAt: Int64
    }

    /// An account that is to be linked, by whoever is signed in to it. With that sign-in it ends.
    struct Linking: Sendable {
        var account: String
        var signIn: String
    }

    struct Link: Sendable {
        var issuer: String
        var subject: String
        var createdAt: Int64
    }

    static let mostAttempts = 10_000
    /// Of one place, so that none shuts out all others.
    static let mostAttemptsOfPlace = 500
    private static let mostLinks = 20

    func find(issuer: String, subject: String) async throws -> Account? {
        try await database.read { try Self.find(issuer, subject, in: $0) }
    }

    /// Makes the account of somebody whom an issuer vouches for. The account that is there already
    /// when two requests come at once; nil when the address is somebody's.
    func insert(
        _ account: Account, issuer: String, subject: String, atMost limit: Int,
        noting note: AuditStore.Entry
    ) async throws -> Account? {
        try await database.transaction { db in
            if let known = try Self.find(issuer, subject, in: db) { return known }
            guard try Self.insert(account, atMost: limit, in: db) else { return nil }
            try Self.link(issuer, subject, account.id, account.createdAt, in: db)
            try note.write(in: db)
            return account
        }
    }

    /// Throws `conflict` when the outside name is another account's, and `invalid` when the sign-in that
    /// it was begun in has ended.
    func link(
        issuer: String, subject: String, by linking: Linking, at now: Int64,
        noting note: AuditStore.Entry
    ) async throws {
        let account = linking.account
        try await database.transaction { db in
            try Self.check(linking, in: db)
            if let known = try Self.find(issuer, subject, in: db) {
                guard known.id == account else {
                    throw Fault(.conflict, "this sign-in belongs to another account")
                }
                return
            }
            let count = try db.first(
                "SELECT count(*) FROM identity WHERE account = $1", account
            ) { $0.int(0) }
            guard count ?? 0 < Self.mostLinks else {
                throw Fault(
                    .capped, "an account has at most \(Self.mostLinks) sign-ins from outside")
            }
            try Self.link(issuer, subject, account, now, in: db)
            try note.write(in: db)
        }
    }

    func links(of account: String) async throws -> [Link] {
        try await database.read { db in
            try db.all(
                """
                SELECT issuer, subject, created_at FROM identity WHERE account = $1
                ORDER BY created_at, issuer
                """, account
            ) { Link(issuer: $0.text(0), subject: $0.text(1), createdAt: $0.int64(2)) }
        }
    }

    // MARK: On the way

    func begin(
        _ attempt: Attempt, state hash: [UInt8], from place: String, now: Int64
    ) async throws {
        try await database.transaction { db in
            if let linking = attempt.linking { try Self.check(linking, in: db) }
            try db.run("DELETE FROM sign_in_attempt WHERE ends_at <= $1", now)
            let ofPlace = try db.first(
                "SELECT count(*) FROM sign_in_attempt WHERE place = $1", place
            ) { $0.int(0) }
            guard ofPlace ?? 0 < Self.mostAttemptsOfPlace else {
                throw Fault(
                    .limited, "too many people are signing in from your network",
                    retryAfterMilliseconds: 60_000)
            }
            let count = try db.first("SELECT count(*) FROM sign_in_attempt") { $0.int(0) }
            guard count ?? 0 < Self.mostAttempts else {
                throw Fault(
                    .overloaded, "too many people are signing in", retryAfterMilliseconds: 60_000)
            }
            try db.run(
                """
                INSERT INTO sign_in_attempt (state, browser, provider, nonce, verifier, redirect,
                    return_to, account, sign_in, ends_at, place)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """, hash, attempt.browser, attempt.provider, attempt.attempt.nonce,
                attempt.attempt.verifier, attempt.attempt.redirect, attempt.returnTo,
                attempt.linking?.account, attempt.linking?.signIn, attempt.endsAt,
                place)
        }
    }

    /// Takes an attempt away, so that it is gone through once; nil for one that is not, or is over.
    func take(state: String, hash: [UInt8], now: Int64) async throws -> Attempt? {
        let found = try await database.transaction { db in
            try db.first(
                """
                DELETE FROM sign_in_attempt WHERE state = $1
                RETURNING provider, browser, nonce, verifier, redirect, return_to, account, sign_in,
                    ends_at
                """, hash
            ) { row in
                Attempt(
                    provider: row.text(0), browser: row.blob(1),
                    attempt: SignInAttempt(
                        state: state, nonce: row.text(2), verifier: row.text(3),
                        redirect: row.text(4)),
                    returnTo: row.text(5),
                    linking: row.textOrNil(6).flatMap { account in
                        row.textOrNil(7).map { Linking(account: account, signIn: $0) }
                    }, endsAt: row.int64(8))
            }
        }
        return found.flatMap { now < $0.endsAt ? $0 : nil }
    }

    func forgetAttempts(endedBefore now: Int64) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM sign_in_attempt WHERE ends_at <= $1", now)
        }
    }

    private static func check(_ linking: Linking, in db: Connection) throws {
        let known = try db.first(
            """
            SELECT 1 FROM sign_in JOIN account ON account.id = sign_in.account
            WHERE sign_in.id = $1 AND account.id = $2 AND account.is_disabled = 0
            """, linking.signIn, linking.account
        ) { $0.int(0) }
        guard known != nil else {
            throw Fault(
                .invalid, "the sign-in that this was begun in has ended",
                detail: "sign in and begin again")
        }
    }

    private static func find(
        _ issuer: String, _ subject: String, in db: Connection
    ) throws -> Account? {
        try db.first(
            """
            SELECT \(columns) FROM account
            WHERE id = (SELECT account FROM identity WHERE issuer = $1 AND subject = $2)
            """, issuer, subject, read: account)
    }

    private static func link(
        _ issuer: String, _ subject: String, _ account: String, _ now: Int64, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO identity (issuer, subject, account, created_at) VALUES ($1, $2, $3, $4)
            """, issuer, subject, account, now)
    }
}
