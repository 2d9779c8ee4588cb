import Contracts
import Crypto
import Log
import MeshContract
import ServiceKit
import Synchronization

/// Users' own keys of providers: on disk and in memory only sealed, opened for one request at a time.
final class KeyVault: Sendable {
    /// What keys are sealed with: the current one, and older ones that open what they sealed.
    struct Masters: Sendable {
        let current: String
        fileprivate let keys: [String: [UInt8]]

        init(_ current: [UInt8], older: [[UInt8]] = []) {
            self.current = Self.id(current)
            keys = Dictionary(([current] + older).map { (Self.id($0), $0) }) { first, _ in first }
        }

        /// Tells keys apart without saying anything of them.
        private static func id(_ key: [UInt8]) -> String {
            String(SHA256.hex(Array("atelier master key".utf8) + key).prefix(16))
        }

        /// The settings' keys, each 32 bytes in hexadecimal, or else the file's, which is made at
        /// first use.
        static func load(
            _ settings: Settings, orElse file: () throws(Fault) -> [UInt8]
        ) throws(Fault) -> Masters {
            let older = try settings.list(olderName).map { text throws(Fault) in
                try bytes(text, olderName)
            }
            guard let text = settings.text(name) else {
                return Masters(Array(try file().prefix(AESGCM.keyBytes)), older: older)
            }
            return Masters(try bytes(text, name), older: older)
        }

        static let name = "ATELIER_MASTER_KEY"
        static let olderName = "ATELIER_OLD_MASTER_KEYS"

        private static func bytes(_ text: String, _ name: String) throws(Fault) -> [UInt8] {
            var bytes: [UInt8] = []
            var rest = Substring(text)
            while !rest.isEmpty {
                guard rest.utf8.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else {
                    break
                }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            guard rest.isEmpty, bytes.count == AESGCM.keyBytes else {
                throw Fault(.invalid, "\(name) takes 32 bytes in hexadecimal digits")
            }
            return bytes
        }
    }

    private static let mostKeys = 100_000

    private let store: ProviderKeyStore
    private let masters: Masters
    private let ambient: Ambient
    private let log: Log
    private let rows = Mutex<[String: [String: ProviderKeyStore.Row]]>([:])

    init(_ store: ProviderKeyStore, _ masters: Masters, ambient: Ambient, log: Log) {
        (self.store, self.masters, self.ambient, self.log) = (store, masters, ambient, log)
    }

    /// Reads all, and seals with the current master key what an older one has sealed.
    func load() async throws {
        var again: [ProviderKeyStore.Row] = []
        var lost = 0
        var all = try await store.all()
        for index in all.indices where all[index].master != masters.current {
            guard let key = open(all[index]) else {
                lost += 1
                continue
            }
            all[index] = seal(key, like: all[index])
            again.append(all[index])
        }
        if !again.isEmpty { try await store.put(again) }
        if lost > 0 {
            log.warning(
                "keys of users were sealed with a master key that is not here",
                ["count": "\(lost)"])
        }
        rows.withLock { rows in
            for row in all { rows[row.user, default: [:]][row.provider] = row }
        }
    }

    /// The providers that a user has a key of his own for.
    func providers(of user: String) -> Set<String> {
        rows.withLock { rows in rows[user].map { Set($0.keys) } ?? [] }
    }

    /// Nil where there is none.
    func key(of user: String, for provider: String) throws(Fault) -> String? {
        guard let row = rows.withLock({ $0[user]?[provider] }) else { return nil }
        guard let key = open(row) else {
            throw Fault(
                .invalid, "the key of your own for \(provider) can no longer be read",
                detail: "give it again, or delete it")
        }
        return key
    }

    func put(_ user: String, _ provider: String, _ key: String) async throws
        -> Providers.ProviderKeyCard
    {
        let row = seal(
            key,
            like: ProviderKeyStore.Row(
                user: user, provider: provider, hint: Self.hint(key), master: "", sealed: [],
                createdAt: ambient.now()))
        let isFull = rows.withLock { rows in
            rows[user] == nil && rows.count >= Self.mostKeys
        }
        guard !isFull else { throw Fault(.capped, "\(Self.mostKeys) users have keys already") }
        try await store.put([row])
        rows.withLock { $0[user, default: [:]][provider] = row }
        return Self.card(row)
    }

    func list(_ user: String) -> [Providers.ProviderKeyCard] {
        rows.withLock { $0[user]?.values.map(Self.card) ?? [] }.sorted { $0.provider < $1.provider }
    }

    func delete(_ user: String, _ provider: String) async throws {
        guard rows.withLock({ $0[user]?[provider] }) != nil else {
            throw Fault(.notFound, "there is no key of your own for \(provider)")
        }
        try await store.delete(user, provider)
        rows.withLock { rows in
            rows[user]?[provider] = nil
            if rows[user]?.isEmpty == true { rows[user] = nil }
        }
    }

    // MARK: Sealing

    /// A sealed key is of no use in another user's row.
    private static func context(_ row: ProviderKeyStore.Row) -> [UInt8] {
        Array("provider-key\0\(row.user)\0\(row.provider)".utf8)
    }

    private func seal(_ key: String, like row: ProviderKeyStore.Row) -> ProviderKeyStore.Row {
        var row = row
        row.master = masters.current
        row.sealed = AESGCM.seal(
            Array(key.utf8), key: masters.keys[masters.current] ?? [], context: Self.context(row))
        return row
    }

    private func open(_ row: ProviderKeyStore.Row) -> String? {
        guard let master = masters.keys[row.master] else { return nil }
        return AESGCM.open(row.sealed, key: master, context: Self.context(row)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Enough to know it again, and never much of it.
    private static func hint(_ key: String) -> String {
        key.utf8.count >= 20 ? String(key.suffix(4)) : ""
    }

    private static func card(_ row: ProviderKeyStore.Row) -> Providers.ProviderKeyCard {
        Providers.ProviderKeyCard(
            provider: row.provider, hint: row.hint, createdAt: row.createdAt)
    }
}
