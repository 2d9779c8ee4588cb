import Crypto
import Database
import Log
import MeshContract
import REST
import ServiceKit

/// API keys: made, shown, ended.
extension Accounts {
    static let mostKeys = 100
    /// What a key is allowed to do where nothing was said.
    static let usualScopes: Set<Scope> = [.read, .write, .models]
    /// Their last use is written down no more often.
    private static let minute: Int64 = 60_000

    /// A new API key, shown this once; its hash is kept. With `replacing`, the account's keys of the
    /// same name end. Without a doer it is the machine's own affair, which the audit log leaves out.
    func makeKey(
        for account: String, name: String, scopes: Set<Scope> = usualScopes,
        expiresAt: Int64? = nil, replacing: Bool = false, by doer: Doer? = nil
    ) async throws -> (kept: AccountStore.Key, key: String) {
        let key = "atl_" + Base64URL.encode(randomBytes(32))
        let kept = AccountStore.Key(
            id: ambient.makeID("key"), name: name, scopes: scopes, createdAt: ambient.now(),
            expiresAt: expiresAt)
        try await store.insertKey(
            kept, hash: SHA256.digest(Array(key.utf8)), account: account, replacing: replacing,
            atMost: Self.mostKeys,
            noting: doer.map {
                audit.entry(.keyMake, by: $0, target: kept.id, detail: Scope.text(scopes))
            })
        return (kept, key)
    }

    /// Ends an API key at once. False when the account has none of this id.
    func endKey(_ id: String, of account: String, by doer: Doer) async throws -> Bool {
        try await store.deleteKey(
            id, of: account, noting: audit.entry(.keyEnd, by: doer, target: id))
    }

    /// Whose API key it is. `marks` writes down that it was used.
    func identify(key: String, marks: Bool) async throws -> Identity {
        let hash = SHA256.digest(Array(key.utf8))
        let now = ambient.now()
        let edition = store.database.edition
        if let known = keys.find(hash, wall: now, edition: edition) { return known }
        guard let (account, key) = try await store.find(keyHash: hash),
            !account.isDisabled, key.expiresAt.map({ now < $0 }) ?? true
        else { throw Self.refusal }
        let identity = Identity(
            user: account.id, role: account.role, key: key.id, scopes: key.scopes)
        // What is kept is not marked the next time.
        guard marks else { return identity }
        keys.keep(identity, until: key.expiresAt, edition: edition, under: hash)
        // A clock that was set back must not keep it from being written.
        if key.usedAt.map({ now - $0 >= Self.minute || now < $0 }) ?? true {
            await markUsed(key.id, at: now)
        }
        return identity
    }

    /// A key counts also where that cannot be written: on a full disk its client still reads.
    private func markUsed(_ key: String, at now: Int64) async {
        do {
            try await store.markUsed(key: key, at: now)
        } catch {
            audit.log.warning(
                "the use of an API key was not noted", ["key": key, "error": "\(error)"])
        }
    }
}
