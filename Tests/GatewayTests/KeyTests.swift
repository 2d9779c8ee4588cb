import Contracts
import Crypto
import Curl
import Database
import Fakes
import FoundationEssentials
import Mesh
import MeshContract
import REST
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Keys and what they are for", .serialized, .timeLimit(.minutes(1)))
struct KeyTests {
    private func make(
        _ rig: Rig, _ scopes: [String]?, expires: String? = nil, as token: String
    ) async throws -> Rig.Answer {
        var body: [WireValue.Entry] = [.init(key: "name", value: "ci")]
        if let scopes {
            body.append(.init(key: "scopes", value: .array(scopes.map { .text($0) })))
        }
        if let expires { body.append(.init(key: "expires_at", value: .text(expires))) }
        return try await rig.send(
            "POST", "/api/v1/api-keys", .map(body), as: token)
    }

    @Test("a key does what it is allowed to, and is told what it lacks")
    func scopes() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        func statuses(_ scopes: [String]?) async throws -> [Int] {
            let made = try await make(rig, scopes, as: token)
            let key = try #require(made.json["key"]?.string, "\(made.text)")
            return [
                try await rig.send("GET", "/api/v1/runs", as: key).status,
                try await rig.send("POST", "/api/v1/sessions", Rig.session(), as: key).status,
                try await rig.send("GET", "/v1/models", as: key).status == 403 ? 403 : 200,
                try await make(rig, ["read"], as: key).status,
            ]
        }
        #expect(try await statuses(["read"]) == [200, 403, 403, 403])
        #expect(try await statuses(["write"]) == [200, 201, 403, 403])
        #expect(try await statuses(["models"]) == [403, 403, 200, 403])
        #expect(try await statuses(["read", "admin"]) == [200, 403, 403, 201])
        #expect(try await statuses(nil) == [200, 201, 200, 403])
        let refused = try await make(rig, ["read", "everything"], as: token)
        #expect(refused.pointers == ["/scopes/1"])
        #expect(try await make(rig, [], as: token).pointers == ["/scopes"])
        // A key makes none that is allowed more than itself, and admin alone makes no administrator.
        let lesser = try await make(rig, ["admin"], as: token).json
        let key = try #require(lesser["key"]?.string)
        #expect(try await make(rig, ["write"], as: key).status == 403)
        let audit = try await rig.send("GET", "/api/v1/admin/audit", as: key)
        #expect(audit.status == 403)
        #expect(audit.json["detail"]?.string == "this takes the role admin")
    }

    @Test("a key makes none that lasts longer than itself")
    func lasting() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let now = rig.gateway.accounts.ambient.now()
        func make(_ end: Int64?, as bearer: String) async throws -> Rig.Answer {
            var body: [WireValue.Entry] = [
                .init(key: "name", value: "k"), .init(key: "scopes", value: ["admin"]),
            ]
            if let end { body.append(.init(key: "expires_at", value: .text(rfc3339(end)))) }
            return try await rig.send("POST", "/api/v1/api-keys", .map(body), as: bearer)
        }
        let made = try await make(now + 60_000, as: token)
        let key = try #require(made.json["key"]?.string, "\(made.text)")
        #expect(try await make(now + 50_000, as: key).status == 201)
        for end in [nil, now + 70_000] {
            let refused = try await make(end, as: key)
            #expect(refused.status == 400 && refused.pointers == ["/expires_at"])
        }
        let lasting = try #require(try await make(nil, as: token).json["key"]?.string)
        #expect(try await make(nil, as: lasting).status == 201)
    }

    @Test("a key is not answered what was made for somebody who is allowed more")
    func repeated() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let lesser = try #require(try await make(rig, ["admin"], as: token).json["key"]?.string)
        func repeated(as bearer: String) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/api-keys", ["name": "all", "scopes": ["read", "admin"]],
                as: bearer, headers: [("Idempotency-Key", "k")])
        }
        let made = try await repeated(as: token)
        #expect(made.status == 201)
        let refused = try await repeated(as: lesser)
        #expect(refused.status == 422 && refused.json["key"] == nil, "\(refused.text)")
        let again = try await repeated(as: token)
        #expect(again.body == made.body)
    }

    @Test("a key ends when its time is over, and shows when it was used last, to the minute")
    func expiry() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        for wrong in ["2026-01-01T00:00:00Z", "tomorrow", "2026-13-01T00:00:00Z", ""] {
            #expect(try await make(rig, nil, expires: wrong, as: token).pointers == ["/expires_at"])
        }
        let made = try await make(rig, nil, expires: "2026-01-01T02:02:00+02:00", as: token)
        #expect(made.json["expires_at"]?.string == "2026-01-01T00:02:00.000Z")
        let key = try #require(made.json["key"]?.string)
        func used() async throws -> String? {
            let list = try await rig.send("GET", "/api/v1/api-keys", as: token).json
            return list["items"]?[0]?["last_used_at"]?.string
        }
        #expect(try await used() == nil)
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 200)
        #expect(try await used() == "2026-01-01T00:00:00.000Z")
        rig.mesh.clock.advance(by: .seconds(59))
        try await rig.gateway.accounts.store.database.transaction { _ in }
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 200)
        #expect(try await used() == "2026-01-01T00:00:00.000Z")
        rig.mesh.clock.advance(by: .seconds(60))
        try await rig.gateway.accounts.store.database.transaction { _ in }
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 200)
        #expect(try await used() == "2026-01-01T00:01:59.000Z")
        rig.mesh.clock.advance(by: .seconds(1))
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 401)
    }

    @Test("a key that only watches on is not used, and one whose use cannot be noted still counts")
    func noting() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let key = try #require(try await make(rig, nil, as: token).json["key"]?.string)
        func used() async throws -> String? {
            let list = try await rig.send("GET", "/api/v1/api-keys", as: token).json
            return list["items"]?[0]?["last_used_at"]?.string
        }
        let watches = rig.gateway.front.watches
        let pass = watches.enter(key) {}
        await watches.sweep()
        #expect(try await used() == nil)
        let database = rig.gateway.accounts.store.database
        try await database.transaction { db in
            try db.run(
                """
                CREATE TRIGGER full BEFORE UPDATE ON api_key
                BEGIN SELECT RAISE(ABORT, 'no room'); END
                """)
        }
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 200)
        #expect(try await used() == nil)
        try await database.transaction { _ = try $0.run("DROP TRIGGER full") }
        #expect(try await rig.send("GET", "/api/v1/runs", as: key).status == 200)
        #expect(try await used() != nil)
        pass.leave()
    }

    @Test("a new signing key signs at once, and the old one verifies as long as its tokens last")
    func rotation() async throws {
        let rig = try await Rig(environment: ["ATELIER_TOKEN_SECONDS": "100"])
        let old = try await rig.user()
        let admin = rig.mesh.client(as: "admin")
        #expect(try await admin.call(Gateway.ListKeys()).keys.count == 1)
        rig.mesh.clock.advance(by: .seconds(50))
        let keys = try await admin.call(Gateway.RotateKeys()).keys
        #expect(keys.count == 2)
        #expect(keys[0].endsAt == nil)
        #expect(keys[1].endsAt == rig.mesh.clock.now + 100_000)
        let new = try await rig.logIn("ada@example.org")
        #expect(UnverifiedJWT(old)?.keyID == keys[1].id)
        #expect(UnverifiedJWT(new)?.keyID == keys[0].id)
        for token in [old, new] {
            #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        }
        await #expect(throws: Fault.self) {
            try await rig.mesh.client(as: "sandbox").call(Gateway.RotateKeys())
        }
        rig.mesh.clock.advance(by: .seconds(100))
        #expect(try await admin.call(Gateway.RotateKeys()).keys.count == 2)
        #expect(rig.mode(of: "keys/jwt.ring") == 0o600)
        // Another process, or the same one started again, has the same ring.
        let config = try GatewayConfig(.init(environment: [:]))
        let again = try TokenKeys(config, data: rig.mesh.data)
        #expect(again.listed == rig.gateway.accounts.tokens.listed)
        let third = try again.rotate(now: rig.mesh.clock.now / 1_000)
        #expect(rig.gateway.accounts.tokens.listed[0] == third)
        let log = try await rig.send(
            "GET", "/api/v1/admin/audit?action=signing-key-rotate", as: try rig.owner
        ).json
        #expect(log["items"]?.list.count == 2)
    }

    @Test("SECRET_KEY signs, older ones verify, and neither is rotated by us")
    func environmentKeys() async throws {
        let (first, second) = (String(repeating: "a", count: 32), String(repeating: "b", count: 32))
        let before = try await Rig(environment: ["SECRET_KEY": first])
        let token = try await before.user()
        let after = try await Rig(environment: [
            "SECRET_KEY": second, "ATELIER_OLD_SECRET_KEYS": first,
        ])
        _ = try await after.user()
        #expect(try await after.send("GET", "/api/v1/auth/me", as: token).status == 200)
        await #expect(throws: Fault.self) {
            try await after.mesh.client(as: "admin").call(Gateway.RotateKeys())
        }
        for wrong in [
            ["ATELIER_OLD_SECRET_KEYS": first],
            ["SECRET_KEY": first, "ATELIER_OLD_SECRET_KEYS": "x"],
        ] {
            #expect(throws: Fault.self) { try GatewayConfig(.init(environment: wrong)) }
        }
    }

    @Test("a ring of keys is read back as it was written, and what is none is refused")
    func ring() throws {
        let secret = { (byte: UInt8) in [UInt8](repeating: byte, count: 32) }
        var ring = KeyRing(secrets: [secret(1)])
        for number in 2...40 as ClosedRange<UInt8> {
            ring = ring.rotated(to: secret(number), now: 10, lifetime: 100)
        }
        #expect(ring.keys.count == KeyRing.mostKeys)
        #expect(KeyRing(text: ring.text) == ring)
        let text = ring.rotated(to: secret(99), now: 200, lifetime: 100).text
        #expect(KeyRing(text: text)?.keys.count == 2)
        for wrong in [
            "", "a b c", "id 1 - AA", "id 1 x \(Base64URL.encode(secret(1)))",
            "id 1 5 \(Base64URL.encode(secret(1)))", "id x - \(Base64URL.encode(secret(1)))",
        ] {
            #expect(KeyRing(text: wrong) == nil)
        }
    }
}
