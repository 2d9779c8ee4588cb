import EventStream
import StackDriver
import Testing
import Wire

extension WholeSystem {
    /// The Write studio from end to end on real executables, with the offline provider for a model.
    @Suite("The Write studio", .serialized)
    struct WriteTests {
        private static let draft = """
            # The handover

            It is important to note that the the handover was written in order to help new people. \
            Due to the fact that it basically covers everything , it is very long, and nobody reads it.

            - It should be noted that each step has a owner.
            - In the event that a step fails, the owner basically makes a decision.

            At this point in time the team is in the process of making a change to the tool.

            """

        private static let locked = "It should be noted that each step has a owner."

        private static let template = """
            {"format": "atelier.template", "version": 1, "studio": "write", "name": "Two and a gate",
             "agents": [
               {"name": "Writer", "role": "writer", "provider": "offline"},
               {"name": "Critic", "role": "critic", "provider": "offline"},
               {"name": "Editor", "role": "editor", "provider": "offline"}],
             "criteria": [{"name": "clarity", "weight": 3}, {"name": "concision", "weight": 1}],
             "steps": [
               {"loop": {"max": 3, "until": {"score": 9.9, "plateau": {"rounds": 2, "within": 0.1}},
                 "steps": [{"turn": "Writer"}, {"parallel": ["Critic", "Editor"], "merge": "notes"}]}},
               {"gate": {"name": "final", "prompt": "Is it good?", "on_reject": "revise"}}]}
            """

        let client: StackClient

        init() async throws { client = try StackClient(try await SharedStack.stack) }

        private func session(_ id: String) async throws -> WireValue {
            try await client.send("GET", "/api/v1/sessions/\(id)")
        }

