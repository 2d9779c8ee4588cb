import Contracts
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import SandboxService

@Suite("Refusals")
struct RefusalTests {
    @Test("without bubblewrap nothing is executed, and the fault says what to do")
    func noBubblewrap() async throws {
        let rig = try await Rig(["SANDBOX_BWRAP": "/nonexistent/bwrap"])
        let refused = await fault { _ = try await rig.run(["echo"], key: "k") }
        #expect(refused?.code == .unavailable)
        #expect(refused?.detail?.contains("install bubblewrap") == true)
        let layers = try await rig.client.call(Sandbox.GetLayers())
        #expect(layers.strength == "none")
        #expect(layers.holding.isEmpty)
        #expect(try await rig.client.call(Sandbox.ListExecutions(limit: 5)).executions.isEmpty)
    }

    @Test("strong means strong: a missing control group is a refusal", .isolating)
    func notStrong() async throws {
        let rig = try await Rig(["SANDBOX_MODE": "strong", "SANDBOX_CGROUP": "off"])
        let refused = await fault { _ = try await rig.run(["echo"]) }
        #expect(refused?.code == .unavailable)
        #expect(refused?.detail?.contains("control-group") == true)
    }

    @Test("isolation is off only when asked for by its long name")
    func off() async throws {
        await #expect(throws: Fault.self) { try await Rig(["SANDBOX_MODE": "none"]) }
        let rig = try await Rig(["SANDBOX_MODE": "off-without-isolation"])
        let execution = try await rig.run(
            ["/bin/sh", "-c", "cat a/b.txt; cat; pwd; exit 3"], input: "in ",
            files: [Sandbox.File(path: "a/b.txt", content: "file ")])
        #expect(execution.standardOutput.hasPrefix("file in /tmp/atelier-sandbox-"))
        #expect(execution.exitCode == 3)
        let folder = execution.standardOutput.split(separator: " ").last?.dropLast() ?? "/"
        #expect(!FileManager.default.fileExists(atPath: String(folder)))
        let late = try await rig.shell("sleep 60 & sleep 60", wall: 100)
        #expect(late.isTimedOut)
        #expect(late.wallMilliseconds < 2_000)
        let killed = try await rig.shell("kill -15 $$")
        #expect(killed.signal == 15)
        let layers = try await rig.client.call(Sandbox.GetLayers())
        #expect(layers.strength == "none")
    }

    @Test("every field at fault is told of, by its pointer")
    func pointers() {
        let request = Sandbox.Execute(
            command: ["a\u{0}"],
            files: [
                Sandbox.File(path: "../x", content: ""), Sandbox.File(path: "a", content: ""),
                Sandbox.File(path: "a/b", content: ""),
            ], wallMilliseconds: 0, memoryBytes: 1, outputBytes: -1, key: "")
        let pointers = [
            "/command/0", "/files/0/path", "/files/2/path", "/wallMilliseconds", "/memoryBytes",
            "/outputBytes", "/key",
        ]
        #expect {
            try Order(request, within: Allowance())
        } throws: {
            ($0 as? Fault)?.fields?.map(\.pointer) == pointers
        }
    }

    @Test(
        "a path that could leave the workspace is refused",
        arguments: [
            "", "/etc/passwd", "..", "a/../../b", "./a", "a//b", "a/", "a\u{0}b", "a\nb",
            String(repeating: "x", count: 256), String(repeating: "a/", count: 20) + "b",
        ])
    func badPaths(path: String) {
        #expect(WorkspacePath.fault(path) != nil)
    }

    @Test("a plain relative path is taken", arguments: ["a", "a/b.txt", "..a/.b", "é/ü ß"])
    func goodPaths(path: String) {
        #expect(WorkspacePath.fault(path) == nil)
    }

    @Test("paths that need one another to be folder and file collide")
    func collisions() {
        #expect(WorkspacePath.collision(["a", "b", "a"]) == 2)
        #expect(WorkspacePath.collision(["a/b", "a"]) == 1)
        #expect(WorkspacePath.collision(["a", "a/b/c"]) == 1)
        #expect(WorkspacePath.collision(["a/b", "a/c", "ab"]) == nil)
    }

    @Test("the cut never leaves half a character behind")
    func cut() {
        for (limit, text) in [(4, "aéb"), (3, "aé"), (2, "a"), (1, "a"), (0, "")] {
            var buffer = OutputBuffer(limit: limit)
            for byte in "aébc".utf8 { buffer.append([byte]) }
            #expect(buffer.text == text)
            #expect(buffer.isTruncated)
        }
    }

    @Test("one more than the queue holds is overload")
    func slots() async throws {
        let slots = Slots(1, queue: 0)
        try await slots.acquire()
        await #expect(throws: Fault.self) { try await slots.acquire() }
        slots.release()
        try await slots.acquire()
    }

    @Test("bubblewrap's status is read only once it is whole")
    func status() {
        var status = BubblewrapStatus()
        status.append(Array("{ \"child-pid\": 12".utf8))
        #expect(status.child == nil)
        status.append(Array("34, \"net-namespace\": 1}\n{ \"exit-code\": 137 }".utf8))
        #expect(status.child == 1_234)
        #expect(status.exitCode == 137)
        #expect(Ending(code: 137) == .signalled(9))
        #expect(Ending(code: 128) == .exited(128))
    }
}
