import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Workspaces", .serialized, .timeLimit(.minutes(1)))
struct WorkspaceTests {
    /// A workspace of Ada's, with people in it by their roles.
    private struct Group {
        let rig: Rig
        let id: String
        let owner: String
        var path: String { "/api/v1/workspaces/\(id)" }

        init(_ environment: [String: String] = [:]) async throws {
            rig = try await Rig(environment: environment)
            owner = try await rig.user()
            let made = try await rig.send(
                "POST", "/api/v1/workspaces", ["name": "Harbour Lane"], as: owner)
            #expect(made.status == 201 && made.json["role"]?.string == "owner", "\(made.text)")
            id = try #require(made.json["id"]?.string)
        }

        func invite(
            _ name: String, _ role: String, as token: String? = nil
        ) async throws -> Rig.Answer {
            try await rig.send(
                "POST", path + "/invitations",
                ["email": .text("\(name)@example.org"), "role": .text(role)], as: token ?? owner)
        }

        func accept(_ invitation: Rig.Answer, as token: String) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/invitations/accept",
                ["token": invitation.json["token"] ?? .null], as: token)
        }

        /// Makes an account that is in the workspace.
        func join(_ name: String, _ role: String) async throws -> String {
            let token = try await rig.user(name)
            let answer = try await accept(try await invite(name, role), as: token)
            #expect(answer.status == 200 && answer.json["role"]?.string == role, "\(answer.text)")
            return token
        }

        func session(as token: String) async throws -> Rig.Answer {
            guard case .map(var fields) = Rig.session() else { throw Rig.Odd() }
            fields.append(.init(key: "workspace_id", value: .text(id)))
            return try await rig.send("POST", "/api/v1/sessions", .map(fields), as: token)
        }

        func status(
            _ method: String, _ path: String, _ body: WireValue? = nil, as token: String
        ) async throws -> Int {
            try await rig.send(method, path, body, as: token).status
        }
    }

    @Test("a workspace is its members': nobody else can tell it from none")
    func hidden() async throws {
        let group = try await Group()
        let stranger = try await group.rig.user("bob")
        let id = [("X-Request-Id", "the-same-one")]
        for (method, end, body) in [
            ("GET", "", nil), ("PATCH", "", ["name": "x"]), ("DELETE", "", nil),
            ("GET", "/members", nil), ("GET", "/invitations", nil),
            ("POST", "/invitations", ["email": "x@example.org"]),
            ("PATCH", "/members/usr_ada", ["role": "viewer"]), ("DELETE", "/members/usr_ada", nil),
        ] as [(String, String, WireValue?)] {
            let foreign = try await group.rig.send(
                method, group.path + end, body, as: stranger, headers: id)
            let absent = try await group.rig.send(
                method, "/api/v1/workspaces/wsp_none" + end, body, as: stranger, headers: id)
            #expect(foreign.status == 404, "\(method) \(end)")
            #expect(foreign.body == absent.body)
        }
        let list = try await group.rig.send("GET", "/api/v1/workspaces", as: stranger)
        #expect(list.json["items"]?.list.isEmpty == true)
        #expect(try await group.status("GET", group.path, as: group.owner) == 200)
        let nameless = try await group.rig.send(
            "POST", "/api/v1/workspaces", ["name": ""], as: group.owner)
        #expect(nameless.pointers == ["/name"])
    }

    @Test("an invitation lets in one person, once, within a week")
    func invitations() async throws {
        let group = try await Group()
        let (rig, owner) = (group.rig, group.owner)
        let invited = try await group.invite("bob", "viewer")
        #expect(invited.status == 201, "\(invited.text)")
        #expect(invited.json["email_sent"]?.bool == false)
        let token = try #require(invited.json["token"]?.string)
        #expect(invited.json["url"]?.string == "\(rig.url)/invitations/\(token)")
        let list = try await rig.send("GET", group.path + "/invitations", as: owner)
        #expect(list.json["items"]?.list.count == 1)
        #expect(!list.text.contains(token))
        let (bob, eve) = (try await rig.user("bob"), try await rig.user("eve"))
        #expect(try await group.accept(invited, as: eve).status == 403)
        #expect(try await group.accept(invited, as: bob).status == 200)
        #expect(try await group.accept(invited, as: bob).status == 404)
        #expect(try await group.invite("bob", "member").status == 409)
        let members = try await rig.send("GET", group.path + "/members", as: bob).json
        #expect(members["items"]?.list.compactMap { $0["role"]?.string } == ["owner", "viewer"])
        // A second one ends the first; one that is over or withdrawn is none.
        let first = try await group.invite("eve", "member")
        let second = try await group.invite("eve", "viewer")
        #expect(try await group.accept(first, as: eve).status == 404)
        let id = try #require(second.json["id"]?.string)
        let path = group.path + "/invitations/\(id)"
        #expect(try await group.status("DELETE", path, as: bob) == 403)
        #expect(try await group.status("DELETE", path, as: owner) == 204)
        #expect(try await group.accept(second, as: eve).status == 404)
        let late = try await group.invite("eve", "viewer")
        rig.mesh.clock.advance(by: .seconds(604_800))
        let eveLater = try await rig.logIn("eve@example.org")
        #expect(try await group.accept(late, as: eveLater).status == 404)
        await rig.gateway.housekeeping.sweep()
        let again = try await rig.logIn("ada@example.org")
        let none = try await rig.send("GET", group.path + "/invitations", as: again)
        #expect(none.json["items"]?.list.isEmpty == true)
        for (body, pointer) in [
            (["email": "x"], "/email"), (["email": "x@example.org", "role": "boss"], "/role"),
        ] as [(WireValue, String)] {
            let refused = try await rig.send("POST", group.path + "/invitations", body, as: again)
            #expect(refused.pointers == [pointer])
        }
    }

    @Test("an invitation goes out by e-mail where people can reach us")
    func mail() async throws {
        let group = try await Group(["ATELIER_PUBLIC_URL": "https://a.example"])
        try await group.rig.startProviders(group.rig.outside.settings)
        let invited = try await group.invite("bob", "member")
        #expect(invited.json["email_sent"]?.bool == true, "\(invited.text)")
        let token = try #require(invited.json["token"]?.string)
        #expect(invited.json["url"]?.string == "https://a.example/invitations/\(token)")
    }

    @Test("owners do everything, admins manage those below them, and an owner is always left")
    func roles() async throws {
        let group = try await Group()
        let (rig, owner) = (group.rig, group.owner)
        let admin = try await group.join("adam", "admin")
        let member = try await group.join("mia", "member")
        let viewer = try await group.join("vic", "viewer")
        func change(_ who: String, _ role: String, as token: String) async throws -> Int {
            try await group.status(
                "PATCH", group.path + "/members/usr_\(who)", ["role": .text(role)], as: token)
        }
        for token in [member, viewer] {
            #expect(try await change("vic", "viewer", as: token) == 403)
            #expect(try await group.invite("x", "viewer", as: token).status == 403)
            #expect(try await group.status("PATCH", group.path, ["name": "x"], as: token) == 403)
            #expect(try await group.status("GET", group.path + "/invitations", as: token) == 403)
        }
        #expect(try await change("vic", "member", as: admin) == 200)
        #expect(try await change("vic", "viewer", as: admin) == 200)
        #expect(try await change("vic", "admin", as: admin) == 403)
        #expect(try await change("adam", "owner", as: admin) == 403)
        #expect(try await change("ada", "viewer", as: admin) == 403)
        #expect(try await group.invite("x", "admin", as: admin).status == 403)
        #expect(try await group.invite("x", "member", as: admin).status == 201)
        #expect(try await group.status("PATCH", group.path, ["name": "New"], as: admin) == 200)
        #expect(try await group.status("DELETE", group.path, as: admin) == 403)
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_ada", as: admin) == 403)
        // The last owner stays until there is another one.
        #expect(try await change("ada", "member", as: owner) == 409)
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_ada", as: owner) == 409)
        #expect(try await change("adam", "owner", as: owner) == 200)
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_ada", as: owner) == 204)
        #expect(try await group.status("GET", group.path, as: owner) == 404)
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_vic", as: viewer) == 204)
        #expect(try await change("vic", "viewer", as: admin) == 404)
        // What an inviter may not give any more is not taken.
        let pending = try await group.invite("zoe", "owner", as: admin)
        let zoe = try await rig.user("zoe")
        #expect(try await change("mia", "owner", as: admin) == 200)
        #expect(try await change("adam", "member", as: member) == 200)
        #expect(try await group.accept(pending, as: zoe).status == 404)
        let log = try await rig.send(
            "GET", "/api/v1/admin/audit?target=\(group.id)&limit=200", as: try rig.owner)
        let actions = Set(log.json["items"]?.list.compactMap { $0["action"]?.string } ?? [])
        #expect(
            actions == [
                "workspace-make", "workspace-rename", "invite", "member-join", "member-role",
                "member-remove",
            ])
        #expect(!log.text.contains("inv_" + "A") && !log.text.contains("@example.org"))
    }

    @Test("members see and work on a workspace's runs, viewers look, and others see nothing")
    func runs() async throws {
        let group = try await Group()
        let (rig, owner) = (group.rig, group.owner)
        let member = try await group.join("mia", "member")
        let viewer = try await group.join("vic", "viewer")
        let stranger = try await rig.user("bob")
        let made = try await group.session(as: owner)
        #expect(made.status == 201 && made.json["workspace_id"]?.string == group.id, "\(made.text)")
        let run = try #require(made.json["id"]?.string)
        let alone = try await rig.makeSession(as: owner)
        #expect(try await group.session(as: viewer).status == 403)
        #expect(try await group.session(as: stranger).pointers == ["/workspace_id"])
        func listed(_ query: String, as token: String) async throws -> [String] {
            try await rig.send("GET", "/api/v1/runs" + query, as: token).json["items"]?.list
                .compactMap { $0["id"]?.string } ?? []
        }
        #expect(Set(try await listed("", as: owner)) == [run, alone])
        for token in [member, viewer] {
            #expect(try await listed("", as: token) == [run])
            #expect(try await listed("?workspace_id=\(group.id)", as: token) == [run])
            for path in ["/runs/\(run)", "/sessions/\(run)", "/runs/\(run)/events"] {
                #expect(try await group.status("GET", "/api/v1" + path, as: token) == 200)
            }
            #expect(try await group.status("GET", "/api/v1/runs/\(alone)", as: token) == 404)
        }
        #expect(try await listed("", as: stranger).isEmpty)
        #expect(
            try await group.status("GET", "/api/v1/runs?workspace_id=\(group.id)", as: stranger)
                == 404)
        let id = [("X-Request-Id", "the-same-one")]
        for path in ["/runs/\(run)", "/sessions/\(run)", "/runs/\(run)/stream"] {
            let foreign = try await rig.send("GET", "/api/v1" + path, as: stranger, headers: id)
            let absent = try await rig.send(
                "GET", "/api/v1" + path.replacing(run, with: "run_none"), as: stranger, headers: id)
            #expect(foreign.status == 404)
            #expect(
                foreign.text.replacing(run, with: "") == absent.text.replacing("run_none", with: "")
            )
        }
        for path in ["/runs/\(run)/cancel", "/sessions/\(run)/start", "/runs/\(run)/fork"] {
            let body: WireValue? = path.hasSuffix("fork") ? ["from_step": "x"] : nil
            #expect(try await group.status("POST", "/api/v1" + path, body, as: viewer) == 403)
            #expect(try await group.status("POST", "/api/v1" + path, body, as: stranger) == 404)
        }
        let comments = "/api/v1/runs/\(run)/comments"
        for (token, author) in [(owner, "usr_ada"), (member, "usr_mia")] {
            // The same key of two people is two keys.
            let said = try await rig.send(
                "POST", comments, ["text": "Good."], as: token,
                headers: [("Idempotency-Key", "k")])
            #expect(said.json["author_id"]?.string == author, "\(said.text)")
        }
        #expect(try await group.status("POST", comments, ["text": "x"], as: viewer) == 403)
        #expect(try await group.status("GET", comments, as: viewer) == 200)
        #expect(try await group.status("POST", "/api/v1/sessions/\(run)/start", as: member) == 200)
        try await rig.until(run, "completed", as: viewer)
        let artifacts = try await rig.send("GET", "/api/v1/runs/\(run)/artifacts", as: viewer).json
        let artifact = try #require(artifacts["items"]?[0]?["id"]?.string)
        let path = "/api/v1/artifacts/\(artifact)"
        #expect(try await group.status("GET", path + "/content", as: viewer) == 200)
        #expect(try await group.status("GET", path, as: stranger) == 404)
        #expect(try await group.status("DELETE", path, as: viewer) == 403)
        let log = try await rig.send(
            "GET", "/api/v1/admin/audit?action=run-change&target=\(run)", as: try rig.owner
        ).json
        // What the member said, and what they did.
        #expect(log["items"]?.list.compactMap { $0["actor"]?.string } == ["usr_mia", "usr_mia"])
    }

    @Test("who leaves sees its runs no more, not even their own, until the workspace is no more")
    func leaving() async throws {
        let group = try await Group()
        let (rig, owner) = (group.rig, group.owner)
        let member = try await group.join("mia", "member")
        let made = try await group.session(as: member)
        let run = try #require(made.json["id"]?.string)
        let path = "/api/v1/runs/\(run)"
        func listed(as token: String) async throws -> Int {
            try await rig.send("GET", "/api/v1/runs", as: token).json["items"]?.list.count ?? -1
        }
        for token in [owner, member] {
            #expect(try await group.status("GET", path, as: token) == 200)
        }
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_mia", as: owner) == 204)
        #expect(try await group.status("GET", path, as: member) == 404)
        #expect(try await group.status("POST", path + "/cancel", as: member) == 404)
        #expect(try await listed(as: member) == 0)
        #expect(try await group.status("GET", path, as: owner) == 200)
        #expect(try await listed(as: owner) == 1)
        // What cannot be left to its makers is not deleted.
        rig.orchestrator.fail(Fault(.unavailable, "away"))
        #expect(try await group.status("DELETE", group.path, as: owner) == 503)
        rig.orchestrator.fail(nil)
        #expect(try await group.status("GET", group.path, as: owner) == 200)
        #expect(try await group.status("DELETE", group.path, as: owner) == 204)
        #expect(try await group.status("GET", path, as: owner) == 404)
        #expect(try await listed(as: owner) == 0)
        #expect(try await group.status("GET", path, as: member) == 200)
        #expect(try await listed(as: member) == 1)
    }

    @Test("who is taken out of a workspace is told nothing more of a run that they watch")
    func watching() async throws {
        let group = try await Group()
        let (rig, owner) = (group.rig, group.owner)
        let viewer = try await group.join("vic", "viewer")
        let run = try #require(try await group.session(as: owner).json["id"]?.string)
        let stream = try await rig.stream(run, as: viewer)
        #expect(await soon { rig.orchestrator.follows == 1 })
        #expect(
            try await group.status("DELETE", group.path + "/members/usr_vic", as: owner) == 204)
        var last: String?
        while let event = try await stream.next() { last = event.type }
        #expect(last == "reconnect")
        #expect(
            try await group.status("GET", "/api/v1/runs/\(run)/stream", as: viewer) == 404)
    }

    @Test("a schedule makes runs of its user's alone")
    func schedule() async throws {
        let group = try await Group()
        guard case .map(var fields) = Rig.session() else { throw Rig.Odd() }
        fields.append(.init(key: "workspace_id", value: .text(group.id)))
        let refused = try await group.rig.send(
            "POST", "/api/v1/schedules",
            ["title": "t", "cron": "0 9 * * *", "session": .map(fields)], as: group.owner)
        #expect(refused.pointers == ["/session/workspace_id"], "\(refused.text)")
    }
}
