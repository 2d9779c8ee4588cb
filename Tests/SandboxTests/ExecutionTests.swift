import Contracts
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import SandboxService

@Suite("Executions", .isolating)
struct ExecutionTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    @Test("a command says what it says, and arguments reach it as they are")
    func echo() async throws {
        let execution = try await rig.run(["/usr/bin/printf", "%s|", "a b", "$(id)", "'\"", "ü"])
        #expect(execution.standardOutput == "a b|$(id)|'\"|ü|")
        #expect(execution.exitCode == 0)
        #expect(execution.signal == nil)
        #expect(!execution.isTimedOut && !execution.isTruncated && !execution.isOutOfMemory)
        #expect(execution.id.hasPrefix("exe_"))
        #expect(execution.startedAt == rig.mesh.clock.now)
    }

    @Test("a program without a slash is looked for in the sandbox's own PATH")
    func path() async throws {
        #expect(try await rig.run(["pwd"]).standardOutput == "/workspace\n")
        #expect(try await rig.run(["no-such-program"]).exitCode == 127)
    }

    @Test("both streams are kept apart")
    func streams() async throws {
        let execution = try await rig.shell("echo out; echo err >&2")
        #expect(execution.standardOutput == "out\n")
        #expect(execution.standardError == "err\n")
    }

    @Test("input arrives whole, and its end with it")
    func input() async throws {
        let text = String(repeating: "0123456789abcde\n", count: 20_000)
        let execution = try await rig.run(["/usr/bin/wc", "-c"], input: text)
        #expect(execution.standardOutput == "320000\n")
        let again = try await rig.run(
            ["/bin/sh", "-c", "cat /dev/stdin > /dev/stdout"], input: "hi")
        #expect(again.standardOutput == "hi")
        #expect(try await rig.run(["/usr/bin/wc", "-c"]).standardOutput == "0\n")
    }

    @Test("files are there before the start, in folders, and can be changed")
    func files() async throws {
        let execution = try await rig.run(
            ["./run.sh"],
            files: [
                Sandbox.File(
                    path: "run.sh", content: "#!/bin/sh\ncat a/b/c.txt; echo >> a/b/c.txt"),
                Sandbox.File(path: "a/b/c.txt", content: "hello"),
                Sandbox.File(path: "empty", content: ""),
            ])
        #expect(execution.standardOutput == "hello")
        #expect(execution.standardError == "")
        #expect(execution.exitCode == 0)
    }

    @Test("the exit code is passed on", arguments: [0, 1, 7, 126])
    func exitCode(code: Int) async throws {
        let execution = try await rig.shell("exit \(code)")
        #expect(execution.exitCode == code)
        #expect(execution.signal == nil)
    }

    @Test("a signal is told as a signal", arguments: [SIGKILL, SIGSEGV, SIGTERM])
    func signal(number: Int32) async throws {
        let execution = try await rig.shell("kill -\(number) $$; sleep 5")
        #expect(execution.signal == Int(number))
        #expect(execution.exitCode == nil)
    }

    @Test("output that is no UTF-8 is repaired")
    func repair() async throws {
        let execution = try await rig.shell("printf 'a\\377b\\303'")
        #expect(execution.standardOutput == "a\u{fffd}b\u{fffd}")
        #expect(!execution.isTruncated)
    }

    @Test("output is cut at the limit and the rest drained")
    func cut() async throws {
        let execution = try await rig.shell("yes | head -c 3000000; echo done >&2", output: 1_000)
        #expect(execution.standardOutput.utf8.count == 1_000)
        #expect(execution.standardError == "done\n")
        #expect(execution.isTruncated)
        #expect(execution.exitCode == 0)
        let endless = try await rig.run(["/usr/bin/yes"], wall: 900, output: 10)
        #expect(endless.standardOutput == "y\ny\ny\ny\ny\n")
        #expect(endless.isTimedOut && endless.isTruncated)
    }

    @Test(
        "time over ends a sleeper, one that ignores signals, and one that has forked away",
        arguments: [
            "echo a; sleep 60", "trap '' TERM INT HUP; echo a; while :; do sleep 1; done",
            "echo a; setsid sh -c 'setsid sleep 60 & sleep 60' & sleep 60",
            "echo a; exec >&- 2>&-; sleep 60",
        ])
    func timeout(script: String) async throws {
        let execution = try await rig.shell(script, wall: 900)
        #expect(execution.isTimedOut)
        #expect(execution.standardOutput == "a\n")
        #expect(execution.signal == 9)
        #expect((900..<3_000).contains(execution.wallMilliseconds))
    }

    @Test("what was forked away ends with the command, though it holds the output open")
    func leftBehind() async throws {
        let execution = try await rig.shell("(setsid sleep 60 &) ; echo done")
        #expect(execution.standardOutput == "done\n")
        #expect(!execution.isTimedOut)
        #expect(execution.wallMilliseconds < 3_000)
    }

    @Test("the same key runs once, one after the other and at the same time")
    func once() async throws {
        let script = "cat /proc/sys/kernel/random/uuid; sleep 0.1"
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 1...5 {
                group.addTask { [rig] in
                    try await rig.shell(script, key: "one").standardOutput
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts.count == 1)
        #expect(try await rig.shell(script, key: "one").standardOutput == texts.first)
        #expect(try await rig.shell(script, key: "two").standardOutput != texts.first)
        let other = await fault { _ = try await rig.shell("echo other", key: "one") }
        #expect(other?.code == .conflict)
    }

    @Test("an execution that was under way when the process died runs again under its id")
    func again() async throws {
        let request = Sandbox.Execute(command: ["echo", "hi"], key: "k")
        let order = try Order(request, within: rig.node.allowance)
        guard case .started(let id, _) = try await rig.node.store.begin(order) else {
            Issue.record("a fresh key was known")
            return
        }
        let execution = try await rig.client.call(request)
        #expect(execution.id == id)
        #expect(execution.standardOutput == "hi\n")
    }

    @Test("executions are listed newest first, without their output")
    func list() async throws {
        let first = try await rig.shell("echo secret; exit 3")
        let second = try await rig.shell("kill -9 $$")
        let list = try await rig.client.call(Sandbox.ListExecutions(limit: 10)).executions
        #expect(list.map(\.id) == [second.id, first.id])
        #expect(list.allSatisfy { $0.standardOutput.isEmpty && $0.standardError.isEmpty })
        #expect(list.map(\.exitCode) == [nil, 3])
        #expect(list.map(\.signal) == [9, nil])
        #expect(try await rig.client.call(Sandbox.ListExecutions(limit: 1)).executions.count == 1)
    }

    @Test("what is older than the retention is forgotten, key included")
    func retention() async throws {
        let first = try await rig.run(["echo"], key: "k")
        #expect(try await rig.node.retention.once() == 0)
        rig.mesh.clock.advance(by: .seconds(169 * 3_600))
        #expect(try await rig.node.retention.once() == 1)
        #expect(try await rig.run(["echo"], key: "k").id != first.id)
    }
}
