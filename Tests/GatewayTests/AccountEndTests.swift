import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The end of an account", .timeLimit(.minutes(1)))
struct AccountEndTests {
    private static let path = "/api/v1/user/me/delete"
    private static let proof: WireValue = ["password": .text(Rig.password)]

    private func me(_ rig: Rig, _ token: String) async throws -> Int {
        try await rig.send("GET", "/api/v1/auth/me", as: token).status
    }

    @Test(
        "the password ends it: what proves to be it counts no more, and what it had under way ends")
    func password() async throws {
        let rig = try await Rig()
        let ada = try await rig.user()
        let login: WireValue = ["email": "ada@example.org", "password": .text(Rig.password)]
        let signIn = try await rig.send("POST", "/api/v1/auth/login", login).json
        let key = try #require(
            try await rig.send("POST", "/api/v1/api-keys", ["name": "k"], as: ada).json["key"]?
                .string)
        #expect(try await me(rig, key) == 200)
        try await rig.send(
            "PUT", "/api/v1/provider-keys/openai", ["key": "sk-0123456789abcdef"], as: ada)
        try await rig.send(
            "POST", "/api/v1/schedules", ["cron": "0 6 * * *", "session": Rig.session()], as: ada)
        let done = try await rig.completeSession(as: ada)
        rig.providers.release(0)
        let open = try await rig.makeSession(as: ada)
        try await rig.send("POST", "/api/v1/sessions/\(open)/start", as: ada)
        let queued = try await rig.makeSession(as: ada)
        let answer = try await rig.send("POST", Self.path, Self.proof, as: ada)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["kept"]?.list.contains { $0.string == "runs" } == true)
        for token in [ada, key, signIn["access_token"]?.string ?? ""] {
            #expect(try await me(rig, token) == 401)
        }
        let refresh: WireValue = ["refresh_token": signIn["refresh_token"] ?? .null]
        #expect(try await rig.send("POST", "/api/v1/auth/refresh", refresh).status == 401)
        #expect(try await rig.send("POST", "/api/v1/auth/login", login).status == 401)
        // A run may take until its next step to end; whoever tells of the end comes again.
        rig.providers.release(nil)
        #expect(
            try await soon {
                await rig.gateway.ending.sweep()
                return try await rig.gateway.accounts.store.ended(limit: 9).isEmpty
            })
        let gateway = rig.mesh.client(as: "gateway")
        func state(_ id: String) async throws -> String {
            try await gateway.call(Orchestrator.GetRun(user: "usr_ada", id: id)).state
        }
        #expect(try await state(done) == "completed")
        #expect(try await state(open) == "cancelled")
        #expect(try await state(queued) == "cancelled")
        #expect(
            try await gateway.call(Orchestrator.ListSchedules(user: "usr_ada")).schedules.isEmpty)
        #expect(
            try await gateway.call(Providers.ListProviderKeys(user: "usr_ada")).keys.isEmpty)
        let runs = try await rig.send(
            "GET", "/api/v1/admin/runs?user_id=usr_ada", as: try rig.owner)
        #expect(runs.json["items"]?.list.count == 3)
        // The address is free, and its next account has nothing of the old one.
        let next = try await rig.send(
            "POST", "/api/v1/auth/register",
            ["email": "ada@example.org", "password": .text(Rig.password), "name": "Ada"])
        #expect(next.status == 201)
        let own = try await rig.send(
            "GET", "/api/v1/runs", as: try await rig.logIn("ada@example.org"))
        #expect(own.json["items"]?.list.isEmpty == true)
        let audit = try await rig.send(
            "GET", "/api/v1/admin/audit?action=account-end", as: try rig.owner)
        #expect(audit.json["items"]?.list.map { $0["target"]?.string } == ["usr_ada"])
    }

    @Test(
        "without the password it takes a sign-in of the last minutes; a token alone is not enough")
    func recent() async throws {
        let rig = try await Rig()
        let bare = try await rig.user()
        let key = try #require(
            try await rig.send(
                "POST", "/api/v1/api-keys", ["name": "k", "scopes": ["admin"]], as: bare
            ).json["key"]?.string)
        for token in [bare, key] {
            #expect(try await rig.send("POST", Self.path, as: token).status == 403)
        }
        let old = try await rig.logIn("ada@example.org")
        rig.mesh.clock.advance(by: .seconds(601))
        #expect(try await rig.send("POST", Self.path, as: old).status == 403)
        let wrong = try await rig.send("POST", Self.path, ["password": "wrong"], as: old)
        #expect(wrong.status == 400 && wrong.pointers == ["/password"])
        #expect(try await me(rig, old) == 200)
        let fresh = try await rig.logIn("ada@example.org")
        #expect(try await rig.send("POST", Self.path, as: fresh).status == 200)
        #expect(try await me(rig, old) == 401)
        let owner = try rig.owner
        #expect(try await rig.send("POST", Self.path, Self.proof, as: owner).status == 409)
    }

    @Test("who alone owns a workspace that others are in ends that first; their runs there stay")
    func workspaces() async throws {
        let rig = try await Rig()
        let (ada, bob) = (try await rig.user(), try await rig.user("bob"))
        func workspace(_ name: String) async throws -> String {
            let made = try await rig.send(
                "POST", "/api/v1/workspaces", ["name": .text(name)], as: ada)
            return try #require(made.json["id"]?.string)
        }
        let (shared, alone) = (try await workspace("Shared"), try await workspace("Alone"))
        let invited = try await rig.send(
            "POST", "/api/v1/workspaces/\(shared)/invitations", ["email": "bob@example.org"],
            as: ada)
        try await rig.send(
            "POST", "/api/v1/invitations/accept", ["token": invited.json["token"] ?? .null],
            as: bob)
        guard case .map(let fields) = Rig.session() else { throw Rig.Odd() }
        let made = try await rig.send(
            "POST", "/api/v1/sessions",
            .map(fields + [.init(key: "workspace_id", value: .text(shared))]), as: ada)
        let run = try #require(made.json["id"]?.string)
        try await rig.send("POST", "/api/v1/sessions/\(run)/start", as: ada)
        try await rig.until(run, "completed", as: ada)
        let refused = try await rig.send("POST", Self.path, Self.proof, as: ada)
        #expect(refused.status == 409 && refused.text.contains("Shared"))
        #expect(try await me(rig, ada) == 200)
        try await rig.send(
            "PATCH", "/api/v1/workspaces/\(shared)/members/usr_bob", ["role": "owner"], as: ada)
        let ended = try await rig.send("POST", Self.path, Self.proof, as: ada)
        #expect(ended.status == 200, "\(ended.text)")
        #expect(ended.json["workspaces_deleted"]?.list.map(\.string) == [alone])
        // It can be read by who is left, and charged to nobody.
        let seen = try await rig.send("GET", "/api/v1/sessions/\(run)", as: bob)
        #expect(seen.json["document"]?.string == "Text by the writer")
        let continued = try await rig.send("POST", "/api/v1/sessions/\(run)/continue", as: bob)
        #expect(continued.status == 409)
        let members = try await rig.send(
            "GET", "/api/v1/workspaces/\(shared)/members", as: bob)
        #expect(members.json["items"]?.list.map { $0["user_id"]?.string } == ["usr_bob"])
    }

    @Test("while the orchestrator is away the account ends all the same, and is told of later")
    func away() async throws {
        let rig = try await Rig()
        let ada = try await rig.user()
        let queued = try await rig.makeSession(as: ada)
        rig.orchestrator.fail(Fault(.unavailable, "away"))
        #expect(try await rig.send("POST", Self.path, Self.proof, as: ada).status == 200)
        #expect(try await me(rig, ada) == 401)
        let store = rig.gateway.accounts.store
        #expect(try await store.ended(limit: 9).map(\.account) == ["usr_ada"])
        rig.orchestrator.fail(nil)
        await rig.gateway.ending.sweep()
        #expect(try await store.ended(limit: 9).isEmpty)
        let run = try await rig.mesh.client(as: "gateway").call(
            Orchestrator.GetRun(user: "usr_ada", id: queued))
        #expect(run.state == "cancelled")
    }

    @Test("a sign-in elsewhere is taken back at once, but for the last way in")
    func unlink() async throws {
        let rig = try await Rig(billing: false)
        let accounts = rig.gateway.accounts
        let account = AccountStore.Account(
            id: "usr_eve", email: "eve@example.org", name: "Eve", role: "user", plan: "free",
            passwordHash: "", generation: 1, createdAt: 1, isBillingOpen: true)
        #expect(try await accounts.store.insert(account, atMost: 100))
        for subject in ["1", "2"] {
            try await rig.link(subject, to: "usr_eve", at: Int64(subject) ?? 0)
        }
        let eve = try accounts.token(for: account)
        let list = try await rig.send("GET", "/api/v1/auth/identities", as: eve).json["items"]
        let ids = try #require(list).list.compactMap { $0["id"]?.string }
        #expect(ids.count == 2 && Set(ids).count == 2)
        let stranger = try await rig.user("bob")
        func unlink(_ id: String, _ token: String) async throws -> Int {
            try await rig.send("DELETE", "/api/v1/auth/identities/\(id)", as: token).status
        }
        #expect(try await unlink(ids[0], stranger) == 404)
        #expect(try await unlink(ids[0], eve) == 204)
        #expect(try await unlink(ids[0], eve) == 404)
        let found = try await accounts.store.find(
            issuer: "https://issuer.example", subject: "1")
        #expect(found == nil)
        #expect(try await unlink(ids[1], eve) == 409)
        #expect(try await accounts.store.links(of: "usr_eve").count == 1)
        // A password is a way in as well.
        try await rig.link("3", to: "usr_bob")
        let id = Accounts.linkID("https://issuer.example", "3")
        #expect(try await unlink(id, stranger) == 204)
        let audit = try await rig.send(
            "GET", "/api/v1/admin/audit?action=identity-unlink", as: try rig.owner)
        #expect(audit.json["items"]?.list.count == 2)
    }
}
