import Contracts
import Database
import Durable
import Fakes
import Mesh
import MeshContract
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("A session that is cancelled, paused or cut off", .timeLimit(.minutes(1)))
struct ControlTests {
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text ", "\(round)"]) : Rig.review(5)
        }
        return rig
    }

    @Test("cancelled in the middle of an answer, the answer is ended and the hold freed")
    func cancel() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "Text " })
            #expect(try await rig.status().held == 400)
            #expect(try await engine.cancel("run_1"))
            #expect(try await engine.end(of: "run_1").state == .cancelled)
            #expect(try await engine.kinds().last == "run.cancelled")
        }
        #expect(rig.providers.cancelled == rig.providers.asked.map(\.request.key))
        #expect(rig.providers.asked.count == 1)
        #expect(try await rig.status().held == 0)
        #expect(try await rig.entries("capture").isEmpty)
        #expect(rig.text(of: "run_1") == "")
        #expect(rig.storage.artifacts.isEmpty)
    }

    @Test("all answers side by side are ended")
    func cancelParallel() async throws {
        let rig = try await rig()
        let roles = [("Writer", Role.writer), ("One", .critic), ("Two", .critic)]
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text"]) : .init(["Well. ", "And: ", "more"])
        }
        rig.providers.release(2)
        try await rig.withEngine { engine in
            try await engine.start(
                RefineWorkflow.self, Rig.input(parallel: true, roles: roles), id: "run_1")
            #expect(await soon { rig.providers.asked.count == 3 })
            #expect(await soon { rig.text(of: "run_1") == "Well. And: Well. And: " })
            try await engine.cancel("run_1")
            #expect(try await engine.end(of: "run_1").state == .cancelled)
        }
        let keys = rig.providers.asked.map(\.request.key)
        #expect(Set(rig.providers.cancelled) == Set(keys.dropFirst()))
        #expect(try await rig.status().held == 0)
        #expect(try await rig.entries("capture").count == 1)
    }

    @Test("the hold is freed also where the provider service is away at the cancel")
    func cancelWithoutProviders() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "Text " })
            rig.providers.fail(Fault(.internal, "broken"))
            try await engine.cancel("run_1")
            #expect(try await engine.end(of: "run_1").state == .cancelled)
        }
        #expect(try await rig.status().held == 0)
    }

    @Test("cancelled while it waits for billing, it ends cancelled")
    func cancelWithoutHold() async throws {
        let rig = try await Rig(billing: false)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            try await Task.sleep(for: .milliseconds(50))
            try await engine.cancel("run_1")
            try await rig.startBilling()
            #expect(try await engine.end(of: "run_1").state == .cancelled)
        }
        #expect(rig.providers.asked.isEmpty)
        #expect(try await rig.status().held == 0)
    }

    @Test("paused, it stops after its step and goes on where it was")
    func pause() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "Text " })
            #expect(try await engine.pause("run_1"))
            rig.providers.release(nil)
            try await engine.until("run_1") { $0 == .paused }
            #expect(rig.providers.asked.count == 1)
            #expect(try await engine.turns().count == 1)
            #expect(try await rig.status().held == 300)
            #expect(try await engine.resume("run_1"))
            #expect(try await engine.end(of: "run_1").state == .completed)
            #expect(
                try await engine.kinds().filter { $0.hasPrefix("run.") } == [
                    "run.started", "run.paused", "run.resumed", "run.completed",
                ])
        }
        #expect(rig.providers.asked.count == 4)
        #expect(Set(rig.providers.asked.map(\.request.key)).count == 4)
        #expect(try await rig.entries("capture").count == 4)
    }

    @Test(
        "cut off anywhere it finishes, asks no turn twice but the one in hand, and charges each once",
        arguments: [
            "run_1:0.hold performed", "run_1:1.models performed",
            "run_1:2.loop/0.round/0.turn/0.look performed",
            "run_1:2.loop/0.round/0.turn/1.ask before",
            "run_1:2.loop/0.round/0.turn/1.ask performed",
            "run_1:2.loop/0.round/0.turn/2.answer before",
            "run_1:2.loop/0.round/0.turn/2.answer performed",
            "run_1:2.loop/0.round/0.turn/3.apply performed",
            "run_1:2.loop/0.round/1.turn/1.ask before",
            "run_1:2.loop/1.round/1.turn/2.answer performed",
            "run_1:2.loop/1.round/2.score performed", "run_1:2.loop/2.settle performed",
            "run_1:3.close performed", "run_1:4.store performed",
            "run_1:5.release performed", "run_1:finish before",
        ])
    func crash(point: String) async throws {
        let rig = try await rig()
        let folder = try Folder()
        let died = Shared(false)
        try await rig.withEngine(dyingAt: point, died, on: folder.file) { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            #expect(await soon { died.now })
        }
        #expect(died.now, "it never came to \(point)")
        let before = rig.providers.asked.count
        try await rig.withEngine(on: folder.file) { engine in
            #expect(try await engine.end(of: "run_1").state == .completed)
            let kinds = try await engine.kinds()
            #expect(kinds.count { $0 == "turn.started" } == 4)
            #expect(kinds.count { $0 == "turn.completed" } == 4)
            #expect(kinds.count { $0 == "document.stored" } == 1)
            #expect(try await engine.status("run_1")?.spent == 400)
        }
        // The providers keep an answer by its key: nothing was asked under another one.
        #expect(rig.providers.asked.count == 4, "\(before) before the end")
        #expect(Set(rig.providers.asked.map(\.request.key)).count == 4)
        #expect(rig.storage.artifacts.count == 1)
        #expect(try await rig.entries("capture").map(\.amount) == [-100, -100, -100, -100])
        #expect(try await rig.status().held == 0)
        #expect(try await rig.audit() == [])
    }

    @Test("cut off and cancelled meanwhile, it ends the answer in hand and frees the hold")
    func crashAndCancel() async throws {
        let rig = try await rig()
        let folder = try Folder()
        rig.providers.release(1)
        try await rig.withEngine(on: folder.file) { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "Text " })
        }
        try await rig.withEngine(on: folder.file) { engine in
            try await engine.cancel("run_1")
            #expect(try await engine.end(of: "run_1").state == .cancelled)
        }
        #expect(rig.providers.cancelled.count == 1)
        #expect(try await rig.status().held == 0)
    }
}

extension Rig {
    /// From `point` on nothing reaches the file, as when the process is gone.
    func withEngine(
        dyingAt point: String, _ died: Shared<Bool>, on path: String,
        _ body: @Sendable (Engine) async throws -> Void
    ) async throws {
        let database = try Database(path: path, migrations: Engine.migrations)
        var options = EngineOptions()
        options.fault = { label in
            guard label == point else { return }
            database.close()
            died.change { $0 = true }
        }
        try await withEngine(in: database, options: options, body)
    }
}
