import Console
import EventLoop
import FoundationEssentials
import Glibc
import ServiceKit
import Synchronization
import Testing

@testable import AtelierTools

/// A stack whose services are shell scripts.
private final class FakeStack: Sendable {
    let plan: StackPlan
    private let loop = EventLoop()
    private let lines = Mutex<[String]>([])
    private let signals: (AsyncStream<Int32>, AsyncStream<Int32>.Continuation)

    /// Runs the script beside itself. No program is written here: what another test is just starting
    /// would hold it open for a moment, and then it could not be run ("Text file busy").
    private static let interpreter = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/tools/service").standardized.path

    /// `scripts` are the bodies of those services that do more than wait for their end.
    init(_ scratch: borrowing Scratch, _ scripts: [String: String] = [:]) throws {
        let usual = "trap 'echo gone; exit 0' TERM\necho here\nwhile :; do sleep 0.01; done"
        for service in StackPlan.services {
            let program = "atelier-\(service)"
            _ = try scratch.write("\(program).sh", Array((scripts[service] ?? usual).utf8))
            symlink(Self.interpreter, "\(scratch.path)/\(program)")
        }
        signals = AsyncStream.makeStream()
        plan = StackPlan(
            data: try DataFolder("\(scratch.path)/d"), port: 1, previewPort: 2,
            programs: scratch.path, environment: ["PATH": "/usr/bin:/bin", "MARK": "kept"])
    }

    deinit { loop.stop() }

    var log: [String] { lines.withLock { $0 } }
    func signal() { signals.1.yield(SIGTERM) }

    /// Runs the supervisor while `body` looks at it, then stops it.
    func run(_ body: () async throws -> Void) async throws {
        let supervisor = Supervisor(plan, on: loop) { [self] line in
            lines.withLock { $0.append(line) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await supervisor.run(until: self.signals.0) }
            defer { signal() }
            try await body()
        }
    }

    /// Waits until the log has `count` lines with these words.
    func see(_ words: String, times count: Int = 1, within time: Duration = .seconds(10)) async
        -> Bool
    {
        let end = ContinuousClock.now + time
        while log.filter({ $0.contains(words) }).count < count {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return true
    }
}

@Suite("The supervisor")
struct SupervisorTests {
    @Test("services see what they must agree on, and their lines carry their names")
    func environment() async throws {
        let scratch = try Scratch()
        let stack = try FakeStack(
            scratch,
            ["billing": "echo \"$ATELIER_PORT $ATELIER_PREVIEW_PORT $MARK $*\"; exec sleep 60"])
        try await stack.run {
            #expect(await stack.see("billing: 1 2 kept serve --data \(stack.plan.data.path)"))
        }
    }

    @Test("a service that is killed is started again without a pause, with a new pid file")
    func restart() async throws {
        let scratch = try Scratch()
        let stack = try FakeStack(scratch)
        try await stack.run {
            #expect(await stack.see("here", times: 7))
            let old = try scratch.read("d/run/storage.pid")
            let process = try #require(pid_t(old.dropLast()))
            kill(process, SIGKILL)
            #expect(await stack.see("started service=storage", times: 2))
            let told = try #require(stack.log.first { $0.contains("is started again") })
            #expect(told.contains("service=storage end=\"signal 9\" restart=1"))
            #expect(told.hasSuffix("in=\"0.0 seconds\""))
            #expect(await stack.see("storage: here", times: 2))
            #expect(try scratch.read("d/run/storage.pid") != old)
        }
    }

