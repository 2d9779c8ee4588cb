import EventStream
import StackDriver
import Testing
import Wire

extension WholeSystem {
    /// Kills each service in the middle of a run, as a power cut would, and expects the run to end as if
    /// nothing had happened.
    @Suite("Crashes", .serialized)
    struct CrashTests {
        static let draft = """
            # The handover

            It is important to note that the the handover was written in order to help new people. \
            Due to the fact that it basically covers everything , it is very long and it goes on and on \
            about things that could be said in fewer words, and nobody reads it to the end because of that.

            - It should be noted that each step has a owner.
            - In the event that a step fails, the owner basically makes a decision.

            At this point in time the team is in the process of making a change to the the tool, and we \
            will provide assistance to everybody who needs it in the near future.
            """

        let stack: LiveStack
        let client: StackClient

        init() async throws {
            stack = try await SharedStack.stack
            client = try StackClient(stack)
        }

        @Test(
            "a run ends as if nothing had happened when a service is killed",
            arguments: LiveStack.services)
        func kill(service: String) async throws {
            let calm = try await Self.undisturbed.value
            let run = try await client.startSession(draft: Self.draft, rounds: 2)
            var tokens = 0
            var killed = false
            let watched = try await client.watch(run) { event in
                tokens += event.type == "token" ? 1 : 0
                // In the middle of the second turn's text.
                guard !killed, tokens > 10, event.type == "token" else { return }
                guard case .text(let step)? = try event.json["step"],
                    !step.contains("/0.turn/")
                else { return }
                killed = true
                try stack.kill(service)
            }
            #expect(killed, "the run was too short to be disturbed")
            #expect(watched.endState == "completed")

            // No event is missing or doubled, and none happened twice.
            #expect(watched.seqs == Array(1...Int64(watched.seqs.count)))
            let logged = try await client.items("/api/v1/runs/\(run)/events?limit=1000")
            #expect(logged.count == watched.seqs.count)
            #expect(watched.count("turn.started") == 4)
            #expect(watched.count("turn.completed") == 4)
            #expect(watched.count("document.stored") == 1)
            #expect(watched.count("run.completed") == 1)

            // The same document as without the crash, kept once.
            let session = try await client.send("GET", "/api/v1/sessions/\(run)")
            #expect(session["document"]?.text == calm)
            let artifacts = try await client.items("/api/v1/runs/\(run)/artifacts")
            #expect(artifacts.count == 1)
            let path = try #require(artifacts.first?["url"]?.text)
            let content = try await client.raw("GET", path)
            #expect(String(decoding: content.body, as: UTF8.self) == calm)

            try await checkMoney(run)
            try await checkUsage(run)
            try await checkNotices(run)
        }

        /// Credits are charged once: one hold, one capture a turn, nothing held, and books that agree.
        private func checkMoney(_ run: String) async throws {
            let entries = try await client.items("/api/v1/billing/ledger?limit=200")
                .filter { $0["run_id"]?.text == run }
            let kinds = entries.compactMap { $0["kind"]?.text }
            #expect(kinds.count { $0 == "hold" } == 1)
            #expect(kinds.count { $0 == "capture" } == 4)
            // Every turn was taken, so nothing of the hold was left to release.
            #expect(kinds.count { $0 == "release" } <= 1)
            let status = try await client.send("GET", "/api/v1/billing/status")
            #expect(status["credits"]?["held"]?.number == 0)
            let session = try await client.send("GET", "/api/v1/sessions/\(run)")
            #expect(session["cost"]?.number == 0.4)
            let audit = try await stack.command(
                ["call", "audit", "--data", stack.folder], program: "atelier-billing")
            #expect(audit.contains("\"problems\":[]"))
        }

        /// Usage reaches analytics, each turn once.
        private func checkUsage(_ run: String) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            var turns: Double?
            repeat {
                let usage = try? await client.send("GET", "/api/v1/analytics/usage?run_id=\(run)")
                turns = usage?["totals"]?["turns"]?.number
                if turns == 4 { break }
                try await Task.sleep(for: .milliseconds(100))
            } while ContinuousClock.now < deadline
            #expect(turns == 4)
        }

        /// The run's end is told, once.
        private func checkNotices(_ run: String) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            var kinds: [String] = []
            repeat {
                let notices = try await client.items("/api/v1/notices?limit=200")
                kinds = notices.filter { $0["run_id"]?.text == run }.compactMap { $0["kind"]?.text }
                if !kinds.isEmpty { break }
                try await Task.sleep(for: .milliseconds(100))
            } while ContinuousClock.now < deadline
            #expect(kinds == ["run_completed"])
        }

        /// The document of a run that nobody disturbs: the offline provider is deterministic.
        private static let undisturbed = Task {
            let client = try await StackClient(SharedStack.stack)
            let run = try await client.startSession(draft: draft, rounds: 2)
            let watched = try await client.watch(run)
            guard watched.endState == "completed" else {
                throw LiveStack.Failure(
                    description: "the undisturbed run ended \(watched.endState ?? "?")")
            }
            return try await client.send("GET", "/api/v1/sessions/\(run)")["document"]?.text
        }
    }
}
