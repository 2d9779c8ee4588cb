import Contracts
import Curl
import Fakes
import Lifecycle
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Streams of runs", .serialized, .timeLimit(.minutes(1)))
struct StreamTests {
    @Test("every event comes once, numbered without a gap, and the pieces make the texts")
    func whole() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let texts = ["Writer": "Grüße, 漢字 \"und\" 🎈\n mehr.", "Critic": "Score: 8/10 🎈"]
        rig.providers.answer { request, _ in
            .init((texts[request.agent] ?? "").map { String($0) })
        }
        rig.providers.release(0)
        let id = try await rig.makeSession(as: token, rounds: 2)
        let reader = try await rig.stream(id, as: token, session: true)
        #expect(reader.stream.status == 200)
        #expect(reader.stream.headers["content-type"] == "text/event-stream; charset=utf-8")
        #expect(reader.stream.headers["cache-control"] == "no-store")
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        let pacer = Task {
            for count in 1...30 {
                rig.providers.release(count)
                try await Task.sleep(for: .milliseconds(2))
            }
            rig.providers.release(nil)
        }
        defer { pacer.cancel() }
        let events = try await reader.all()
        let numbered = events.filter { $0.type != "token" && $0.type != "end" }
        #expect(numbered.map(\.id) == (1...Int64(numbered.count)).map { $0 })
        #expect(numbered.first?.type == "run.started")
        #expect(numbered.last?.type == "run.completed")
        #expect(numbered.allSatisfy { $0.json["seq"]?.int == $0.id })
        #expect(events.last?.type == "end")
        #expect(events.last?.json["state"]?.string == "completed")
        #expect(events.filter { $0.type == "token" }.allSatisfy { $0.id == nil })
        #expect(assembled(events).count == 4)
        for (step, text) in assembled(events) {
            let start = numbered.first {
                $0.type == "turn.started" && $0.json["step"]?.string == step
            }
            #expect(text == texts[start?.json["data"]?["agent"]?.string ?? ""], "\(step)")
        }
        // A step's text stands between the events that begin and end it.
        for (index, event) in events.enumerated() where event.type == "token" {
            let step = event.json["step"]?.string
            func place(_ type: String) -> Int? {
                events.firstIndex { $0.type == type && $0.json["step"]?.string == step }
            }
            #expect(try #require(place("turn.started")) < index)
            #expect(try #require(place("turn.completed")) > index)
        }
    }

    /// The texts by step, checked to follow one another.
    private func assembled(_ events: [EventReader.Event]) -> [String: String] {
        var texts: [String: String] = [:]
        for event in events where event.type == "token" {
            let step = event.json["step"]?.string ?? ""
            let known = texts[step] ?? ""
            #expect(event.json["offset"]?.int == Int64(known.utf8.count))
            texts[step] = known + (event.json["text"]?.string ?? "")
        }
        return texts
    }

    @Test("a client that returns gets exactly what it missed, and the text so far")
    func resumes() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(1)
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        let first = try await rig.stream(id, as: token)
        let seen = try await first.until("token")
        #expect(seen.last?.json["text"]?.string == "Text by ")
        let last = try #require(seen.compactMap(\.id).last)
        first.stream.cancel()
        let second = try await rig.stream(id, as: token, after: last)
        let token1 = try await second.first("token")
        #expect(token1.json["offset"]?.int == 0)
        #expect(token1.json["text"]?.string == "Text by ")
        rig.providers.release(nil)
        let rest = try await second.all()
        let ids = rest.compactMap(\.id)
        #expect(ids.first == last + 1)
        #expect(ids == (last + 1...last + Int64(ids.count)).map { $0 })
        #expect(rest.first { $0.type == "token" }?.json["text"]?.string == "the writer")
    }

    @Test(
        "a run that has ended replays from where the client was, then ends; then there is nothing")
    func ended() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let last = try #require(
            try await rig.send("GET", "/api/v1/runs/\(id)", as: token).json["last_seq"]?.int)
        let all = try await rig.stream(id, as: token).all()
        #expect(all.filter { $0.type != "token" }.compactMap(\.id) == (1...last).map { $0 })
        #expect(all.last?.type == "end")
        let tail = try await rig.stream(id, as: token, after: last - 2).all()
        #expect(tail.map(\.type) == ["document.stored", "run.completed", "end"])
        #expect(tail.compactMap(\.id) == [last - 1, last])
        let path = "/api/v1/runs/\(id)/stream"
        let nothing = try await rig.send(
            "GET", path, as: token, headers: [("Last-Event-ID", "\(last)")])
        #expect(nothing.status == 204)
        #expect(nothing.body.isEmpty)
        #expect(try await rig.send("GET", path + "?after=\(last)", as: token).status == 204)
        for bad in ["x", "-1", "1.5", "99999999999999999999"] {
            let answer = try await rig.send(
                "GET", path, as: token, headers: [("Last-Event-ID", bad)])
            #expect(answer.status == 400, "\(bad)")
        }
    }

    @Test("a run that was cancelled before it began says so, and once to who returns")
    func neverBegun() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/runs/\(id)/cancel", as: token)
        let events = try await rig.stream(id, as: token).all()
        #expect(events.map(\.type) == ["end"])
        #expect(events.first?.json["state"]?.string == "cancelled")
        #expect(events.first?.id == nil)
        #expect(try await rig.stream(id, as: token, after: 0).stream.status == 204)
    }

    @Test("a number that was never given hides nothing")
    func futureID() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(0)
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        let reader = try await rig.stream(id, as: token, after: 1_000)
        rig.providers.release(nil)
        #expect(try await reader.until("run.completed").last?.type == "run.completed")
    }

    @Test("an orchestrator that is away keeps the stream, and nothing is lost")
    func orchestratorAway() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(0)
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        let reader = try await rig.stream(id, as: token)
        var events = try await reader.until("turn.started")
        rig.orchestrator.fail(Fault(.unavailable, "away"))
        // What is asked already is answered still; what comes next meets the outage.
        rig.providers.release(1)
        try await Task.sleep(for: .milliseconds(50))
        rig.providers.release(nil)
        try await Task.sleep(for: .milliseconds(100))
        rig.orchestrator.fail(nil)
        events += try await reader.all()
        #expect(events.last?.type == "end")
        let ids = events.filter { $0.type != "end" }.compactMap(\.id)
        #expect(ids == (1...Int64(ids.count)).map { $0 })
    }

    @Test("a client that is gone ends its follower")
    func clientGone() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let reader = try await rig.stream(id, as: token)
        #expect(await soon { rig.orchestrator.follows == 1 })
        reader.stream.cancel()
        #expect(await soon { rig.orchestrator.follows == 0 })
    }

    @Test("a gateway that stops ends its streams whole, with a word when to come again")
    func drain() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let reader = try await rig.stream(id, as: token)
        #expect(await soon { rig.orchestrator.follows == 1 })
        let clock = ContinuousClock()
        let time = await clock.measure { await rig.gateway.front.drain() }
        #expect(time < .seconds(20))
        let last = try #require(try await reader.all().last)
        #expect(last.type == "reconnect")
        #expect(last.json["reason"]?.string == "stopping")
        #expect(last.json["seq"]?.int == 0)
        #expect(last.id == nil)
        #expect(await soon { rig.orchestrator.follows == 0 })
    }

    @Test("a stream ends with the credentials it was opened with, and with no others")
    func credentials() async throws {
        let rig = try await Rig()
        let (ada, ben) = (try await rig.user(), try await rig.user("ben"))
        let made = try await rig.send("POST", "/api/v1/api-keys", ["name": "watch"], as: ben)
        let key = try #require(made.json["key"]?.string)
        let watches = rig.gateway.front.watches
        let of = try await rig.makeSession(as: ada)
        let left = try await rig.stream(of, as: ada)
        let kept = try await rig.stream(try await rig.makeSession(as: ben), as: ben)
        let ended = try await rig.stream(try await rig.makeSession(as: ben), as: key)
        #expect(await soon { watches.count == 3 })
        await watches.sweep()
        #expect(watches.count == 3, "what counts still goes on")
        let out = try await rig.send("POST", "/api/v1/auth/logout-everywhere", as: ada)
        #expect(out.status < 300)
        let id = try #require(made.json["id"]?.string)
        #expect(try await rig.send("DELETE", "/api/v1/api-keys/\(id)", as: ben).status == 204)
        await watches.sweep()
        #expect(try await left.all().last?.type == "reconnect")
        #expect(try await ended.all().last?.type == "reconnect")
        #expect(await soon { watches.count == 1 })
        kept.stream.cancel()
        #expect(await soon { watches.count == 0 })
        let answer = try await rig.send("GET", "/api/v1/runs/\(of)/stream", as: ada)
        #expect(answer.status == 401)
    }

    @Test("asked with HEAD, a stream is its head alone")
    func head() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let answer = try await rig.send("HEAD", "/api/v1/runs/\(id)/stream", as: token)
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
        #expect(answer.body.isEmpty)
    }

    @Test("events can be listed in pages, as JSON")
    func events() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        var seen: [Int64] = []
        var query = "after=0"
        while true {
            let page = try await rig.send(
                "GET", "/api/v1/runs/\(id)/events?limit=4&\(query)", as: token
            ).json
            let items = try #require(page["items"]).list
            seen += items.compactMap { $0["seq"]?.int }
            #expect(items.allSatisfy { $0["type"] != nil && $0["at"] != nil && $0["data"] != nil })
            guard let cursor = page["next_cursor"]?.string else { break }
            query = "cursor=\(cursor)"
        }
        #expect(seen == (1...Int64(seen.count)).map { $0 })
        #expect(seen.count == 10)
        for bad in ["after=-1", "after=x", "limit=0", "limit=1001"] {
            let answer = try await rig.send("GET", "/api/v1/runs/\(id)/events?\(bad)", as: token)
            #expect(answer.status == 400, "\(bad)")
        }
    }

    @Test("text is quoted so that it cannot end its line or its string")
    func quoting() throws {
        let text = "a\"b\\c\nd\re\tf\u{0}g\u{1F}h\u{7F}🎈\u{2028}"
        let quoted = EventJSON.quoted(text)
        #expect(!quoted.utf8.contains(10) && !quoted.utf8.contains(13))
        #expect(try WireValue(json: Array(quoted.utf8)).string == text)
    }
}
