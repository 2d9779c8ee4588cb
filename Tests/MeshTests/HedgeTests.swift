import MeshContract
import Testing

@testable import Mesh

/// A second replica is asked when the first is slow.
@Suite("Hedges", .timeLimit(.minutes(1)))
struct HedgeTests {
    @Test("the quicker answer counts, and the slow one is taken back", arguments: Way.sockets)
    func quicker(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.startAll()
        let client = try await fleet.connected()
        fleet.benches[1].ready.open()
        for _ in 0..<12 { #expect(try await client.call(Crew.Ask()).number == 1) }
        let slow = fleet.benches[0]
        await slow.withdrawn.reaches(slow.asked.count)
        let status = try #require(client.retries.first)
        // One that is taken back before it is read is never seen there.
        #expect(status.hedges >= slow.asked.count && status.retries == status.hedges)
        #expect(client.peers.map(\.outstanding) == [0, 0])
    }

    @Test("with one replica, or one up, nobody is asked twice")
    func alone() async throws {
        let fleet = try Fleet(.ipc, 2)
        try fleet.start(0)
        let client = fleet.client()
        _ = try await client.call(Crew.Name())
        #expect(await fault(of: Crew.Ask(), client, within: .milliseconds(100))?.code == .timedOut)
        #expect(fleet.benches[0].asked.count == 1)
        #expect(client.retries.first?.hedges == 0)
    }

    @Test("cancelled, both questions are taken back")
    func cancelled() async throws {
        let fleet = try Fleet(.ipc, 2)
        try fleet.startAll()
        let client = try await fleet.connected()
        let call = Task { await fault(of: Crew.Ask(), client) }
        for bench in fleet.benches { await bench.asked.reaches(1) }
        call.cancel()
        #expect(await call.value?.code == .timedOut)
        for bench in fleet.benches { await bench.withdrawn.reaches(1) }
    }

    @Test("when the first one dies, the second one's answer counts")
    func dies() async throws {
        let fleet = try Fleet(.ipc, 2)
        try fleet.startAll()
        let client = try await fleet.connected()
        let call = Task { try await client.call(Crew.Ask()).number }
        for bench in fleet.benches { await bench.asked.reaches(1) }
        await fleet.kill(0)
        fleet.benches[1].ready.open()
        #expect(try await call.value == 1)
    }

    @Test("only what may be repeated, and does not wait on purpose, may be hedged")
    func sound() {
        #expect(MethodTraits.read.hedged().isSound)
        #expect(MethodTraits.keyed.hedged(after: .seconds(1)).callers("a").isSound)
        #expect(!MethodTraits.once.hedged().isSound)
        #expect(!MethodTraits.longPoll.hedged().isSound)
        let signatures = Crew.contract.methods.map(\.signature)
        #expect(signatures[0].hasPrefix("name (repeatable)\n"))
        #expect(signatures[3].hasPrefix("ask (repeatable, hedged after 0.02 seconds)\n"))
    }
}