    @Test("services end one after the other, callers first, and leave no pid file")
    func order() async throws {
        let scratch = try Scratch()
        let stack = try FakeStack(scratch)
        try await stack.run { #expect(await stack.see("here", times: 7)) }
        #expect(await stack.see("gone", times: 7))
        let order = stack.log.filter { $0.hasSuffix(": gone") }.map { String($0.dropLast(6)) }
        #expect(order == StackPlan.services.reversed())
        let left = try FileManager.default.contentsOfDirectory(
            atPath: "\(stack.plan.data.path)/run")
        #expect(left.filter { $0.hasSuffix(".pid") }.isEmpty)
    }

    @Test("a second signal ends services that do not want to end")
    func secondSignal() async throws {
        let scratch = try Scratch()
        let stubborn = "trap '' TERM\necho here\nwhile :; do sleep 0.01; done"
        let stack = try FakeStack(scratch, ["gateway": stubborn])
        let begun = ContinuousClock.now
        try await stack.run {
            #expect(await stack.see("here", times: 7))
            stack.signal()
            #expect(await stack.see("stopping"))
        }
        #expect(ContinuousClock.now - begun < .seconds(60))
        #expect(stack.log.contains { $0.contains("is killed service=gateway") })
    }

    @Test("services that outlived their supervisor are ended before new ones start")
    func leftovers() async throws {
        let scratch = try Scratch()
        let stack = try FakeStack(scratch)
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        let orphan = try Subprocess.start(
            stack.plan.program("billing"), stack.plan.arguments("billing"),
            environment: stack.plan.environment, output: null, in: .group)
        try DataFolder.write(Array("\(orphan)\n".utf8), to: stack.plan.processFile("billing"))
        // A number that belongs to somebody else by now is let alone: it is this test itself.
        try DataFolder.write(Array("\(getpid())\n".utf8), to: stack.plan.processFile("storage"))
        async let end = ProcessEnd.of(orphan)
        // Its end is awaited as soon as the shell has taken its place.
        while await Leftovers(plan: stack.plan).end() != ["billing"] {
            try DataFolder.write(Array("\(orphan)\n".utf8), to: stack.plan.processFile("billing"))
        }
        #expect([.exited(0), .signalled(SIGTERM)].contains(await end))
    }

    @Test("restarts come at once, then ever later, and anew after a steady time")
    func backoff() {
        var backoff = Backoff()
        let delays = (0..<9).map { _ in backoff.delay(afterUptime: .seconds(1)) }
        #expect(
            delays == [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map { .milliseconds($0) })
        #expect(backoff.delay(afterUptime: .seconds(11)) == .zero)
        #expect(backoff.delay(afterUptime: .zero) == .milliseconds(100))
    }

    @Test("one supervisor a folder: the second learns who the first is")
    func lock() throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/lock"
        #expect(SupervisorLock.holder(file) == nil)
        var lock = try SupervisorLock.take(file)
        lock?.write(StackKeeper(process: 77, port: 8_420))
        #expect(SupervisorLock.holder(file) == StackKeeper(process: 77, port: 8_420))
        #expect(try SupervisorLock.take(file) == nil)
        lock = nil
        // A child that another test is just spawning has our descriptors until it executes.
        for _ in 0..<1_000 where SupervisorLock.holder(file) != nil { poll(nil, 0, 5) }
        #expect(SupervisorLock.holder(file) == nil)
        #expect(SupervisorLock.parse("pid=1 port=2\n") == nil)
        #expect(SupervisorLock.parse("pid=12 po") == nil)
    }

    @Test("a port that is taken is named")
    func port() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let server = try StreamServer { _, _ in }
        let refusal = #expect(throws: Refusal.self) {
            try StackPlan.checkFree(server.port, flag: "--port")
        }
        #expect(refusal?.description.contains("port \(server.port) is taken") == true)
    }
}

@Suite("Logs")
struct LogTests {
    @Test("lines are cut out of any pieces, and one without an end is cut")
    func lines() {
        var splitter = LineSplitter()
        #expect(splitter.feed(Array("one\r\ntw".utf8)) == ["one"])
        #expect(splitter.feed(Array("o\n\nthr".utf8)) == ["two", ""])
        #expect(splitter.finish() == "thr" && splitter.finish() == nil)
        let long = [UInt8](repeating: 120, count: LineSplitter.longest + 1)
        #expect(splitter.feed(long).map(\.utf8.count) == [LineSplitter.longest])
    }

    @Test("a log turns over at its limit and keeps the last one")
    func rotation() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/log"
        let log = try LogFile(path, limit: 20)
        for number in 1...5 { log.write("line \(number)") }
        #expect(try scratch.read("log") == "line 5\n")
        #expect(try scratch.read("log.1") == "line 3\nline 4\n")
        #expect(LogFile.tail(of: path, from: 0) == ["line 5"])
        #expect(LogFile.tail(of: path, from: 99) == ["line 5"])
    }
}