        private func until(_ id: String, _ state: String) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                let now = try await client.send("GET", "/api/v1/runs/\(id)")["state"]?.text
                if now == state { return }
                #expect(now != "failed")
                try await Task.sleep(for: .milliseconds(20))
            }
            Issue.record("\(id) did not come to be \(state)")
        }

        /// A template of its own, once for the stack.
        private func makeTemplate() async throws -> String {
            let (status, body) = try await client.raw(
                "POST", "/api/v1/templates", try WireValue(jsonText: Self.template))
            #expect(status == 201, "\(String(decoding: body, as: UTF8.self))")
            let kept = try WireValue(jsonText: String(decoding: body, as: UTF8.self))
            return try #require(kept["id"]?.text)
        }

        @Test("a template's run takes an edit and a lock, waits at its gate, and is continued")
        func whole() async throws {
            let template = try await makeTemplate()
            let upload = try await client.send(
                "POST", "/api/v1/references",
                ["name": "style.md", "content": "Write plainly. Name who acts."])
            let made = try await client.send(
                "POST", "/api/v1/templates/\(template)/runs",
                [
                    "title": "The handover", "draft": .text(Self.draft),
                    "locks": [.text(Self.locked)],
                    "references": [["id": .text(try #require(upload["id"]?.text))]],
                ])
            let id = try #require(made["id"]?.text)

            // A person's edit in the middle of the first turn's text.
            let mine = "The owner of this page is Ada.\n"
            var isEdited = false
            try await client.follow(id) { event in
                if event.type == "token", !isEdited {
                    isEdited = true
                    let seen = try await session(id)
                    let text = try #require(seen["document"]?.text)
                    let edited = try await client.send(
                        "PUT", "/api/v1/sessions/\(id)/document",
                        [
                            "document": .text(text + "\n" + mine),
                            "base": .text(try #require(seen["revision"]?.text)),
                        ])
                    #expect(edited["document"]?.text?.hasSuffix(mine) == true)
                }
                return event.type != "gate.opened"
            }
            #expect(isEdited)
            try await until(id, "waiting")
            let waiting = try await session(id)
            #expect(waiting["waiting_for"]?.text == "final")
            let document = try #require(waiting["document"]?.text)
            #expect(document.contains(mine))
            #expect(document.contains(Self.locked))
            #expect(document.contains("the the") == false)
            #expect(waiting["pending_edits"]?.number == 0)
            guard case .array(let rounds)? = waiting["rounds"] else {
                Issue.record("no rounds")
                return
            }
            guard case .array(let notes)? = rounds[0]["notes"] else {
                Issue.record("no merged notes")
                return
            }
            #expect(!notes.isEmpty)

            // Turned down with words the writer is asked again; then it is approved.
            let gates = "/api/v1/runs/\(id)/gates"
            try await client.send(
                "POST", gates + "/final", ["decision": "reject", "feedback": "Shorter, please."])
            try await untilOpen("final.2", of: id)
            try await client.send("POST", gates + "/final.2", ["decision": "approve"])
            try await until(id, "completed")

            try await judge(id)
            try await goOn(id, keeping: mine)
        }

        private func untilOpen(_ gate: String, of id: String) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                let open = try await client.items("/api/v1/runs/\(id)/gates")
                if open.contains(where: { $0["id"]?.text == gate && $0["state"]?.text == "open" }) {
                    return
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            Issue.record("the gate \(gate) did not open")
        }

        /// What the session, its events, its artifact and its suggestions say of the same run.
        private func judge(_ id: String) async throws {
            let session = try await session(id)
            let document = try #require(session["document"]?.text)
            #expect(document.contains(Self.locked))
            #expect(session["stop_text"]?.text?.hasSuffix(".") == true)
            let events = try await client.items("/api/v1/runs/\(id)/events?limit=1000")
            let types = events.compactMap { $0["type"]?.text }
            for type in ["person.heard", "critique.merged", "gate.opened", "gate.decided"] {
                #expect(types.contains(type), "no \(type)")
            }
            let artifacts = try await client.items("/api/v1/runs/\(id)/artifacts")
            let url = try #require(artifacts.last?["url"]?.text)
            let (_, stored) = try await client.raw("GET", url)
            #expect(String(decoding: stored, as: UTF8.self) == document)
            let suggestions = try await client.items("/api/v1/sessions/\(id)/suggestions")
            #expect(suggestions.contains { $0["author"]?.text == "Writer" })
            let (_, diff) = try await client.raw(
                "GET", "/api/v1/sessions/\(id)/diff?from=0&to=1&format=text")
            #expect(String(decoding: diff, as: UTF8.self).hasPrefix("--- draft\n+++ round 1\n"))
        }

        /// A rejected change is undone after the end, and the session that goes on leaves it so.
        private func goOn(_ id: String, keeping mine: String) async throws {
            let open = try await client.items("/api/v1/sessions/\(id)/suggestions?state=open")
            let change = try #require(
                open.first { $0["obstacle"] == nil && $0["before"]?.text?.isEmpty == false })
            let number = Int(try #require(change["number"]?.number))
            let said = try await client.send(
                "POST", "/api/v1/sessions/\(id)/suggestions/\(number)", ["decision": "reject"])
            #expect(said["state"]?.text == "rejected")
            let before = try #require(try await session(id)["document"]?.text)
            let next = try await client.send(
                "POST", "/api/v1/sessions/\(id)/continue", ["max_rounds": 1])
            let following = try #require(next["id"]?.text)
            #expect(next["continued_from_id"]?.text == id)
            try await until(following, "waiting")
            try await client.send(
                "POST", "/api/v1/runs/\(following)/gates/final", ["decision": "approve"])
            try await until(following, "completed")
            let session = try await session(following)
            let document = try #require(session["document"]?.text)
            #expect(document.contains(Self.locked) && document.contains(mine))
            if said["effect"]?.text == "undone", let old = change["before"]?.text {
                #expect(before.contains(old))
                #expect(document.contains(old))
            }
            guard case .array(let agents)? = session["agents"] else { return }
            #expect(agents.count == 3)
        }

        @Test("a run that waits at its gate is there after its service was killed")
        func killedAtGate() async throws {
            let template = try await makeTemplate()
            let made = try await client.send(
                "POST", "/api/v1/templates/\(template)/runs",
                ["draft": .text(Self.draft), "max_rounds": 1])
            let id = try #require(made["id"]?.text)
            try await until(id, "waiting")
            try await SharedStack.stack.kill("orchestrator")
            var isDecided = false
            let end = ContinuousClock.now + .seconds(30)
            while !isDecided, ContinuousClock.now < end {
                let (status, _) = try await client.raw(
                    "POST", "/api/v1/runs/\(id)/gates/final", ["decision": "approve"])
                isDecided = status == 200
                if !isDecided { try await Task.sleep(for: .milliseconds(100)) }
            }
            #expect(isDecided)
            try await until(id, "completed")
        }
    }
}
