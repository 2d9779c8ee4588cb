import Contracts
import Curl
import Fakes
import FoundationEssentials
import REST
import Testing
import Testkit
import Wire

@testable import GatewayService

/// Everything that a route may name, made by one user: what others then ask for.
struct AccessWorld: Sendable {
    enum Actor: String, CaseIterable, Sendable { case nobody, stranger, member, admin, owner }

    static let actors: [Actor] = [.nobody, .stranger, .member, .admin, .owner]

    let rig: Rig
    let owner: String
    let stranger: String
    /// In the workspace that the owner's runs belong to.
    let member: String
    private var names: [String: String] = [:]
    /// An administrator may forget anybody's: each has one to forget.
    private var artifacts: [Actor: String] = [:]

    init() async throws {
        rig = try await Rig(
            realStorage: true,
            orchestrator: [
                "ATELIER_WEBHOOKS_PRIVATE": "1", "ATELIER_WEBHOOK_MILLISECONDS": "2",
            ])
        owner = try await rig.user("ada")
        stranger = try await rig.user("bob")
        member = try await rig.user("mia")
        let space = try await makeWorkspace()
        names["/webhooks/{id}"] = try await make(
            "/webhooks", ["url": .text(rig.url + "/nobody"), "events": ["run.completed"]])
        guard case .map(var session) = Rig.session() else { throw Rig.Odd() }
        session += [.init(key: "workspace_id", value: .text(space))]
        let run = try await make("/sessions", .map(session))
        try await rig.send("POST", "/api/v1/sessions/\(run)/start", as: owner)
        try await rig.until(run, "completed", as: owner)
        (names["/runs/{id}"], names["/sessions/{id}"]) = (run, run)
        names["/sessions/{id}/suggestions/{n}"] = "1"
        let template = """
            {"format": "atelier.template", "version": 1, "studio": "write", "name": "Review",
             "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}],
             "steps": [{"loop": {"max": 1, "steps": [{"turn": "Writer"}, {"turn": "Critic"}]}},
              {"gate": {"name": "final", "prompt": "Good?"}}]}
            """
        let kept = try await make("/templates", try WireValue(json: Array(template.utf8)))
        names["/templates/{id}"] = kept
        let waiting = try await make(
            "/templates/\(kept)/runs",
            ["draft": "A draft.", "max_rounds": 1, "workspace_id": .text(space)])
        try await rig.until(waiting, "waiting", as: owner)
        (names["/runs/{id}/gates"], names["/runs/{id}/gates/{gate}"]) = (waiting, "final")
        names["/schedules/{id}"] = try await make(
            "/schedules", ["cron": "0 6 * * *", "session": Rig.session()])
        names["/api-keys/{id}"] = try await make("/api-keys", ["name": "a key"])
        for actor in Self.actors {
            artifacts[actor] = try await make(
                "/references", ["name": .text("\(actor).txt"), "content": "Text."])
        }
        let link = try await rig.send(
            "POST", "/api/v1/artifacts/\(artifacts[.nobody] ?? "")/links", ["seconds": 600],
            as: owner
        ).json
        names["/links/{id}"] = link["id"]?.string
        names["/links/{token}"] = link["url"]?.string.map { String($0.dropFirst(7)) }
        for user in [owner, stranger, member, try rig.owner] {
            try await rig.send(
                "PUT", "/api/v1/provider-keys/openai", ["key": "sk-0123456789"], as: user)
        }
        (names["/provider-keys/{provider}"], names["/v1/models/{model}"]) = ("openai", "m")
        names["/v1/models/{model}/{name}"] = "n"
        for path in ["/budgets", "/admin/budgets"] {
            names["\(path)/{scope}"] = "run"
            names["\(path)/{scope}/{subject}"] = names["/runs/{id}"]
        }
        try await findDelivery()
        _ = try await rig.logIn("ada@example.org")
        names["/auth/sessions/{id}"] =
            try await rig.send("GET", "/api/v1/auth/sessions", as: owner).json["items"]?[0]?["id"]?
            .string
        try await rig.link("1", to: "usr_ada")
        names["/auth/identities/{id}"] = Accounts.linkID("https://issuer.example", "1")
        // Real ones from here on, so that what other makers' clients ask is answered.
        try await rig.startProviders([:])
    }

