import Dispatch
import EventLoop
import Log
import MeshContract
import Testing
import Wire

@testable import Mesh

/// What a service tells of itself.
@Suite("Figures", .timeLimit(.minutes(1)))
struct StatsTests {
    private func method(_ name: String, _ stats: ServiceStats) throws -> ServiceStats.Method {
        try #require(stats.methods.first { $0.method == name })
    }

    @Test(
        "calls, bytes, faults by code and times are told for each method", arguments: Way.tested)
    func counts(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        for _ in 0..<5 {
            _ = try await client.call(Lab.Echo(text: "", bytes: Array(repeating: 1, count: 1_000)))
        }
        _ = await fault(of: Lab.Fail(code: "conflict"), client)
        for _ in 0..<2 { _ = await fault(of: Lab.Fail(code: "invalid"), client) }
        _ = await fault(of: Lab.Unknown(), client)
        let stats = try await client.stats(Lab.name)
        let echo = try method("echo", stats)
        #expect(echo.calls == 5 && echo.faults == 0 && echo.inHand == 0)
        #expect((5_000..<7_000).contains(echo.bytesIn) && (5_000..<7_000).contains(echo.bytesOut))
        #expect(echo.latency.count == 5 && echo.queue.count == 5)
        #expect(echo.latency.longest > 0 && echo.queue.longest <= echo.latency.longest)
        let fail = try method("fail", stats)
        #expect(fail.calls == 3 && fail.faults == 3)
        #expect(fail.faultCodes == ["conflict": 1, "invalid": 2])
        #expect(stats.unknown == 1)
        #expect(stats.process.residentBytes > 1 << 20 && stats.process.descriptors > 3)
        #expect(stats.process.descriptorLimit >= stats.process.descriptors)
        #expect(stats.process.process > 1)
        if way != .loopback {
            #expect(stats.process.connections == 1)
            #expect(stats.loops.contains { $0.turns.count > 0 })
        }
    }

    @Test("what is in hand, cancelled or refused is told as well", arguments: Way.sockets)
    func inHand(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes, limit: 2)
        let client = rig.client()
        let waiting = (0..<2).map { _ in Task { await fault(of: Lab.WaitOnce(), client) } }
        await bench.started.reaches(2)
        // They are tried again, for nothing was begun.
        for _ in 0..<2 { _ = await fault(of: Lab.WaitOnce(), client, within: .milliseconds(50)) }
        _ = await fault(of: Lab.Fail(code: "conflict"), client, within: .milliseconds(50))
        var stats = try await client.stats(Lab.name)
        var wait = try method("wait-once", stats)
        #expect(stats.inHand == 2 && stats.refused >= 3)
        #expect(wait.inHand == 2 && wait.refused >= 2 && wait.calls == 0)
        #expect(wait.oldestMilliseconds >= 0)
        #expect(try method("fail", stats).refused >= 1)
        waiting[0].cancel()
        await bench.cancelled.reaches(1)
        #expect(try await eventually { try await client.stats(Lab.name).inHand == 1 })
        bench.door.open()
        for task in waiting { _ = await task.value }
        stats = try await client.stats(Lab.name)
        wait = try method("wait-once", stats)
        #expect(wait.inHand == 0 && wait.calls == 2 && wait.cancelled == 1)
        #expect(wait.faultCodes == ["timed-out": 1])
    }

    @Test("two readings tell what happened between them")
    func window() async throws {
        let rig = try Rig(.loopback)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        _ = try await client.call(Lab.Echo(text: "before"))
        _ = await fault(of: Lab.Fail(code: "invalid"), client)
        let before = try await client.stats(Lab.name)
        for _ in 0..<3 { _ = try await client.call(Lab.Echo(text: "after")) }
        _ = await fault(of: Lab.Fail(code: "denied"), client)
        let after = try await client.stats(Lab.name)
        let between = after.since(before)
        #expect(try method("echo", between).calls == 3)
        #expect(try method("echo", between).latency.count == 3)
        #expect(try method("fail", between).faultCodes == ["denied": 1])
        #expect(after.since(after).methods.allSatisfy { $0.calls == 0 && $0.latency.count == 0 })
        var other = before
        other.process.process += 1
        #expect(after.since(other) == after)
    }

    @Test("a handler that makes up codes does not make the figures grow")
    func codes() async throws {
        let rig = try Rig(.loopback)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        for number in 0..<40 { _ = await fault(of: Lab.Fail(code: "code-\(number)"), client) }
        let fail = try method("fail", try await client.stats(Lab.name))
        #expect(fail.faults == 40 && fail.faultCodes.count == 17)
        #expect(fail.faultCodes["other"] == 24)
    }

    private struct Older: Codable {
        struct Method: Codable {
            var method: String
            var calls: Int
            var faults: Int
            var meanMicroseconds: Int
        }
        var inHand: Int
        var refused: Int
        var methods: [Method]
    }

    @Test("older readers and older services are understood")
    func versions() async throws {
        let method = Older.Method(method: "echo", calls: 3, faults: 1, meanMicroseconds: 9)
        let old = try WireEncoder.encode(Older(inHand: 1, refused: 2, methods: [method]))
        let read = try WireDecoder.decode(ServiceStats.self, from: old)
        #expect(read.inHand == 1 && read.refused == 2)
        #expect(read.methods.map(\.calls) == [3] && read.methods[0].latency.count == 0)
        let rig = try Rig(.loopback)
        try rig.serve(LabBench().routes)
        _ = try await rig.client().call(Lab.Echo(text: ""))
        let new = try WireEncoder.encode(try await rig.client().stats(Lab.name))
        #expect(try WireDecoder.decode(Older.self, from: new).methods.map(\.calls) == [1])
    }
}
