import Contracts
import Database
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

/// What is done to our own tables and its entry in the audit log are one transaction.
@Suite("Actions and their entries in the audit log", .timeLimit(.minutes(1)))
struct AuditedTests {
    private func database(_ rig: Rig) -> Database { rig.gateway.accounts.store.database }

    /// Has every entry refused, as a full disk would.
    private func refuseEntries(_ rig: Rig) async throws {
        try await database(rig).transaction { db in
            try db.run(
                """
                CREATE TRIGGER audit_is_full BEFORE INSERT ON audit
                BEGIN SELECT RAISE(ABORT, 'no room'); END
                """)
        }
    }

    private func allowEntries(_ rig: Rig) async throws {
        try await database(rig).transaction { try $0.run("DROP TRIGGER audit_is_full") }
    }

    /// Every row of the tables that people's actions change, but for what only looking changes.
    private func state(_ rig: Rig) async throws -> [String] {
        try await database(rig).read { db in
            let tables = [
                "account": "id, email, role, password_hash, generation, is_disabled",
                "api_key": "id, account, name, hex(hash)", "sign_in": "id, account",
                "refresh_token": "hex(hash), sign_in, is_used",
                "workspace": "id, name", "workspace_member": "workspace, account, role",
                "invitation": "id, workspace, email, role", "identity": "issuer, subject, account",
                "audit": "seq, action, target",
            ]
            return try tables.sorted { $0.key < $1.key }.flatMap { table, columns in
                let row = columns.split(separator: ",").map { "quote(\($0))" }
                return try db.all(
                    "SELECT \(row.joined(separator: " || ' ' || ")) FROM \(table) ORDER BY 1"
                ) { "\(table): \($0.text(0))" }
            }
        }
    }

    @Test("what cannot be noted is not done, and the same is done once it can be noted")
    func together() async throws {
        let rig = try await Rig()
        let (ada, owner) = (try await rig.user(), try rig.owner)
        let bob = try await rig.user("bob")
        func send(
            _ method: String, _ path: String, _ body: WireValue? = nil, as token: String? = nil
        ) async throws -> Rig.Answer {
            try await rig.send(method, "/api/v1" + path, body, as: token)
        }
        let key = try await send("POST", "/api-keys", ["name": "old"], as: ada).json["id"]?.string
        let place = try await send("POST", "/workspaces", ["name": "One"], as: ada)
        let workspace = try #require(place.json["id"]?.string)
        let path = "/workspaces/\(workspace)"
        let invited = try await send(
            "POST", path + "/invitations", ["email": "bob@example.org"], as: ada)
        let token = try #require(invited.json["token"]?.string)
        let asked = try await send(
            "POST", path + "/invitations", ["email": "eve@example.org"], as: ada)
        let invitation = try #require(asked.json["id"]?.string)
        let login: WireValue = ["email": "ada@example.org", "password": .text(Rig.password)]
        let signIn = try await send("POST", "/auth/login", login).json["access_token"]?.string
        let sessions = try await send("GET", "/auth/sessions", as: signIn)
        let session = try #require(sessions.json["items"]?[0]?["id"]?.string)
        let actions: [(String, String, WireValue?, String?)] = [
            (
                "POST", "/auth/register",
                ["email": "new@example.org", "password": "correct horse", "name": "New"], nil
            ),
            ("POST", "/auth/login", login, nil),
            ("POST", "/api-keys", ["name": "new"], ada),
            ("DELETE", "/api-keys/\(key ?? "")", nil, ada),
            ("POST", "/workspaces", ["name": "Two"], ada),
            ("PATCH", path, ["name": "Other"], ada),
            ("POST", path + "/invitations", ["email": "zoe@example.org"], ada),
            ("DELETE", path + "/invitations/\(invitation)", nil, ada),
            ("POST", "/invitations/accept", ["token": .text(token)], bob),
            ("PATCH", path + "/members/usr_bob", ["role": "viewer"], ada),
            ("DELETE", path + "/members/usr_bob", nil, ada),
            ("DELETE", path, nil, ada),
            ("PATCH", "/admin/users/usr_bob", ["role": "admin"], owner),
            ("PATCH", "/admin/users/usr_bob", ["disabled": true], owner),
            ("DELETE", "/auth/sessions/\(session)", nil, ada),
            (
                "POST", "/user/me/password",
                ["current": .text(Rig.password), "new": "another horse battery"], ada
            ),
        ]
        for (method, path, body, bearer) in actions {
            let before = try await state(rig)
            try await refuseEntries(rig)
            let refused = try await send(method, path, body, as: bearer)
            #expect(refused.status == 500, "\(method) \(path): \(refused.text)")
            #expect(try await state(rig) == before, "\(method) \(path)")
            try await allowEntries(rig)
            let done = try await send(method, path, body, as: bearer)
            #expect((200..<300).contains(done.status), "\(method) \(path): \(done.text)")
            let after = try await state(rig)
            func entries(_ state: [String]) -> Int { state.count { $0.hasPrefix("audit:") } }
            #expect(entries(after) > entries(before), "\(method) \(path)")
        }
        let out = try await send("POST", "/auth/logout-everywhere", as: rig.user("carl"))
        #expect(out.status == 204)
    }

    @Test("a refresh token that comes twice ends its sign-in with its entry, or not at all")
    func reuse() async throws {
        let rig = try await Rig(billing: false)
        _ = try await rig.user()
        let login: WireValue = ["email": "ada@example.org", "password": .text(Rig.password)]
        let first = try await rig.send("POST", "/api/v1/auth/login", login).json["refresh_token"]
        let body: WireValue = ["refresh_token": first ?? .null]
        #expect(try await rig.send("POST", "/api/v1/auth/refresh", body).status == 200)
        let before = try await state(rig)
        try await refuseEntries(rig)
        #expect(try await rig.send("POST", "/api/v1/auth/refresh", body).status == 500)
        #expect(try await state(rig) == before)
        try await allowEntries(rig)
        #expect(try await rig.send("POST", "/api/v1/auth/refresh", body).status == 401)
        let after = try await state(rig)
        #expect(!after.contains { $0.hasPrefix("sign_in:") })
        #expect(after.last { $0.hasPrefix("audit:") }?.contains("refresh-reuse") == true)
    }

    @Test("the operator's actions are noted with what they change as well")
    func operators() async throws {
        let rig = try await Rig()
        let admin = rig.mesh.client(as: "admin")
        _ = try await rig.user()
        let made = Gateway.CreateUser(
            email: "new@example.org", password: "correct horse", displayName: "New", role: "user",
            plan: "free")
        try await refuseEntries(rig)
        let before = try await state(rig)
        await #expect(throws: Fault.self) { try await admin.call(made) }
        await #expect(throws: Fault.self) {
            try await admin.call(
                Gateway.SetPassword(user: "usr_ada", password: "another horse battery"))
        }
        await #expect(throws: Fault.self) {
            try await admin.call(Gateway.IssueToken(user: "usr_ada"))
        }
        #expect(try await state(rig) == before)
        try await allowEntries(rig)
        _ = try await admin.call(made)
    }
}
