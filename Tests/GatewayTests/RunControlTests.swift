import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Synchronization
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Control of runs over HTTP", .serialized, .timeLimit(.minutes(1)))
struct RunControlTests {
    @Test("a failed session is retried: what failed is asked anew, the rest is kept")
    func retry() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let isBroken = Mutex(true)
        rig.providers.answer { request, _ in
            if request.agent == "Writer" { return .init(["Text by the writer"]) }
            return isBroken.withLock { $0 }
                ? .init(["Half"], failure: Fault(.upstream, "the model fell over"))
                : .init(["Score: 9/10"])
        }
        let id = try await rig.makeSession(as: token)
        let early = try await rig.send("POST", "/api/v1/runs/\(id)/retry", as: token)
        #expect(early.status == 409)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        try await rig.until(id, "failed", as: token)
        isBroken.withLock { $0 = false }
        let retried = try await rig.send("POST", "/api/v1/runs/\(id)/retry", as: token)
        #expect(retried.status == 200 && retried.json["id"]?.string == id, "\(retried.text)")
        try await rig.until(id, "completed", as: token)
        let session = try await rig.send("GET", "/api/v1/sessions/\(id)", as: token).json
        #expect(session["score"]?.number == 9 && session["cost"]?.number == 0.2)
        #expect(rig.providers.asked.map(\.request.agent) == ["Writer", "Critic", "Critic"])
        let events = try await rig.send("GET", "/api/v1/runs/\(id)/events?after=1", as: token).json
        let types = try #require(events["items"]?.list.compactMap { $0["type"]?.string })
        #expect(types.contains("run.failed") && types.contains("run.resumed"))
        #expect(events["items"]?[0]?["seq"]?.int == 2)
    }

    @Test("a run is forked from any of its steps, once per key, and what cannot be is said")
    func fork() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let steps = try await rig.send("GET", "/api/v1/runs/\(id)/steps", as: token).json
        let paths = try #require(steps["items"]?.list.compactMap { $0["path"]?.string })
        let ask = try #require(paths.last { $0.hasSuffix(".ask") })
        #expect(steps["items"]?[0]?["state"]?.string == "done")
        let body: WireValue = ["from_step": .text(ask), "title": "Again"]
        let key = [("Idempotency-Key", "k1")]
        let path = "/api/v1/runs/\(id)/fork"
        let fork = try await rig.send("POST", path, body, as: token, headers: key)
        #expect(fork.status == 201, "\(fork.text)")
        let made = try #require(fork.json["id"]?.string)
        #expect(made != id && fork.json["forked_from"]?.string == id)
        #expect(fork.json["forked_at"]?.string == ask && fork.json["title"]?.string == "Again")
        let again = try await rig.send("POST", path, body, as: token, headers: key)
        #expect(again.json["id"]?.string == made)
        try await rig.until(made, "completed", as: token)
        #expect(rig.providers.asked.map(\.request.agent) == ["Writer", "Critic", "Critic"])
        for (body, pointer): (WireValue, String) in [
            (["from_step": "9.none"], "/from_step"),
            (["from_step": .text(ask), "input": ["max_rounds": 1]], "/input"),
            ([:], "/from_step"),
        ] {
            let refused = try await rig.send("POST", path, body, as: token)
            #expect(refused.status == 400 && refused.pointers == [pointer], "\(refused.text)")
        }
    }

    @Test("what a run may cost and take is said with the session, and changed while it is paused")
    func limits() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        guard case .map(var fields) = Rig.session(rounds: 2) else { throw Rig.Odd() }
        fields += [
            .init(key: "spend_limit", value: 0.2), .init(key: "time_limit", value: 3_600),
        ]
        let made = try await rig.send("POST", "/api/v1/sessions", .map(fields), as: token)
        #expect(made.json["spend_limit"]?.number == 0.2, "\(made.text)")
        #expect(made.json["time_limit"]?.int == 3_600)
        let id = try #require(made.json["id"]?.string)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        try await rig.until(id, "paused", as: token)
        let paused = try await rig.send("GET", "/api/v1/runs/\(id)", as: token).json
        #expect(paused["stop_reason"]?.string?.contains("spending limit") == true)
        #expect(paused["cost"]?.number == 0.2)
        let more = try await rig.send(
            "PUT", "/api/v1/runs/\(id)/limits", ["spend_limit": 5], as: token)
        #expect(more.json["spend_limit"]?.number == 5, "\(more.text)")
        try await rig.send("POST", "/api/v1/runs/\(id)/resume", as: token)
        try await rig.until(id, "completed", as: token)
        for (body, pointer): (WireValue, String) in [
            (["spend_limit": -1], "/spend_limit"), (["time_limit": 0], "/time_limit"),
            (["spend_limit": 1e300], "/spend_limit"),
        ] {
            for (method, path) in [("PUT", "/runs/\(id)/limits"), ("POST", "/sessions")] {
                guard case .map(var all) = Rig.session(), case .map(let own) = body else { break }
                if method == "POST" { all += own } else { all = own }
                let refused = try await rig.send(method, "/api/v1" + path, .map(all), as: token)
                #expect(refused.status == 400 && refused.pointers == [pointer], "\(refused.text)")
            }
        }
    }

    @Test("a cancel reaches the answer that is being written")
    func cancel() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(1)
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        #expect(await soon { rig.providers.reads > 0 })
        let cancelled = try await rig.send("POST", "/api/v1/runs/\(id)/cancel", as: token)
        #expect(cancelled.status == 200)
        #expect(await soon { rig.providers.cancelled == rig.providers.asked.map(\.request.key) })
        try await rig.until(id, "cancelled", as: token)
    }

    @Test("schedules are made of any template, shown with their next moments, moved and deleted")
    func schedules() async throws {
        let rig = try await Rig(orchestrator: ["ATELIER_SCHEDULE_MILLISECONDS": "2"])
        let token = try await rig.user()
        let body: WireValue = [
            "cron": "0 * * * *", "zone": "+01:00",
            "session": ["title": "Hourly", "draft": "A draft.", "template_id": "technical"],
        ]
        let key = [("Idempotency-Key", "k")]
        let made = try await rig.send("POST", "/api/v1/schedules", body, as: token, headers: key)
        #expect(made.status == 201, "\(made.text)")
        let id = try #require(made.json["id"]?.string)
        let same = try await rig.send("POST", "/api/v1/schedules", body, as: token, headers: key)
        #expect(same.json["id"]?.string == id)
        #expect(made.json["template_id"]?.string == "technical")
        #expect(made.json["upcoming"]?.list.count == 5 && made.json["zone"]?.string == "+01:00")
        let path = "/api/v1/schedules/\(id)"
        rig.mesh.clock.advance(by: .seconds(3_600))
        #expect(
            try await soon { try await rig.send("GET", path, as: token).json["runs"]?.int == 1 })
        let run = try await rig.send("GET", path, as: token).json["last_run_id"]?.string
        let session = try await rig.send(
            "GET", "/api/v1/sessions/\(try #require(run))", as: token)
        #expect(session.json["template_id"]?.string == "technical")
        let paused = try await rig.send("PATCH", path, ["paused": true], as: token).json
        #expect(paused["paused"]?.bool == true && paused["next_at"] == nil)
        let list = try await rig.send("GET", "/api/v1/schedules", as: token).json["items"]
        #expect(list?.list.count == 1 && list?[0]?["upcoming"] == nil)
        for (change, pointer): (WireValue, String) in [
            (["cron": "x"], "/cron"), (["zone": "Mars"], "/zone"), (["overlap": "x"], "/overlap"),
        ] {
            #expect(try await rig.send("PATCH", path, change, as: token).pointers == [pointer])
        }
        let bad = try await rig.send(
            "POST", "/api/v1/schedules",
            ["cron": "0 * * * *", "session": ["draft": "x", "max_rounds": 99]], as: token)
        #expect(bad.status == 400 && bad.pointers == ["/session/max_rounds"], "\(bad.text)")
        let none = try await rig.send(
            "POST", "/api/v1/schedules", ["cron": "0 * * * *"], as: token)
        #expect(none.pointers == ["/session"])
        let other = try await rig.user("bob")
        #expect(try await rig.send("GET", path, as: other).status == 404)
        #expect(try await rig.send("DELETE", path, as: token).status == 204)
        #expect(try await rig.send("GET", path, as: token).status == 404)
    }

    @Test("webhooks are made, their deliveries listed and sent again, and deleted")
    func webhooks() async throws {
        let rig = try await Rig(
            orchestrator: [
                "ATELIER_WEBHOOKS_PRIVATE": "1", "ATELIER_WEBHOOK_MILLISECONDS": "2",
            ])
        let token = try await rig.user()
        // The gateway has no such path: it answers 404, and that is no delivery.
        let made = try await rig.send(
            "POST", "/api/v1/webhooks",
            ["url": .text(rig.url + "/nobody"), "events": ["run.completed"]], as: token)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["secret"]?.string?.hasPrefix("whsec_") == true)
        let path = "/api/v1/webhooks/\(try #require(made.json["id"]?.string))"
        let run = try await rig.completeSession(as: token)
        func delivery() async throws -> WireValue? {
            try await rig.send("GET", path + "/deliveries", as: token).json["items"]?[0]
        }
        #expect(try await soon { try await delivery()?["status"]?.int == 404 })
        let tried = try #require(try await delivery())
        #expect(tried["run_id"]?.string == run && tried["event"]?.string == "run.completed")
        #expect(tried["state"]?.string == "pending" && tried["attempts"]?.int == 1)
        #expect(tried["next_at"]?.string != nil && tried["error"]?.string == "answered 404")
        let id = try #require(tried["id"]?.string)
        let again = try await rig.send("POST", path + "/deliveries/\(id)/retry", as: token)
        #expect(again.status == 200 && again.json["state"]?.string == "pending", "\(again.text)")
        let none = try await rig.send("POST", path + "/deliveries/x/retry", as: token)
        #expect(none.status == 404)
        let changed = try await rig.send("PATCH", path, ["active": false], as: token).json
        #expect(changed["active"]?.bool == false)
        let list = try await rig.send("GET", "/api/v1/webhooks", as: token).json["items"]
        #expect(list?.list.count == 1 && list?[0]?["secret"] == nil)
        let bad = try await rig.send(
            "POST", "/api/v1/webhooks", ["url": "ftp://x", "events": ["run.*"]], as: token)
        #expect(bad.pointers == ["/url"])
        #expect(try await rig.send("GET", path, as: try await rig.user("bob")).status == 404)
        #expect(try await rig.send("DELETE", path, as: token).status == 204)
        #expect(try await rig.send("GET", path, as: token).status == 404)
    }
}
