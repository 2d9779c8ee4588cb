import Contracts
import Curl
import Database
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Costs, comments and the admin's lists", .timeLimit(.minutes(1)))
struct CostTests {
    /// Figures as analytics would give them.
    struct FakeAnalytics: ServiceNode {
        typealias Service = Analytics
        static let migrations: [Migration] = []
        static let commands = Commands(Analytics.contract)

        init(_ kit: NodeKit) async throws {}

        var routes: Routes { Routes(partOf: Analytics.contract, usage) }

        @Sendable private func usage(
            _ request: Analytics.GetUsage, _ call: Call
        ) async throws -> Analytics.UsageReport {
            let totals = Analytics.Totals(
                turns: request.run == nil ? 9 : 2, failures: 0, inputTokens: 100, outputTokens: 50,
                costMicroUSD: 12_500, durationMilliseconds: 5)
            return Analytics.UsageReport(
                totals: totals, models: [.init(name: "fake/fake-1", totals: totals)], days: [])
        }
    }

    @Test("a session is estimated before it is made, and nothing is")
    func estimate() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let found = try await rig.send(
            "POST", "/api/v1/runs/estimate", Rig.session(rounds: 3), as: token)
        #expect(found.status == 200, "\(found.text)")
        #expect(found.json["is_estimate"]?.bool == true)
        #expect(found.json["turns"]?["from"]?.int == 2 && found.json["turns"]?["to"]?.int == 6)
        #expect(found.json["credits"]?["from"]?.number == 0.2)
        #expect(found.json["held"]?.number == 0.6)
        // The stand-in has no prices.
        #expect(found.json["is_priced"]?.bool == false)
        let runs = try await rig.send("GET", "/api/v1/runs", as: token).json["items"]
        #expect(runs?.list.isEmpty == true)
        let bad = try await rig.send(
            "POST", "/api/v1/runs/estimate", ["draft": "x", "max_rounds": 99], as: token)
        #expect(bad.pointers == ["/max_rounds"])
        let time = try await rig.send(
            "POST", "/api/v1/runs/estimate", ["draft": "x", "time_limit": -1], as: token)
        #expect(time.pointers == ["/time_limit"])
    }

    @Test("what a run has cost is told by model, to its owner alone")
    func cost() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let path = "/api/v1/runs/\(id)/cost"
        #expect(try await rig.send("GET", path, as: token).status == 503)
        try await rig.mesh.start(FakeAnalytics.self)
        let cost = try await rig.send("GET", path, as: token)
        #expect(cost.status == 200, "\(cost.text)")
        #expect(cost.json["run_id"]?.string == id && cost.json["credits"]?.number == 0)
        #expect(cost.json["dollars"]?.number == 0.0125 && cost.json["turns"]?.int == 2)
        #expect(cost.json["models"]?[0]?["model"]?.string == "fake/fake-1")
        #expect(try await rig.send("GET", path, as: try await rig.user("bob")).status == 404)
    }

    @Test("what was used lately is told by day, and in one look")
    func usage() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        try await rig.mesh.start(FakeAnalytics.self)
        _ = try await rig.makeSession(as: token)
        let usage = try await rig.send("GET", "/api/v1/billing/usage?days=7", as: token).json
        #expect(usage["since"]?.string == "2025-12-26T00:00:00.000Z")
        #expect(usage["turns"]?.int == 9 && usage["dollars"]?.number == 0.0125)
        let summary = try await rig.send("GET", "/api/v1/analytics/summary", as: token).json
        #expect(summary["runs"]?[0]?["state"]?.string == "queued")
        #expect(summary["models"]?[0]?["model"]?.string == "fake/fake-1")
        #expect(summary["seconds_per_turn"]?.number != nil)
        for days in ["0", "367", "x"] {
            let bad = try await rig.send("GET", "/api/v1/billing/usage?days=\(days)", as: token)
            #expect(bad.status == 400)
        }
    }

    @Test("comments are kept once for a key, in their order, page by page")
    func comments() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let path = "/api/v1/runs/\(id)/comments"
        for text in ["One.", "Two.", "Two."] {
            let made = try await rig.send(
                "POST", path, ["text": .text(text), "about": "/r1"], as: token,
                headers: [("Idempotency-Key", text)])
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["author_id"]?.string == "usr_ada")
        }
        let first = try await rig.send("GET", path + "?limit=1", as: token).json
        #expect(first["items"]?.list.count == 1)
        #expect(first["items"]?[0]?["text"]?.string == "One.")
        #expect(first["items"]?[0]?["about"]?.string == "/r1")
        let cursor = try #require(first["next_cursor"]?.string)
        let rest = try await rig.send("GET", path + "?cursor=\(cursor)", as: token).json
        #expect(rest["items"]?.list.map { $0["text"]?.string } == ["Two."])
        #expect(rest["next_cursor"] == .null)
        for (body, pointer) in [
            (["text": " "], "/text"), (["text": "x", "about": ""], "/about"),
            (["text": .text(String(repeating: "x", count: 10_001))], "/text"),
        ] as [(WireValue, String)] {
            #expect(try await rig.send("POST", path, body, as: token).pointers == [pointer])
        }
        #expect(try await rig.send("GET", path + "?cursor=x", as: token).status == 400)
        let other = try await rig.user("bob")
        #expect(try await rig.send("POST", path, ["text": "x"], as: other).status == 404)
    }

    @Test("an administrator sees how services fare and everybody's runs; others do not")
    func admin() async throws {
        let rig = try await Rig()
        let (ada, bob) = (try await rig.user(), try await rig.user("bob"))
        let first = try await rig.makeSession(as: ada)
        rig.mesh.clock.advance(by: .seconds(1))
        let second = try await rig.makeSession(as: bob)
        let runs = try await rig.send("GET", "/api/v1/admin/runs", as: try rig.owner).json["items"]
        #expect(runs?.list.map { $0["id"]?.string } == [second, first])
        #expect(runs?.list.map { $0["user_id"]?.string } == ["usr_bob", "usr_ada"])
        let own = try await rig.send(
            "GET", "/api/v1/admin/runs?user_id=usr_ada&state=queued", as: try rig.owner
        ).json["items"]
        #expect(own?.list.map { $0["id"]?.string } == [first])
        let services = try await rig.send(
            "GET", "/api/v1/admin/services", as: try rig.owner
        ).json["items"]?.list
        let up = services?.filter { $0["up"]?.bool == true }.compactMap { $0["service"]?.string }
        #expect(up == ["billing", "gateway", "orchestrator", "providers", "storage"])
        let orchestrator = services?.first { $0["service"]?.string == "orchestrator" }
        #expect(orchestrator?["calls"]?.int ?? 0 > 0)
        #expect(orchestrator?["resident_bytes"]?.int ?? 0 > 0)
        for path in ["/api/v1/admin/runs", "/api/v1/admin/services"] {
            #expect(try await rig.send("GET", path, as: ada).status == 403)
            #expect(try await rig.send("GET", path).status == 401)
        }
        let odd = try await rig.send(
            "GET", "/api/v1/admin/runs?state=odd", as: try rig.owner)
        #expect(odd.status == 400)
    }
}
