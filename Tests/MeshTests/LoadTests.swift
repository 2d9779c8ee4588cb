import Mesh
import MeshContract
import Testing

/// Many calls at once, and the service's own account of them.
@Suite("Load and self-description", .serialized, .timeLimit(.minutes(1)))
struct LoadTests {
    @Test(
        "past the limit a call is refused at once, and its place is free again later",
        arguments: Way.tested)
    func admission(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes, limit: 3)
        let client = rig.client()
        let waiting = (0..<3).map { _ in Task { await fault(of: Lab.WaitOnce(), client) } }
        await bench.started.reaches(3)
        #expect(await fault(of: Lab.WaitOnce(), client)?.code == .overloaded)
        #expect(bench.started.count == 3)
        // Full is not dead, and what it says of itself is what one wants to know then.
        #expect(await client.ping(Lab.name))
        let stats = try await client.stats(Lab.name)
        #expect(stats.inHand == 3 && stats.refused >= 1)
        bench.door.open()
        for task in waiting { #expect(await task.value == nil) }
        #expect(await fault(of: Lab.WaitOnce(), client) == nil)
    }

    @Test("a repeatable call waits out a full service", arguments: Way.tested)
    func retriesOverload(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes, limit: 1)
        let client = rig.client()
        let first = Task { await fault(of: Lab.WaitOnce(), client) }
        await bench.started.reaches(1)
        let second = Task { try await client.call(Lab.Echo(text: "patient")).text }
        #expect(try await eventually { try await client.stats(Lab.name).refused >= 1 })
        bench.door.open()
        #expect(await first.value == nil)
        #expect(try await second.value == "patient")
    }

    @Test("a thousand sleeping handlers do not slow a quick call", arguments: Way.tested)
    func sleepers(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let sleeping = (0..<1_000).map { _ in
            Task(executorPreference: rig.callerLoop) {
                await fault(of: Lab.Wait(), client, within: .seconds(50))
            }
        }
        await bench.started.reaches(1_000)
        for number in 0..<50 {
            #expect(try await client.call(Lab.Echo(text: "\(number)")).text == "\(number)")
        }
        #expect(bench.ended.count == 0)
        bench.door.open()
        for task in sleeping { #expect(await task.value == nil) }
    }

    /// The calls live on a loop, for ten thousand tasks on the pool would hold up every other test.
    @Test("ten thousand calls are in flight at once", arguments: Way.sockets)
    func manyInFlight(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes, limit: 10_000)
        let client = rig.client()
        let calls = (0..<10_000).map { _ in
            Task(executorPreference: rig.callerLoop) {
                await fault(of: Lab.WaitOnce(), client, within: .seconds(50))
            }
        }
        await bench.started.reaches(10_000)
        bench.door.open()
        var failed = 0
        for call in calls where await call.value != nil { failed += 1 }
        #expect(failed == 0)
        #expect(bench.ended.count == 10_000)
    }

    @Test("every service tells its name, methods, figures and contract", arguments: Way.tested)
    func reserved(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        #expect(await client.ping(Lab.name))
        #expect(await !client.ping("nobody", within: .milliseconds(50)))
        let info = try await client.info(Lab.name)
        #expect(info.service == "lab")
        #expect(info.methods == Lab.contract.methods.map(\.name))
        _ = try await client.call(Lab.Echo(text: "one"))
        _ = await fault(of: Lab.Fail(code: "invalid"), client)
        _ = await fault(of: Lab.Fail(code: "invalid"), client)
        let methods = try await client.stats(Lab.name).methods
        #expect(methods.map(\.method) == ["echo", "fail"])
        #expect(methods.map(\.calls) == [1, 2])
        #expect(methods.map(\.faults) == [0, 2])
        let described = try await client.describe(Lab.name)
        #expect(described == Lab.contract.methods.map(\.signature))
    }

    @Test("a stranger's inventions do not grow the figures", arguments: Way.tested)
    func boundedStats(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        for _ in 0..<3 { _ = await fault(of: Lab.Unknown(), client) }
        #expect(try await client.stats(Lab.name).methods.isEmpty)
    }
}
