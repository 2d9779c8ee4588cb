import Contracts
import Durable
import Fakes
import FoundationEssentials
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

/// Histories of released workflows, kept for ever: whatever is changed, runs that are under way on
/// somebody's machine must be able to go on.
@Suite("Histories", .timeLimit(.minutes(1)))
struct HistoryTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/Fixtures/histories"

    private static var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".json") }.sorted()
    }

    private static var isRecording: Bool {
        ProcessInfo.processInfo.environment["ATELIER_ACCEPT"] == "1"
    }

    @Test("every kept history fits the code of today", arguments: files)
    func fits(file: String) async throws {
        let rig = try await Rig(billing: false, jobs: false)
        let bytes = try #require(FileManager.default.contents(atPath: "\(Self.folder)/\(file)"))
        let history = try OrchestratorNode.history(from: bytes)
        #expect(file.hasPrefix("\(history.workflow)-v\(history.version)-"))
        let verdict = try await rig.node.engine.replay(history)
        if history.state == .paused {
            #expect(verdict.isFaithful, "\(verdict)")
        } else {
            #expect(verdict == .same)
        }
        // Nothing is done by a replay.
        #expect(rig.providers.asked.isEmpty)
    }

    @Test("every workflow that there is has histories of its own")
    func complete() async throws {
        let rig = try await Rig(billing: false, jobs: false)
        for name in rig.node.engine.code {
            let prefix = name.split(separator: " ").joined(separator: "-") + "-"
            let count = Self.files.filter { $0.hasPrefix(prefix) }.count
            #expect(
                count >= 4,
                "\(name): record some with ATELIER_ACCEPT=1 swift test --filter HistoryTests")
        }
    }

    enum Scene: String, CaseIterable {
        case completed, failed, cancelled, paused
    }

    @Test("runs of today can be kept, and fit at once", arguments: Scene.allCases)
    func records(scene: Scene) async throws {
        let rig = try await Rig()
        let id = try await play(scene, rig)
        let history = try #require(try await rig.node.engine.history(id))
        #expect(try await rig.node.engine.replay(history).isFaithful)
        guard Self.isRecording else { return }
        let name = "\(history.workflow)-v\(history.version)-\(scene.rawValue).json"
        // What is kept stays as it is: it stands for runs that exist.
        guard !Self.files.contains(name) else { return }
        try OrchestratorNode.text(of: history)
            .write(toFile: "\(Self.folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private func play(_ scene: Scene, _ rig: Rig) async throws -> String {
        var request = Rig.request(rounds: 3, start: true)
        request.agents?.append(.init(name: "Second", role: "critic"))
        request.parallelCritique = true
        rig.providers.answer { request, attempt in
            let isLast = request.agent == "Second" && scene == .failed
            return request.agent == "Writer"
                ? .init(["Text by ", "the writer"])
                : .init(
                    ["Fine. ", "```json\n{\"score\": 7, \"criteria\": {\"wit\": 7}}\n```"],
                    failure: isLast ? Fault(.upstream, "the model is gone") : nil)
        }
        if scene == .paused || scene == .cancelled { rig.providers.release(1) }
        let id = try await rig.gateway.call(request).run.id
        let asking = Orchestrator.PauseRun(user: Rig.user, id: id)
        switch scene {
        case .completed: try await rig.until(id, "completed")
        case .failed: try await rig.until(id, "failed")
        case .paused:
            _ = try await soon { try await rig.events(id).contains { $0.type == "turn.started" } }
            _ = try await rig.gateway.call(asking)
            rig.providers.release(nil)
            try await rig.until(id, "paused")
        case .cancelled:
            _ = try await soon { try await rig.events(id).contains { $0.type == "turn.started" } }
            _ = try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
            try await rig.until(id, "cancelled")
        }
        return id
    }
}
