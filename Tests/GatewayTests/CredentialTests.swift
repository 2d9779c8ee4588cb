import Contracts
import Crypto
import Curl
import Database
import Fakes
import Glibc
import Identity
import Log
import Mesh
import MeshContract
import REST
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Tokens and keys", .serialized, .timeLimit(.minutes(1)))
struct CredentialTests {
    @Test("a token ends when its time is over")
    func expiry() async throws {
        let rig = try await Rig(environment: ["ATELIER_TOKEN_SECONDS": "60"])
        let token = try await rig.user()
        rig.mesh.clock.advance(by: .seconds(59))
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        rig.mesh.clock.advance(by: .seconds(1))
        let answer = try await rig.send("GET", "/api/v1/auth/me", as: token)
        #expect(answer.status == 401)
        #expect(answer.code == "unauthenticated")
    }

    @Test("a token of another key, of no algorithm or of a changed claim is refused")
    func forged() async throws {
        let rig = try await Rig(environment: ["SECRET_KEY": String(repeating: "s", count: 32)])
        let token = try await rig.user()
        let me = try await rig.send("GET", "/api/v1/auth/me", as: token).json["id"]?.string
        let now = rig.mesh.clock.now / 1_000
        func claims(_ user: String, gen: Int64 = 1) -> Claims {
            Claims(sub: user, role: "admin", iat: now, exp: now + 1_000, gen: gen)
        }
        let other = JWT(key: Array(repeating: 7, count: 32))
        let right = JWT(key: Array(String(repeating: "s", count: 32).utf8))
        let body = token.split(separator: ".")[1]
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let forged = [
            try other.sign(claims(me ?? "")), "\(none).\(body).", "\(none).\(body).x",
            try right.sign(claims("usr_nobody")), try right.sign(claims(me ?? "", gen: 2)),
            String(token.dropLast()), token + "x", "", ".", "..", "atl_", "atl_x", "x",
            String(repeating: "a.", count: 6_000),
        ]
        for credentials in forged {
            let answer = try await rig.send("GET", "/api/v1/auth/me", as: credentials)
            #expect(answer.status == 401, "\(credentials.prefix(40))")
        }
        for header in ["", "Basic x", "Bearer", "bearer\t\(token)"] {
            let answer = try await rig.send(
                "GET", "/api/v1/auth/me", headers: [("Authorization", header)])
            #expect(answer.status == 401, "\(header.prefix(20))")
        }
        // The role is the account's, whatever a rightly signed token says.
        let mine = try await rig.send(
            "GET", "/api/v1/auth/me", as: try right.sign(claims(me ?? "")))
        #expect(mine.json["role"]?.string == "user")
    }