    private func make(_ path: String, _ body: WireValue) async throws -> String {
        let made = try await rig.send("POST", "/api/v1" + path, body, as: owner)
        return try #require(made.json["id"]?.string, "\(path): \(made.text)")
    }

    /// With a member, a viewer and somebody who is invited.
    private mutating func makeWorkspace() async throws -> String {
        let id = try await make("/workspaces", ["name": "Harbour Lane"])
        let viewer = try await rig.user("vic")
        for (name, token, role) in [("mia", member, "member"), ("vic", viewer, "viewer")] {
            let invited = try await rig.send(
                "POST", "/api/v1/workspaces/\(id)/invitations",
                ["email": .text("\(name)@example.org"), "role": .text(role)], as: owner
            ).json
            try await rig.send(
                "POST", "/api/v1/invitations/accept", ["token": invited["token"] ?? .null],
                as: token)
        }
        names["/workspaces/{id}"] = id
        names["/workspaces/{id}/members/{user}"] = "usr_vic"
        names["/workspaces/{id}/invitations/{invitation}"] = try await make(
            "/workspaces/\(id)/invitations", ["email": "zoe@example.org"])
        names["/admin/users/{id}"] = "usr_vic"
        return id
    }

    private mutating func findDelivery() async throws {
        let path = "/api/v1/webhooks/\(names["/webhooks/{id}"] ?? "")/deliveries"
        let (rig, owner) = (rig, owner)
        func first() async throws -> String? {
            try await rig.send("GET", path, as: owner).json["items"]?[0]?["id"]?.string
        }
        #expect(try await soon { try await first() != nil })
        names["/webhooks/{id}/deliveries/{delivery}"] = try await first()
    }

    // MARK: Asking

    /// What an actor is answered: a status that keeps away, or `yes` for any other.
    func outcome(of endpoint: Endpoint, for actor: Actor) async throws -> String {
        let path = try path(of: endpoint, for: actor)
        let headers = [("Origin", rig.url), ("Content-Type", "application/json")]
        let answer = try await rig.send(
            endpoint.method, path, as: try await credentials(of: actor, for: endpoint),
            headers: headers, bytes: Array((endpoint.reference.example ?? "").utf8))
        switch answer.status {
        case 401, 403, 404, 500: return "\(answer.status)"
        default: return "yes"
        }
    }

    private func credentials(of actor: Actor, for endpoint: Endpoint) async throws -> String? {
        switch actor {
        case .nobody: return nil
        case .admin: return try rig.owner
        case .stranger, .member, .owner:
            // What ends tokens is asked by somebody who is not needed afterwards.
            if endpoint.path.hasPrefix("/user/me/password") || endpoint.path.contains("logout-") {
                return try await rig.user("\(actor)-\(endpoint.path.utf8.count)")
            }
            return actor == .owner ? owner : actor == .member ? member : stranger
        }
    }

    private func path(of endpoint: Endpoint, for actor: Actor) throws -> String {
        var (real, declared) = (endpoint.isRoot ? "" : "/api/v1", "")
        for part in endpoint.path.split(separator: "/") {
            declared += "/" + part
            guard part.hasPrefix("{") else {
                real += "/" + part
                continue
            }
            let name = try #require(
                find(declared, in: endpoint.path, for: actor),
                "AccessWorld has nothing for \(declared)")
            real += "/" + name
        }
        return real.isEmpty ? "/" : real
    }

    private func find(_ declared: String, in path: String, for actor: Actor) -> String? {
        if declared == "/artifacts/{id}" { return artifacts[actor] }
        if path.hasPrefix("/runs/{id}/gates"), declared == "/runs/{id}" {
            return names["/runs/{id}/gates"]
        }
        return names[declared]
    }
}
