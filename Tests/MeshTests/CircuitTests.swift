import EventLoop
import MeshContract
import SP
import Synchronization
import Testing

@testable import Mesh

/// A replica that does not answer is left alone until it answers a ping.
@Suite("Circuits", .timeLimit(.minutes(1)))
struct CircuitTests {
    static let millisecond: UInt64 = 1_000_000

    /// One that has just opened.
    private func opened(at now: UInt64) -> Circuit {
        var circuit = Circuit()
        for step in 0..<5 {
            _ = circuit.failed(at: now - UInt64(4 - step) * 100 * Self.millisecond)
        }
        return circuit
    }

    @Test("it opens at the fifth failure in a row, and an answer between begins anew")
    func opens() {
        var circuit = Circuit()
        var now: UInt64 = 1_000 * Self.millisecond
        for round in 1...9 {
            now += 100 * Self.millisecond
            #expect(circuit.failed(at: now) == false)
            #expect(circuit.mayCall)
            if round == 4 { circuit.answered() }
            if round == 8 { break }
        }
        #expect(circuit.failed(at: now + 100 * Self.millisecond) == true)
        #expect(!circuit.mayCall && circuit.state == .open)
    }

    @Test("failures of one moment count once, and old ones not at all")
    func moments() {
        var circuit = Circuit()
        for step in 0..<1_000 as Range<UInt64> {
            _ = circuit.failed(at: 1_000 * Self.millisecond + step * 1_000)
        }
        #expect(circuit.failures == 1)
        for round in 1...20 as ClosedRange<UInt64> {
            _ = circuit.failed(at: round * 31_000 * Self.millisecond)
        }
        #expect(circuit.failures == 1 && circuit.mayCall)
    }

    @Test("a ping decides, and each rest is longer than the last one")
    func probes() {
        var now: UInt64 = 10_000 * Self.millisecond
        var circuit = opened(at: now)
        var rests: [UInt64] = []
        for _ in 0..<8 {
            #expect(circuit.beginProbe(at: circuit.probeAt - 1) == false)
            rests.append(circuit.probeAt - now)
            now = circuit.probeAt
            #expect(circuit.beginProbe(at: now) && !circuit.beginProbe(at: now))
            #expect(!circuit.mayCall)
            circuit.probed(isAlive: false, at: now)
        }
        #expect(rests[0] >= 375 * Self.millisecond && rests[0] <= 625 * Self.millisecond)
        #expect(rests[7] >= 11_250 * Self.millisecond && rests[7] <= 18_750 * Self.millisecond)
        now = circuit.probeAt
        #expect(circuit.beginProbe(at: now) == true)
        circuit.probed(isAlive: true, at: now)
        #expect(circuit.mayCall)
        // Alive is not well: one more failure is enough.
        #expect(circuit.failed(at: now + 200 * Self.millisecond) == true)
    }

    @Test("a connection that comes up is asked at once")
    func comesUp() {
        let now: UInt64 = 10_000 * Self.millisecond
        var circuit = opened(at: now)
        circuit.cameUp(at: now + 1)
        #expect(circuit.beginProbe(at: now + 1) == true)
        circuit.probed(isAlive: true, at: now + 2)
        circuit.answered()
        #expect(circuit.failures == 0)
    }

    @Test("without rules it never opens")
    func never() {
        var circuit = Circuit(.none)
        for round in 1...100 as ClosedRange<UInt64> {
            #expect(circuit.failed(at: round * 1_000 * Self.millisecond) == false)
        }
        #expect(circuit.mayCall)
    }

    /// Quick enough for a test.
    private static let quick = Circuit.Rules(
        failures: 3, apart: 0, window: .max / 4, rest: 20 * millisecond,
        longestRest: 40 * millisecond)

    @Test(
        "a peer that hangs is left alone, and called again once it answers", arguments: [Way.ipc])
    func hangs(way: Way) async throws {
        let fleet = try Fleet(way, 1)
        let stuck = try Stuck(at: fleet.urls[0])
        defer { stuck.loop.stop() }
        let client = fleet.client(rules: Self.quick)
        for _ in 0..<3 {
            #expect(
                await fault(of: Crew.Name(), client, within: .milliseconds(50))?.code == .timedOut)
        }
        let fault = try #require(await fault(of: Crew.Name(), client))
        #expect(fault.code == .unavailable && fault.notExecuted == true)
        #expect(try #require(fault.retryAfterMilliseconds) > 0)
        let peer = try #require(client.peers.first)
        #expect(peer.circuit != "closed" && peer.timedOut == 3 && peer.isUp)
        await stuck.close()
        try fleet.start(0)
        #expect(await eventually { client.peers.first?.circuit == "closed" })
        #expect(try await client.call(Crew.Name()).number == 0)
    }

    @Test("beside one that hangs the others go on without it", arguments: [Way.ipc])
    func besides(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        let stuck = try Stuck(at: fleet.urls[0])
        defer { stuck.loop.stop() }
        try fleet.start(1)
        let client = fleet.client(rules: Self.quick)
        let isAlone = await eventually {
            _ = await fault(of: Crew.Name(), client, within: .milliseconds(20))
            return client.peers.first?.circuit != "closed"
        }
        #expect(isAlone)
        for number in 0..<20 where client.peers.first?.circuit != "closed" {
            #expect(try await client.call(Crew.Take(number: number)).number == 1)
        }
        await stuck.close()
    }

    @Test("a long poll that brings nothing, and a callee's own faults, open nothing")
    func innocent() async throws {
        let rig = try Rig(.ipc)
        try rig.serve(LabBench().routes)
        let transport = SocketTransport(rig.directory, on: rig.callerLoop, rules: Self.quick)
        defer { transport.close() }
        let client = MeshClient(transport, as: "test")
        for code in ["timed-out", "unavailable", "internal", "overloaded"] {
            for _ in 0..<4 { _ = await fault(of: Lab.Fail(code: code), client) }
        }
        for _ in 0..<5 {
            do {
                _ = try await client.call(
                    Lab.name, "wait", traits: .longPoll, within: .milliseconds(15)
                ) { $0.append(0xA0) }
            } catch {
                #expect(error.code == .timedOut)
            }
        }
        #expect(client.peers.map(\.circuit) == ["closed"])
        #expect(client.peers.map(\.failures) == [0])
    }

    @Test(
        "a service that is away is left alone, and found again when it comes",
        arguments: Way.sockets)
    func away(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        let client = fleet.client(rules: Self.quick)
        let isAlone = await eventually {
            await fault(of: Crew.Name(), client, within: .milliseconds(20))?.code == .unavailable
        }
        #expect(isAlone)
        #expect(client.peers.allSatisfy { $0.circuit != "closed" && !$0.isUp })
        #expect(await !client.ping(Crew.name, within: .milliseconds(20)))
        try fleet.startAll()
        #expect(await eventually { await fault(of: Crew.Name(), client) == nil })
    }
}

/// Takes connections and requests, and answers none.
final class Stuck: Sendable {
    let loop = EventLoop()
    private let listener: SPListener
    private let door = Door()

    init(at url: String) throws {
        listener = try SPListener(try #require(SPAddress(url)), on: loop) { [door] _, _ in
            try? await door.pass()  // ends with the connection
            return []
        }
    }

    func close() async {
        listener.close()
        await withCheckedContinuation { done in loop.performLater { done.resume() } }
    }
}