    @Test("a new password ends all tokens and not the API keys")
    func newPassword() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let made = try await rig.send("POST", "/api/v1/api-keys", ["name": "ci"], as: token)
        #expect(made.status == 201)
        let key = try #require(made.json["key"]?.string)
        #expect(made.json["id"]?.string?.hasPrefix("key_") == true)
        #expect(key.hasPrefix("atl_") && key.utf8.count > 40)
        let me = try await rig.send("GET", "/api/v1/auth/me", as: key)
        #expect(me.status == 200)
        let admin = rig.mesh.client(as: "admin")
        let user = try #require(me.json["id"]?.string)
        _ = try await admin.call(Gateway.SetPassword(user: user, password: "another good one"))
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 401)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: key).status == 200)
        let new = try await rig.logIn("ada@example.org", password: "another good one")
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: new).status == 200)
        for (name, status) in [("", 400), (String(repeating: "x", count: 101), 400)] {
            let answer = try await rig.send(
                "POST", "/api/v1/api-keys", ["name": .text(name)], as: new)
            #expect(answer.status == status)
            #expect(answer.pointers == ["/name"])
        }
    }

    @Test("who is known well is looked at again after every change, at the very next request")
    func changes() async throws {
        let rig = try await Rig()
        let store = rig.gateway.accounts.store
        _ = try await rig.user()
        func status(_ path: String, _ token: String) async throws -> Int {
            try await rig.send("GET", "/api/v1" + path, as: token).status
        }
        /// Asks until everything there is to know is known.
        func known() async throws -> (token: String, key: String) {
            let token = try await rig.logIn("ada@example.org")
            let made = try await rig.send("POST", "/api/v1/api-keys", ["name": "ci"], as: token)
            let key = try #require(made.json["key"]?.string)
            for bearer in [token, key, token, key, token, key] {
                #expect(try await status("/auth/me", bearer) == 200)
            }
            return (token, key)
        }
        let note = rig.gateway.accounts.audit.entry(.roleChange, by: .operator)
        var bearer = try await known()
        for role in ["admin", "user", "admin", "user"] {
            try await store.setRole(role, of: "usr_ada", noting: note)
            for one in [bearer.token, bearer.key, bearer.token, bearer.key] {
                let me = try await rig.send("GET", "/api/v1/auth/me", as: one).json
                #expect(me["role"]?.string == role)
            }
            #expect(try await status("/admin/users", bearer.token) == (role == "admin" ? 200 : 403))
        }
        try await store.setDisabled(true, of: "usr_ada", noting: note)
        for one in [bearer.token, bearer.key] { #expect(try await status("/auth/me", one) == 401) }
        try await store.setDisabled(false, of: "usr_ada", noting: note)
        #expect(try await status("/auth/me", bearer.key) == 200)

        // Disabling has ended the sign-in; so do these.
        bearer = try await known()
        #expect(
            try await rig.send("POST", "/api/v1/auth/logout-everywhere", as: bearer.token)
                .status < 300)
        #expect(try await status("/auth/me", bearer.token) == 401)
        bearer = try await known()
        #expect(try await store.setPassword(Rig.hash, of: "usr_ada", noting: note))
        #expect(try await status("/auth/me", bearer.token) == 401)
        bearer = try await known()
        try await store.database.transaction { _ = try $0.run("DELETE FROM sign_in") }
        #expect(try await status("/auth/me", bearer.token) == 401)
        #expect(try await status("/auth/me", bearer.key) == 200)
        try await store.database.transaction { _ = try $0.run("DELETE FROM api_key") }
        #expect(try await status("/auth/me", bearer.key) == 401)
    }

    @Test("what a look has found is not believed once there was a commit, however late it is kept")
    func editions() async throws {
        let database = try Database(path: ":memory:", migrations: [])
        let tokens = VerifiedTokens()
        let claims = Claims(sub: "usr_ada", role: "user", iat: 0, exp: 100, gen: 1)
        let ada = Identity(user: "usr_ada", role: "user")
        let before = database.edition
        // Somebody commits between the look and its keeping.
        try await database.transaction { _ in }
        tokens.keep(claims, of: ada, edition: before, under: [1])
        let late = tokens.find([1], now: 1, edition: database.edition)
        #expect(late?.claims.sub == "usr_ada" && late?.bearer == nil)
        tokens.keep(claims, of: ada, edition: database.edition, under: [1])
        #expect(tokens.find([1], now: 1, edition: database.edition)?.bearer == ada)
        #expect(tokens.find([1], now: 100, edition: database.edition) == nil)
        #expect(tokens.find([2], now: 1, edition: database.edition) == nil)
    }

    @Test("an account has so many API keys, and no more")
    func keyCap() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let user = try #require(
            try await rig.gateway.accounts.store.find(email: "ada@example.org"))
        for number in 1...Accounts.mostKeys {
            _ = try await rig.gateway.accounts.makeKey(for: user.id, name: "\(number)")
        }
        let token = try rig.gateway.accounts.token(for: user)
        let answer = try await rig.send("POST", "/api/v1/api-keys", ["name": "one more"], as: token)
        #expect(answer.status == 403)
        #expect(answer.code == "capped")
    }

    @Test("the owner's key lies in the data folder, for its user alone")
    func owner() async throws {
        let rig = try await Rig()
        #expect(rig.mode(of: "owner.token") == 0o600)
        let key = try rig.owner
        let me = try await rig.send("GET", "/api/v1/auth/me", as: key)
        #expect(me.json["role"]?.string == "admin")
        #expect(me.json["email"]?.string == OwnerAccount.email)
        let account = OwnerAccount(
            accounts: rig.gateway.accounts, data: rig.mesh.data, log: Log("test", level: .error))
        try await account.ensure()
        #expect(try rig.owner == key)
        // Missing, broken, or open to others: made anew, and the old one ends.
        var old = key
        for spoil in [
            { unlink($0) }, { truncate($0, 3) }, { chmod($0, 0o644) },
        ] as [(String) -> Int32] {
            #expect(spoil(rig.mesh.data.path + "/owner.token") == 0)
            try await account.ensure()
            let new = try rig.owner
            #expect(new != old)
            #expect(rig.mode(of: "owner.token") == 0o600)
            #expect(try await rig.send("GET", "/api/v1/auth/me", as: old).status == 401)
            #expect(try await rig.send("GET", "/api/v1/auth/me", as: new).status == 200)
            old = new
        }
        let taken = try await rig.send(
            "POST", "/api/v1/auth/register",
            [
                "email": .text(OwnerAccount.email), "password": .text(Rig.password),
                "name": "Thief",
            ])
        #expect(taken.status == 409)
    }
}
