import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

/// From a run to its notice and its e-mail, with the real services behind.
@Suite("Notices over HTTP", .serialized, .timeLimit(.minutes(1)))
struct NoticeSurfaceTests {
    private static let path = "/api/v1/notices"

    private func notices(_ rig: Rig, _ token: String, _ query: String = "") async throws
        -> WireValue
    {
        try await rig.send("GET", Self.path + query, as: token).json
    }

    private func until(_ rig: Rig, _ token: String, count: Int) async throws -> [WireValue] {
        #expect(try await soon { try await notices(rig, token)["items"]?.list.count == count })
        return try await notices(rig, token)["items"]?.list ?? []
    }

    @Test("a run that ends is told to who began it, read, and counted; to nobody else")
    func told() async throws {
        let rig = try await Rig()
        let (ada, bob) = (try await rig.user(), try await rig.user("bob"))
        let id = try await rig.completeSession(as: ada)
        let notice = try #require(try await until(rig, ada, count: 1).first)
        #expect(notice["kind"]?.string == "run_completed" && notice["run_id"]?.string == id)
        #expect(notice["title"]?.string == "Completed: Title")
        #expect(notice["email"]?.string == "none" && notice["read_at"]?.string == nil)
        #expect(notice["at"]?.string?.hasSuffix("Z") == true)
        func unread(_ token: String) async throws -> Int64? {
            try await rig.send("GET", Self.path + "/unread", as: token).json["count"]?.int
        }
        #expect(try await unread(ada) == 1)
        #expect(try await unread(bob) == 0)
        #expect(try await notices(rig, bob)["items"]?.list.isEmpty == true)
        let foreign = try await rig.send(
            "POST", Self.path + "/read", ["up_to": notice["id"] ?? .null], as: bob)
        #expect(foreign.status == 404)
        let read = try await rig.send(
            "POST", Self.path + "/read", ["up_to": notice["id"] ?? .null], as: ada)
        #expect(read.status == 200 && read.json["count"]?.int == 0)
        #expect(try await notices(rig, ada)["items"]?[0]?["read_at"]?.string != nil)
        #expect(try await rig.send("POST", Self.path + "/read", as: ada).json["count"]?.int == 0)
    }

    @Test("notices come page by page, each once")
    func pages() async throws {
        let rig = try await Rig()
        let ada = try await rig.user()
        for _ in 0..<3 { _ = try await rig.completeSession(as: ada) }
        let all = try await until(rig, ada, count: 3).compactMap { $0["id"]?.string }
        var seen: [String] = []
        var query = "?limit=2"
        for _ in 0..<2 {
            let page = try await notices(rig, ada, query)
            seen += page["items"]?.list.compactMap { $0["id"]?.string } ?? []
            guard let next = page["next_cursor"]?.string else { break }
            query = "?limit=2&cursor=\(next)"
        }
        #expect(seen == all)
        for bad in ["?cursor=nonsense", "?limit=0", "?limit=201"] {
            #expect(try await rig.send("GET", Self.path + bad, as: ada).status == 400)
        }
    }

    @Test("who wishes for e-mail gets one, once, though the providers service was away")
    func mailed() async throws {
        let rig = try await Rig(environment: ["ATELIER_PUBLIC_URL": "https://a.example/"])
        let ada = try await rig.user()
        let ways: WireValue = ["in_app": true, "email": true]
        let wishes: WireValue = [
            "gate_waiting": ways, "run_completed": ways, "run_failed": ways,
            "experiment_winner": ways, "credits_low": ways,
        ]
        try await rig.send("PUT", "/api/v1/notifications", wishes, as: ada)
        rig.providers.failMails(Fault(.unavailable, "away"))
        let id = try await rig.completeSession(as: ada)
        #expect(try await until(rig, ada, count: 1).first?["email"]?.string == "waiting")
        #expect(await soon { rig.providers.mailsAsked > 0 })
        try await rig.startProviders(rig.outside.settings)
        let isSent = try await soon {
            rig.mesh.clock.advance(by: .seconds(10))
            await rig.gateway.post.sweep()
            return try await notices(rig, ada)["items"]?[0]?["email"]?.string == "sent"
        }
        #expect(isSent && rig.outside.mails.count == 1)
        let mail = try WireValue(json: try #require(rig.outside.mails.values.first))
        #expect(mail["to"]?.list.compactMap(\.string) == ["ada@example.org"])
        #expect(mail["subject"]?.string == "Completed: Title")
        #expect(mail["text"]?.string?.contains("https://a.example/runs/\(id)\n") == true)
        #expect(mail["html"]?.string?.contains("https://a.example/settings/notifications") == true)
    }

    @Test("an account that ends takes its notices with it")
    func ended() async throws {
        let rig = try await Rig()
        let ada = try await rig.user()
        _ = try await rig.completeSession(as: ada)
        _ = try await until(rig, ada, count: 1)
        let ended = try await rig.send(
            "POST", "/api/v1/user/me/delete", ["password": .text(Rig.password)], as: ada)
        #expect(ended.status == 200)
        let left = try await rig.gateway.notices.store.list(of: "usr_ada", after: nil, limit: 9)
        #expect(left.isEmpty)
    }
}
