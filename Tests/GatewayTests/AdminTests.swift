import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Administrators and wishes", .serialized, .timeLimit(.minutes(1)))
struct AdminTests {
    @Test("administrators list accounts in pages, and find them by a part of name or address")
    func list() async throws {
        let rig = try await Rig()
        for name in ["ada", "bob", "eve"] { _ = try await rig.user(name) }
        let owner = try rig.owner
        var (found, cursor): ([String], String?) = ([], nil)
        repeat {
            let query = "?limit=3" + (cursor.map { "&cursor=\($0)" } ?? "")
            let page = try await rig.send("GET", "/api/v1/admin/users" + query, as: owner)
            #expect(page.status == 200)
            found += page.json["items"]?.list.compactMap { $0["email"]?.string } ?? []
            cursor = page.json["next_cursor"]?.string
        } while cursor != nil
        #expect(Set(found).count == 4 && found.count == 4)
        let some = try await rig.send("GET", "/api/v1/admin/users?q=BOB@", as: owner).json
        #expect(some["items"]?.list.compactMap { $0["id"]?.string } == ["usr_bob"])
        let user = try await rig.logIn("ada@example.org")
        #expect(try await rig.send("GET", "/api/v1/admin/users", as: user).status == 403)
        #expect(
            try await rig.send("PATCH", "/api/v1/admin/users/usr_ada", ["role": "admin"], as: user)
                .status == 403)
    }

    @Test("a role counts at once, and a disabled account has no credentials that do")
    func change() async throws {
        let rig = try await Rig()
        let (ada, bob) = (try await rig.user(), try await rig.user("bob"))
        let owner = try rig.owner
        func change(_ id: String, _ body: WireValue, as token: String) async throws -> Rig.Answer {
            try await rig.send("PATCH", "/api/v1/admin/users/\(id)", body, as: token)
        }
        #expect(try await change("usr_ada", ["role": "admin"], as: owner).status == 200)
        #expect(try await rig.send("GET", "/api/v1/admin/users", as: ada).status == 200)
        #expect(try await change("usr_ada", ["role": "user"], as: ada).status == 409)
        #expect(try await change("usr_ada", ["role": "boss"], as: owner).pointers == ["/role"])
        #expect(try await change("usr_none", ["role": "user"], as: owner).status == 404)
        let me = try await rig.send("GET", "/api/v1/auth/me", as: owner).json["id"]?.string ?? ""
        #expect(try await change(me, ["disabled": true], as: ada).status == 409)
        let key = try await rig.send("POST", "/api/v1/api-keys", ["name": "ci"], as: bob).json
        let secret = try #require(key["key"]?.string)
        let login = try await rig.send(
            "POST", "/api/v1/auth/login",
            ["email": "bob@example.org", "password": .text(Rig.password)])
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: secret).status == 200)
        let disabled = try await change("usr_bob", ["disabled": true], as: ada)
        #expect(disabled.json["disabled"]?.bool == true)
        for token in [bob, secret, login.json["access_token"]?.string ?? ""] {
            #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 401)
        }
        let again = try await rig.send(
            "POST", "/api/v1/auth/login",
            ["email": "bob@example.org", "password": .text(Rig.password)])
        #expect(again.status == 403)
        let refreshed = try await rig.send(
            "POST", "/api/v1/auth/refresh", ["refresh_token": login.json["refresh_token"] ?? .null])
        #expect(refreshed.status == 401)
        #expect(try await change("usr_bob", ["disabled": false], as: ada).status == 200)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: secret).status == 200)
        let log = try await rig.send(
            "GET", "/api/v1/admin/audit?target=usr_bob", as: owner
        ).json
        let actions = log["items"]?.list.compactMap { $0["action"]?.string } ?? []
        #expect(Array(actions.prefix(3)) == ["user-enable", "log-in", "user-disable"])
    }

    @Test("what a user wants to be told of is kept, whole")
    func notifications() async throws {
        let rig = try await Rig()
        let (ada, bob) = (try await rig.user(), try await rig.user("bob"))
        let usual = try await rig.send("GET", "/api/v1/notifications", as: ada)
        #expect(usual.json["gate_waiting"]?["in_app"]?.bool == true)
        #expect(usual.json["gate_waiting"]?["email"]?.bool == false)
        let off: WireValue = ["in_app": false, "email": true]
        let wishes: WireValue = [
            "gate_waiting": off, "run_completed": off, "run_failed": off,
            "experiment_winner": off, "credits_low": off,
        ]
        #expect(try await rig.send("PUT", "/api/v1/notifications", wishes, as: ada).status == 200)
        let kept = try await rig.send("GET", "/api/v1/notifications", as: ada).json
        #expect(kept["credits_low"]?["in_app"]?.bool == false)
        #expect(kept["run_failed"]?["email"]?.bool == true)
        #expect(try await rig.send("GET", "/api/v1/notifications", as: bob).body == usual.body)
        let part = try await rig.send(
            "PUT", "/api/v1/notifications", ["gate_waiting": off], as: ada)
        #expect(part.pointers == ["/run_completed"])
    }
}
