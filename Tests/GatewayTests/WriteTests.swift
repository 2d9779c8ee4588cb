import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The Write studio over HTTP", .serialized, .timeLimit(.minutes(1)))
struct WriteTests {
    private static let draft = "The tide is low. The boats lie still.\n\nIt is night.\n"

    private func rig() async throws -> Rig {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            request.agent == "Writer"
                ? .init([Self.draft.replacing("low", with: "out")]) : .init(["Score: 7/10"])
        }
        return rig
    }

    private func make(
        _ rig: Rig, _ token: String, start: Bool = true, more: [WireValue.Entry] = []
    ) async throws -> String {
        guard case .map(var fields) = Rig.session() else { throw Rig.Odd() }
        fields.removeAll { entry in entry.key == "draft" || more.contains { $0.key == entry.key } }
        fields += [.init(key: "draft", value: .text(Self.draft))] + more
        let made = try await rig.send("POST", "/api/v1/sessions", .map(fields), as: token)
        #expect(made.status == 201, "\(made.text)")
        let id = try #require(made.json["id"]?.string)
        guard start else { return id }
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        try await rig.until(id, "completed", as: token)
        return id
    }

    @Test("a person edits, locks, rejects and compares; the session shows all of it")
    func editing() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let id = try await make(rig, token)
        let path = "/api/v1/sessions/\(id)"
        let session = try await rig.send("GET", path, as: token).json
        #expect(session["open_suggestions"]?.int == 1)
        #expect(session["stop_text"]?.string == "Its one round was made.")
        #expect(session["plateau"]?["rounds"]?.int == 2)
        let document = try #require(session["document"]?.string)
        let revision = try #require(session["revision"]?.string)

        let edited = try await rig.send(
            "PUT", path + "/document",
            ["document": .text(document + "\nMine.\n"), "base": .text(revision)], as: token)
        #expect(edited.status == 200)
        #expect(edited.json["document"]?.string?.hasSuffix("Mine.\n") == true)
        #expect(edited.json["revision"]?.string != revision)

        let locked = try await rig.send(
            "PUT", path + "/locks", ["locks": ["It is night."]], as: token)
        #expect(locked.json["locks"]?[0]?["text"]?.string == "It is night.")
        #expect(locked.json["locks"]?[0]?["count"]?.int == 1)

        let list = try await rig.send("GET", path + "/suggestions?state=open", as: token).json
        #expect(list["items"]?[0]?["author"]?.string == "Writer")
        #expect(list["items"]?[0]?["applied"]?.bool == true)
        let word = try await rig.send(
            "POST", path + "/suggestions/1", ["decision": "reject"], as: token)
        #expect(word.json["state"]?.string == "rejected")
        #expect(word.json["effect"]?.string == "undone")
        let now = try await rig.send("GET", path, as: token).json["document"]?.string
        #expect(now == Self.draft + "\nMine.\n")

        let diff = try await rig.send("GET", path + "/diff?from=0&to=1", as: token).json
        #expect(diff["from"]?.string == "draft" && diff["to"]?.string == "round 1")
        #expect(diff["pieces"]?[0]?["kind"]?.string == "removed")
        #expect(diff["words_added"]?.int == 1)
        let text = try await rig.send("GET", path + "/diff?format=text", as: token)
        #expect(text.text.hasPrefix("--- draft\n+++ now\n"))
        #expect(text.headers["content-type"] == "text/plain; charset=utf-8")
    }

    @Test("what is wrong with any of it is said with its pointer, and changes nothing")
    func refusals() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let id = try await make(rig, token)
        let path = "/api/v1/sessions/\(id)"
        let cases: [(String, String, WireValue, [String])] = [
            ("PUT", "/document", [:], ["/document"]),
            ("PUT", "/document", ["document": "x", "base": "nine"], ["/base"]),
            ("PUT", "/locks", ["locks": "x"], ["/locks"]),
            ("PUT", "/locks", ["locks": ["It is", "Not there"]], ["/locks/1"]),
            ("POST", "/suggestions/1", ["decision": "maybe"], ["/decision"]),
            ("POST", "/continue", ["max_rounds": 99], ["/max_rounds"]),
            ("POST", "/continue", ["score_threshold": 11], ["/score_threshold"]),
        ]
        for (method, end, body, pointers) in cases {
            let answer = try await rig.send(method, path + end, body, as: token)
            #expect(answer.status == 400, "\(end): \(answer.text)")
            #expect(answer.pointers == pointers, "\(end): \(answer.text)")
        }
        for (end, status) in [
            ("/suggestions?state=odd", 400), ("/diff?from=9", 400), ("/diff?from=x", 400),
            ("/diff?format=pdf", 400),
        ] {
            #expect(try await rig.send("GET", path + end, as: token).status == status, "\(end)")
        }
        let word = try await rig.send(
            "POST", path + "/suggestions/7", ["decision": "accept"], as: token)
        #expect(word.status == 404)
        let other = try await rig.user("bob")
        for (method, end, body) in [
            ("PUT", "/document", ["document": "x"]), ("PUT", "/locks", ["locks": []]),
            ("POST", "/suggestions/1", ["decision": "accept"]), ("POST", "/continue", [:]),
        ] as [(String, String, WireValue)] {
            #expect(try await rig.send(method, path + end, body, as: other).status == 404)
        }
        for end in ["/suggestions", "/diff"] {
            #expect(try await rig.send("GET", path + end, as: other).status == 404)
        }
        let document = try await rig.send("GET", path, as: token).json["document"]?.string
        #expect(document == Self.draft.replacing("low", with: "out"))
    }

    @Test("continued without a body it goes on; one key makes one session")
    func goesOn() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let id = try await make(rig, token)
        let path = "/api/v1/sessions/\(id)/continue"
        let next = try await rig.send("POST", path, as: token, headers: [("Idempotency-Key", "k")])
        #expect(next.status == 201, "\(next.text)")
        #expect(next.json["continued_from_id"]?.string == id)
        let again = try await rig.send("POST", path, as: token, headers: [("Idempotency-Key", "k")])
        #expect(again.json["id"] == next.json["id"])
        try await rig.until(try #require(next.json["id"]?.string), "completed", as: token)
        let waiting = try await rig.send("POST", path, ["start": false], as: token)
        #expect(waiting.json["state"]?.string == "queued")
    }

    private static func template(gate: Bool = false) -> String {
        """
        {"format": "atelier.template", "version": 1, "studio": "write", "name": "Board review",
         "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}],
         "steps": [{"loop": {"max": 2, "steps": [{"turn": "Writer"}, {"turn": "Critic"}]}}
           \(gate ? ", {\"gate\": {\"name\": \"final\", \"prompt\": \"Good?\"}}" : "")]}
        """
    }

    private func post(
        _ rig: Rig, _ method: String, _ path: String, _ text: String, as token: String
    ) async throws -> Rig.Answer {
        try await rig.send(
            method, path, as: token, headers: [("Content-Type", "application/json")],
            bytes: Array(text.utf8))
    }

    @Test("templates are kept, shown, changed, exported, imported and deleted")
    func templates() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let made = try await post(rig, "POST", "/api/v1/templates", Self.template(), as: token)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["version"]?.int == 1)
        #expect(made.json["document"]?["steps"]?[0]?["loop"]?["max"]?.int == 2)
        let id = try #require(made.json["id"]?.string)
        let path = "/api/v1/templates/\(id)"
        let next = try await post(
            rig, "PUT", path + "?version=1", Self.template(gate: true), as: token)
        #expect(next.json["version"]?.int == 2)
        #expect(next.json["gates"]?.int == 1)
        #expect(
            try await post(rig, "PUT", path + "?version=1", Self.template(), as: token).status
                == 409)
        #expect(
            try await rig.send("GET", path + "?version=1", as: token).json["gates"]?.int == 0)
        let file = try await rig.send("GET", path + "/document", as: token)
        #expect(file.headers["content-disposition"]?.contains("\(id).atelier.json") == true)
        let copy = try await post(rig, "POST", "/api/templates", file.text, as: try rig.owner)
        #expect(copy.status == 201)
        let copied = try #require(copy.json["id"]?.string)
        let again = try await rig.send(
            "GET", "/api/v1/templates/\(copied)/document", as: try rig.owner)
        #expect(again.body == file.body)
        let list = try await rig.send("GET", "/api/v1/templates", as: token).json["items"]?.list
        #expect(list?.count == 6)
        #expect(list?.first?["built_in"]?.bool == true && list?.first?["id"]?.string == "academic")
        #expect(try await rig.send("DELETE", path, as: token).status == 204)
        #expect(try await rig.send("GET", path, as: token).status == 404)
        #expect(try await rig.send("DELETE", "/api/v1/templates/legal", as: token).status == 409)
        let preset = try await rig.send("GET", "/api/v1/templates/legal", as: token).json
        #expect(preset["document"]?["agents"]?[0]?["name"]?.string == "Legal Drafter")
    }

    @Test("a template with mistakes is refused with a pointer to each, and can be checked alone")
    func mistakes() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let bad = Self.template().replacing("\"turn\": \"Critic\"", with: "\"turn\": \"Nobody\"")
            .replacing("\"max\": 2", with: "\"max\": 20")
        let refused = try await post(rig, "POST", "/api/v1/templates", bad, as: token)
        #expect(refused.status == 400)
        #expect(refused.pointers == ["/steps/0/loop/max", "/steps/0/loop/steps/1/turn"])
        let check = try await post(rig, "POST", "/api/v1/templates/check", bad, as: token)
        #expect(check.status == 200 && check.json["valid"]?.bool == false)
        #expect(
            check.json["errors"]?.list.map { $0["pointer"]?.string }
                == ["/steps/0/loop/max", "/steps/0/loop/steps/1/turn"])
        let good = try await post(
            rig, "POST", "/api/v1/templates/check", Self.template(), as: token)
        #expect(good.json["valid"]?.bool == true)
        for text in ["", "{", "\u{0}", "[1]"] {
            #expect(
                try await post(rig, "POST", "/api/v1/templates", text, as: token).status == 400)
        }
        let list = try await rig.send("GET", "/api/v1/templates", as: token).json["items"]?.list
        #expect(list?.count == 5)
    }

    @Test("a run of a template waits at its gate, and goes on with the person's word")
    func gate() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        let made = try await post(
            rig, "POST", "/api/v1/templates", Self.template(gate: true), as: token)
        let template = try #require(made.json["id"]?.string)
        let run = try await rig.send(
            "POST", "/api/v1/templates/\(template)/runs",
            ["draft": .text(Self.draft), "max_rounds": 1], as: token)
        #expect(run.status == 201, "\(run.text)")
        let id = try #require(run.json["id"]?.string)
        try await rig.until(id, "waiting", as: token)
        let waiting = try await rig.send("GET", "/api/v1/runs/\(id)", as: token).json
        #expect(waiting["waiting_for"]?.string == "final")
        let gates = "/api/v1/runs/\(id)/gates"
        let open = try await rig.send("GET", gates, as: token).json["items"]?[0]
        #expect(open?["id"]?.string == "final" && open?["state"]?.string == "open")
        #expect(open?["prompt"]?.string == "Good?" && open?["kind"]?.string == "approval")
        #expect(
            try await rig.send("POST", gates + "/final", ["decision": "perhaps"], as: token)
                .pointers
                == ["/decision"])
        #expect(
            try await rig.send("POST", gates + "/other", ["decision": "approve"], as: token).status
                == 404)
        #expect(
            try await rig.send(
                "POST", gates + "/final", ["decision": "approve"], as: try await rig.user("eve")
            ).status == 404)
        let decided = try await rig.send(
            "POST", gates + "/final", ["decision": "approve", "feedback": "Fine."], as: token)
        #expect(decided.json["state"]?.string == "decided", "\(decided.text)")
        #expect(decided.json["decision"]?.string == "approve")
        #expect(decided.json["feedback"]?.string == "Fine.")
        #expect(
            try await rig.send("POST", gates + "/final", ["decision": "reject"], as: token).status
                == 409)
        try await rig.until(id, "completed", as: token)
        let session = try await rig.send("GET", "/api/v1/sessions/\(id)", as: token).json
        #expect(session["template_id"]?.string == template)
        #expect(session["template_version"]?.int == 1)
        #expect(session["max_rounds"]?.int == 1)
    }

    @Test("a cast is saved as a preset, listed, and used by its name")
    func presets() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        var body: [WireValue.Entry] = [
            .init(key: "name", value: "Mine"),
            .init(key: "agents", value: try #require(Rig.session()["agents"])),
            .init(key: "max_rounds", value: 1),
        ]
        let made = try await rig.send("POST", "/api/v1/presets", .map(body), as: token)
        #expect(made.status == 201, "\(made.text)")
        let list = try await rig.send("GET", "/api/v1/presets", as: token).json["items"]?.list
        #expect(list?.map { $0["built_in"]?.bool } == [true, true, true, true, true, false])
        let session = try await rig.send(
            "POST", "/api/v1/sessions", ["draft": "x", "preset": "Mine"], as: token)
        #expect(session.json["template_name"]?.string == "Mine", "\(session.text)")
        #expect(session.json["max_rounds"]?.int == 1)
        body[2] = .init(key: "max_rounds", value: 99)
        let refused = try await rig.send("POST", "/api/v1/presets", .map(body), as: token)
        #expect(refused.pointers == ["/max_rounds"])
        body[1] = .init(key: "agents", value: [["name": "A", "role": "writer"]])
        #expect(
            try await rig.send("POST", "/api/v1/presets", .map(body), as: token).status == 400)
    }

    @Test("a reference is uploaded as text, and refused as anything else")
    func references() async throws {
        let rig = try await rig()
        let token = try await rig.user()
        func upload(_ type: String, _ query: String, _ bytes: [UInt8]) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/references" + query, as: token,
                headers: [("Content-Type", type)], bytes: bytes)
        }
        let made = try await upload(
            "text/markdown", "?name=notes.md", Array("# Notes\n\nSome.".utf8))
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["name"]?.string == "notes.md")
        let id = try #require(made.json["id"]?.string)
        let json = try await rig.send(
            "POST", "/api/v1/references", ["name": "b.txt", "content": "Words."], as: token)
        #expect(json.json["content_type"]?.string == "text/plain; charset=utf-8")
        let session = try await make(
            rig, token, start: false,
            more: [
                .init(
                    key: "references",
                    value: [["id": .text(id)], ["name": "own", "content": "Own words."]])
            ])
        let shown = try await rig.send("GET", "/api/v1/sessions/\(session)", as: token).json
        #expect(
            shown["references"]?.list.map { $0["name"]?.string } == ["notes.md", "own"])
        #expect(shown["references"]?[0]?["tokens"]?.int == 4)
        #expect(try await upload("image/png", "?name=a", [1]).status == 415)
        #expect(try await upload("text/plain", "", [65]).status == 400)
        #expect(try await upload("text/plain", "?name=a", [0xFF, 0xFE]).pointers == ["/content"])
        #expect(try await upload("text/plain", "?name=a", []).pointers == ["/content"])
        #expect(try await upload("text/plain", "?name=a", [65, 0]).pointers == ["/content"])
        let large = Array(repeating: UInt8(65), count: (2 << 20) + 1)
        #expect(try await upload("text/plain", "?name=a", large).status == 413)
    }
}
