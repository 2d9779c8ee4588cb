import MeshContract
import REST
import ServiceKit

/// `/api-keys`: keys for programs, each with what it may do and until when.
struct KeyEndpoints: Sendable {
    struct KeyRequest: Decodable, Sendable {
        var name: String
        /// `read`, `write`, `models`, `admin`; without them the first three.
        var scopes: [String]?
        /// RFC 3339; without it the key lasts until it is ended.
        var expiresAt: String?
    }

    struct NewKey: Codable, Sendable {
        var id: String
        var name: String
        var key: String
        var scopes: [String]
        var expiresAt: String?
    }

    struct KeyCard: Codable, Sendable {
        var id: String
        var name: String
        var scopes: [String]
        var createdAt: String
        var expiresAt: String?
        /// To the minute.
        var lastUsedAt: String?

        init(_ key: AccountStore.Key) {
            (id, name, scopes) = (key.id, key.name, KeyEndpoints.names(key.scopes))
            createdAt = rfc3339(key.createdAt)
            (expiresAt, lastUsedAt) = (key.expiresAt.map(rfc3339), key.usedAt.map(rfc3339))
        }
    }

    let accounts: Accounts

    var all: [Endpoint] {
        [
            .post(
                "/api-keys", "Makes an API key, shown this once", status: 201, bodyLimit: 4_096,
                KeyRequest.self, make
            ).scoped(.admin),
            .get("/api-keys", "Lists the user's API keys, newest first", list),
            .delete("/api-keys/{id}", "Ends an API key", end).scoped(.admin),
        ]
    }

    @Sendable private func make(_ body: KeyRequest, _ incoming: Incoming) async throws -> NewKey {
        var faults: [FieldFault] = []
        if !(1...100).contains(body.name.utf8.count) {
            faults.append(FieldFault("/name", "takes 1 to 100 bytes"))
        }
        let allowed = incoming.identity.scopes ?? Set(Scope.allCases)
        let scopes = body.scopes.map { Set($0.compactMap(Scope.init(rawValue:))) }
        if let names = body.scopes {
            let known = Scope.allCases.map(\.rawValue)
            for (index, name) in names.enumerated() where !known.contains(name) {
                faults.append(
                    FieldFault("/scopes/\(index)", "is none of \(known.joined(separator: ", "))"))
            }
            if names.isEmpty { faults.append(FieldFault("/scopes", "takes one at least")) }
        }
        let expiresAt = body.expiresAt.flatMap(milliseconds(rfc3339:))
        if body.expiresAt != nil, expiresAt == nil || (expiresAt ?? 0) <= accounts.ambient.now() {
            faults.append(FieldFault("/expires_at", "is no RFC 3339 time to come"))
        }
        guard faults.isEmpty else { throw Fault(.invalid, "the key was refused", fields: faults) }
        let wanted = scopes ?? Accounts.usualScopes.intersection(allowed)
        guard wanted.isSubset(of: allowed) else {
            throw Fault(.denied, "a key makes none that is allowed more than itself")
        }
        let (user, doer) = (incoming.identity.user, Doer(incoming))
        if let end = try await end(ofKeyOf: incoming.identity), expiresAt ?? .max > end {
            throw Fault(
                .invalid, "the key was refused",
                fields: [
                    FieldFault(
                        "/expires_at", "is after \(rfc3339(end)), when the key that asks ends")
                ])
        }
        let made = try await accounts.makeKey(
            for: user, name: body.name, scopes: wanted, expiresAt: expiresAt, by: doer)
        return NewKey(
            id: made.kept.id, name: body.name, key: made.key, scopes: Self.names(wanted),
            expiresAt: expiresAt.map(rfc3339))
    }

    /// When the API key ends that somebody has shown, if one that ends.
    private func end(ofKeyOf identity: Identity) async throws -> Int64? {
        guard let id = identity.key else { return nil }
        let keys = try await accounts.store.keys(of: identity.user, limit: Accounts.mostKeys)
        return keys.first { $0.id == id }?.expiresAt
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<KeyCard> {
        let keys = try await accounts.store.keys(
            of: incoming.identity.user, limit: Accounts.mostKeys)
        return Page(items: keys.map(KeyCard.init))
    }

    @Sendable private func end(_ incoming: Incoming) async throws {
        let id = incoming.parameter("id")
        let isEnded = try await accounts.endKey(
            id, of: incoming.identity.user, by: Doer(incoming))
        guard isEnded else { throw Fault(.notFound, "no such API key") }
    }

    static func names(_ scopes: Set<Scope>) -> [String] {
        Scope.allCases.filter(scopes.contains).map(\.rawValue)
    }
}
