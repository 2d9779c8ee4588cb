import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Sessions over HTTP", .serialized, .timeLimit(.minutes(1)))
struct SessionTests {
    @Test("a session goes from its making to its document")
    func whole() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let made = try await rig.send("POST", "/api/v1/sessions", Rig.session(), as: token)
        #expect(made.status == 201)
        #expect(made.json["state"]?.string == "queued")
        let id = try #require(made.json["id"]?.string)
        #expect(id.hasPrefix("run_"))
        let started = try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        #expect(started.status == 200)
        try await rig.until(id, "completed", as: token)
        let session = try await rig.send("GET", "/api/v1/sessions/\(id)", as: token).json
        #expect(session["document"]?.string == "Text by the writer")
        #expect(session["score"]?.number == 7)
        #expect(session["best_round"]?.int == 1)
        #expect(session["rounds_completed"]?.int == 1)
        #expect(session["stop_reason"]?.string == "max_rounds")
        #expect(session["cost"]?.number == 0.2)
        #expect(session["progress"]?.number == 1)
        let turns = session["rounds"]?[0]?["turns"]?.list
        #expect(turns?.map { $0["agent"]?.string } == ["Writer", "Critic"])
        #expect(turns?.first?["input_tokens"]?.int == 10)
        let export = try await rig.send("GET", "/api/v1/sessions/\(id)/export?format=md", as: token)
        #expect(export.text == "Text by the writer")
        #expect(export.headers["content-type"] == "text/markdown; charset=utf-8")
        #expect(export.headers["content-disposition"]?.contains(id) == true)
        #expect(
            try await rig.send("GET", "/api/v1/sessions/\(id)/export?format=exe", as: token).status
                == 400)
        let ledger = try await rig.send("GET", "/api/v1/billing/ledger?limit=2", as: token).json
        #expect(ledger["items"]?.list.map { $0["kind"]?.string } == ["capture", "capture"])
        #expect(ledger["items"]?[0]?["amount"]?.number == -0.1)
        #expect(ledger["items"]?[0]?["run_id"]?.string == id)
    }

    @Test(
        "bad input is refused with its pointers, and changes nothing",
        arguments: [
            (#"{}"#, ["/draft"]),
            (#"{"draft": 7}"#, ["/draft"]),
            (#"{"draft": null, "max_rounds": 2}"#, ["/draft"]),
            (#"{"draft": "x", "max_rounds": 0}"#, ["/max_rounds"]),
            (#"{"draft": "x", "max_rounds": "3"}"#, ["/max_rounds"]),
            (#"{"draft": "x", "max_rounds": 2.5}"#, ["/max_rounds"]),
            (#"{"draft": "x", "score_threshold": 11}"#, ["/score_threshold"]),
            (#"{"draft": "x", "score_threshold": "high"}"#, ["/score_threshold"]),
            (#"{"draft": "x", "preset": "nothing"}"#, ["/preset"]),
            (#"{"draft": "x", "title": ""}"#, ["/title"]),
            (#"{"draft": "x", "agents": []}"#, ["/agents"]),
            (#"{"draft": "x", "agents": {}}"#, ["/agents"]),
            (#"{"draft": "x", "agents": [{"name": "A"}]}"#, ["/agents/0/role"]),
            (
                #"{"draft": "x", "agents": [{"name": "A", "role": "king"}, {"name": "A", "role": "critic"}]}"#,
                ["/agents/0/role", "/agents/1/name"]
            ),
            (
                #"{"draft": "x", "agents": [{"name": "A", "role": "writer", "temperature": 9}, {"name": "B", "role": "critic"}]}"#,
                ["/agents/0/temperature"]
            ),
            (#"{"draft": "x", "criteria": [{"name": "a"}]}"#, ["/criteria/0/weight"]),
            (#"{"draft": "x", "criteria": [{"name": "a", "weight": -1}]}"#, ["/criteria/0/weight"]),
            (
                #"{"draft": "x", "references": [{"name": "", "content": "c"}]}"#,
                ["/references/0/name"]
            ),
            (#"{"draft": "x", "parallel_critique": "yes"}"#, ["/parallel_critique"]),
            (#"{"draft": "x""#, [""]), ("", [""]), ("[]", [""]), ("\u{0}", [""]),
        ])
    func invalid(body: String, pointers: [String]) async throws {
        let rig = try await Self.shared.get()
        let token = try rig.owner
        let answer = try await rig.send(
            "POST", "/api/v1/sessions", as: token, headers: [("Content-Type", "application/json")],
            bytes: Array(body.utf8))
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer.code == "invalid")
        #expect(answer.pointers == pointers)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let list = try await rig.send("GET", "/api/v1/sessions", as: token)
        #expect(list.json["items"]?.list.isEmpty == true)
        #expect(list.json["next_cursor"] == .null)
    }

    /// One gateway for all the bodies above: none of them may leave a trace.
    private static let shared = Once { try await Rig() }

    @Test("a title is enough to begin from")
    func titleAlone() async throws {
        let rig = try await Rig()
        let answer = try await rig.send(
            "POST", "/api/v1/sessions", ["title": "On rivers"], as: try rig.owner)
        #expect(answer.status == 201)
        #expect(answer.json["document"]?.string == "")
    }

    @Test("other methods of getting a body in are refused as what they are")
    func bodies() async throws {
        let rig = try await Rig()
        let token = try rig.owner
        func post(_ type: String?, _ bytes: [UInt8]) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/sessions", as: token,
                headers: type.map { [("Content-Type", $0)] } ?? [], bytes: bytes)
        }
        let draft = Array(#"{"draft": "x"}"#.utf8)
        #expect(try await post("text/plain", draft).status == 415)
        #expect(try await post("application/jsonx", draft).status == 415)
        #expect(try await post("Application/JSON ; charset=utf-8", draft).status == 201)
        let large = try await post("application/json", [UInt8](repeating: 32, count: 12 << 20 | 1))
        #expect(large.status == 413)
        #expect(large.code == "invalid")
    }

    @Test("an idempotency key replays the first answer and refuses another request")
    func idempotency() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        func make(_ key: String, _ body: WireValue = Rig.session()) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/sessions", body, as: token, headers: [("Idempotency-Key", key)])
        }
        let first = try await make("k-1")
        let again = try await make("k-1")
        #expect(first.status == 201 && again.status == 201)
        #expect(first.json["id"] == again.json["id"])
        #expect(try await make("k-2").json["id"] != first.json["id"])
        let other = try await make("k-1", Rig.session(rounds: 2))
        #expect(other.status == 422)
        #expect(other.code == "conflict")
        #expect(try await make(String(repeating: "k", count: 201)).status == 400)
        let page = try await rig.send("GET", "/api/v1/runs?limit=10", as: token).json
        #expect(page["items"]?.list.count == 2)
    }

    @Test("without credits a session is not started, and says what is missing")
    func noCredits() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let me = try await rig.send("GET", "/api/v1/auth/me", as: token).json["id"]?.string
        _ = try await rig.mesh.client(as: "orchestrator").call(
            Billing.Hold(account: try #require(me), run: "other", amount: 99_900))
        let id = try await rig.makeSession(as: token)
        let answer = try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        #expect(answer.status == 402)
        #expect(answer.code == "no-credits")
        #expect(answer.json["detail"]?.string?.contains("0.2") == true)
        let status = try await rig.send("GET", "/api/v1/billing/status", as: token).json
        #expect(status["credits"]?["held"]?.number == 99.9)
        let run = try await rig.send("GET", "/api/v1/runs/\(id)", as: token).json
        #expect(run["state"]?.string == "queued")
    }

    @Test("somebody else's run is not found, on every path")
    func foreign() async throws {
        let rig = try await Rig()
        let id = try await rig.completeSession(as: try await rig.user())
        let other = try await rig.user("bob")
        for path in [
            "/runs/\(id)", "/runs/\(id)/events", "/runs/\(id)/stream", "/runs/\(id)/artifacts",
            "/sessions/\(id)", "/sessions/\(id)/stream", "/sessions/\(id)/export",
            "/runs/\(id)/steps", "/runs/\(id)/gates",
        ] {
            let answer = try await rig.send("GET", "/api/v1" + path, as: other)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.code == "not-found")
            let absent = try await rig.send(
                "GET", "/api/v1" + path.replacing(id, with: "run_none"), as: other)
            #expect(absent.status == 404)
            #expect(try await rig.send("GET", "/api/v1" + path).status == 401, "\(path)")
        }
        for act in [
            "/runs/\(id)/pause", "/runs/\(id)/resume", "/runs/\(id)/cancel", "/runs/\(id)/retry",
            "/sessions/\(id)/start", "/sessions/\(id)/pause", "/sessions/\(id)/resume",
        ] {
            #expect(try await rig.send("POST", "/api/v1" + act, as: other).status == 404, "\(act)")
            #expect(try await rig.send("POST", "/api/v1" + act).status == 401, "\(act)")
        }
        let list = try await rig.send("GET", "/api/v1/runs", as: other).json
        #expect(list["items"]?.list.isEmpty == true)
    }

    @Test("lists come in pages, and filters are checked")
    func lists() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        var ids: [String] = []
        for _ in 1...3 {
            rig.mesh.clock.advance(by: .milliseconds(1))
            ids.append(try await rig.makeSession(as: token))
        }
        let first = try await rig.send("GET", "/api/v1/runs?limit=2&state=queued", as: token).json
        #expect(first["items"]?.list.map { $0["id"]?.string } == [ids[2], ids[1]])
        let cursor = try #require(first["next_cursor"]?.string)
        let rest = try await rig.send(
            "GET", "/api/v1/runs?limit=2&cursor=\(cursor)", as: token
        ).json
        #expect(rest["items"]?.list.map { $0["id"]?.string } == [ids[0]])
        #expect(rest["next_cursor"] == .null)
        for query in ["limit=0", "limit=201", "limit=x", "state=sleeping"] {
            #expect(
                try await rig.send("GET", "/api/v1/runs?\(query)", as: token).status == 400,
                "\(query)")
        }
        #expect(
            try await rig.send("GET", "/api/v1/billing/ledger?cursor=x", as: token).status == 400)
    }

    @Test("a run that cannot be paused, resumed or cancelled is a conflict")
    func conflicts() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        for act in ["pause", "resume", "cancel"] {
            let answer = try await rig.send("POST", "/api/v1/runs/\(id)/\(act)", as: token)
            #expect(answer.status == 409)
            #expect(answer.json["detail"]?.string?.contains("completed") == true)
        }
        #expect(try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token).status == 200)
    }

    @Test("a service that is away is told as such, with when to come again")
    func unavailable() async throws {
        let rig = try await Rig()
        let token = try rig.owner
        rig.orchestrator.fail(
            Fault(.unavailable, "orchestrator went away", retryAfterMilliseconds: 2_500))
        let answer = try await rig.send("GET", "/api/v1/runs", as: token)
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == "3")
        rig.orchestrator.fail(Fault(.internal, "secrets of the house", detail: "and more"))
        let broken = try await rig.send(
            "GET", "/api/v1/runs", as: token, headers: [("X-Request-Id", "request-77")])
        #expect(broken.status == 500)
        #expect(!broken.text.contains("secrets") && !broken.text.contains("and more"))
        #expect(broken.json["request_id"]?.string == "request-77")
    }
}

/// A value that is made at its first use, for several tests.
actor Once<Value: Sendable> {
    private let make: @Sendable () async throws -> Value
    private var task: Task<Value, any Error>?

    init(_ make: @escaping @Sendable () async throws -> Value) { self.make = make }

    func get() async throws -> Value {
        let task = task ?? Task { [make] in try await make() }
        self.task = task
        return try await task.value
    }
}

@Suite("Projects over HTTP", .timeLimit(.minutes(1)))
struct ProjectTests {
    private func session(_ project: String) throws -> WireValue {
        guard case .map(let fields) = Rig.session() else { throw Rig.Odd() }
        return .map(fields + [.init(key: "project_id", value: .text(project))])
    }

    @Test("a session's project is shown, asked with, and what lists go by")
    func project() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let made = try await rig.send(
            "POST", "/api/v1/sessions", try session("almanac"), as: token)
        #expect(made.status == 201 && made.json["project_id"]?.string == "almanac")
        let id = try #require(made.json["id"]?.string)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        try await rig.until(id, "completed", as: token)
        #expect(rig.providers.asked.allSatisfy { $0.request.project == "almanac" })
        _ = try await rig.makeSession(as: token)
        for list in ["runs", "sessions"] {
            let page = try await rig.send(
                "GET", "/api/v1/\(list)?project_id=almanac", as: token)
            #expect(page.json["items"]?.list.map { $0["id"]?.string } == [id])
        }
    }

    @Test("a name that is none is refused at its field, wherever a session is asked for")
    func refused() async throws {
        let rig = try await Rig()
        let (token, body) = (try await rig.user(), try session(""))
        let made = try await rig.send("POST", "/api/v1/sessions", body, as: token)
        #expect(made.status == 400 && made.pointers == ["/project_id"])
        let estimate = try await rig.send("POST", "/api/v1/runs/estimate", body, as: token)
        #expect(estimate.status == 400 && estimate.pointers == ["/project_id"])
        let schedule = try await rig.send(
            "POST", "/api/v1/schedules", ["cron": "0 6 * * *", "session": body], as: token)
        #expect(schedule.status == 400 && schedule.pointers == ["/session/project_id"])
    }
}
