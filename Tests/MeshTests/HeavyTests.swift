import Dispatch
import EventLoop
import Log
import MeshContract
import Synchronization
import Testing

@testable import Mesh

/// Methods that use the processor for long, beside ones that do not.
@Suite("Heavy methods", .timeLimit(.minutes(1)))
struct HeavyTests {
    enum Mill: MeshService {
        static let name = "mill"
        static let contract = Contract(Self.self, Grind.self, Tick.self)

        struct Grind: MeshMethod {
            typealias Service = Mill
            typealias Reply = Place
            static let name = "grind"
            static let summary = "Works hard."
            static let traits = MethodTraits.once.heavy
        }

        struct Tick: MeshMethod {
            typealias Service = Mill
            typealias Reply = Place
            static let name = "tick"
            static let summary = "Does next to nothing, or holds the loop until it is noticed."
            var holds: Bool?
        }

        struct Place: Codable, Sendable { var isLoop: Bool }
    }

    /// A mill that listens, and somebody who calls it.
    private final class Yard: Sendable {
        let loop = EventLoop("yard")
        let folder: String
        let server = Mutex<MeshServer?>(nil)
        let began = Tally()
        let gate = DispatchSemaphore(value: 0)
        private let listening: Listening
        private let transport: SocketTransport

        init(heavyLimit: Int = 256, blocks: Bool = false) throws {
            folder = try scratchFolder()
            let directory = MeshDirectory(folder: folder)
            let (loop, began, gate) = (loop, began, gate)
            @Sendable func grind(_: Mill.Grind, _: Call) -> Mill.Place {
                began.add()
                if blocks { gate.wait() }
                return Mill.Place(isLoop: loop.isCurrent)
            }
            @Sendable func tick(_ request: Mill.Tick, _: Call) -> Mill.Place {
                if request.holds == true { gate.wait() }
                return Mill.Place(isLoop: loop.isCurrent)
            }
            let routes = Routes(Mill.contract, grind, tick)
            let server = MeshServer(
                routes, log: Log("test", sink: { _ in }), heavyLimit: heavyLimit,
                workers: Workers(1))
            listening = try server.listen(at: directory.calls(to: Mill.name), on: loop)
            transport = SocketTransport(directory, on: loop)
            self.server.withLock { $0 = server }
        }

        var client: MeshClient { MeshClient(transport, as: "test") }

        func end() async {
            transport.close()
            await listening.stop()
            loop.stop()
            removeFolder(folder)
        }
    }

    @Test("a heavy handler runs away from the loop, any other on it")
    func places() async throws {
        let yard = try Yard()
        #expect(try await !yard.client.call(Mill.Grind()).isLoop)
        #expect(try await yard.client.call(Mill.Tick()).isLoop)
        await yard.end()
    }

    @Test("past their own limit heavy calls are refused at once, and quick ones go on")
    func limit() async throws {
        let yard = try Yard(heavyLimit: 2, blocks: true)
        let client = yard.client
        let heavy = (0..<2).map { _ in Task { await fault(of: Mill.Grind(), client) } }
        await yard.began.reaches(1)
        #expect(
            try await eventually { try await client.stats(Mill.name).inHand == 2 })
        #expect(await fault(of: Mill.Grind(), client)?.code == .overloaded)
        #expect(try await client.call(Mill.Tick()).isLoop)
        yard.gate.signal()
        yard.gate.signal()
        for task in heavy { #expect(await task.value == nil) }
        #expect(yard.began.count == 2)
        let stats = try await client.stats(Mill.name)
        #expect(stats.methods.first { $0.method == "grind" }?.queue.count == 2)
        await yard.end()
    }

    @Test("a heavy call whose caller has gone is not begun")
    func abandoned() async throws {
        let yard = try Yard(blocks: true)
        let client = yard.client
        let first = Task { await fault(of: Mill.Grind(), client) }
        await yard.began.reaches(1)
        let second = Task { await fault(of: Mill.Grind(), client) }
        #expect(try await eventually { try await client.stats(Mill.name).inHand == 2 })
        second.cancel()
        #expect(await second.value?.code == .timedOut)
        // The listener has been told when the loop has come by once more.
        _ = try await client.call(Mill.Tick())
        yard.gate.signal()
        #expect(await first.value == nil)
        #expect(try await eventually { try await client.stats(Mill.name).inHand == 0 })
        #expect(yard.began.count == 1)
        await yard.end()
    }

    @Test("the trait stands in the signature where it is declared, and nowhere else")
    func signature() {
        let signatures = Mill.contract.methods.map(\.signature)
        #expect(signatures[0].hasPrefix("grind (heavy)\n"))
        #expect(signatures[1].hasPrefix("tick\n"))
        #expect(MethodTraits.keyed.callers("a").heavy.callers == ["a"])
        #expect(MethodTraits.keyed.heavy.callers("a").isHeavy)
    }

    @Test("the watchdog names the method and the call that hold a loop, and both are counted")
    func watchdog() async throws {
        let yard = try Yard()
        let server = try #require(yard.server.withLock { $0 })
        let (gate, loop) = (yard.gate, yard.loop)
        let (stalls, told) = AsyncStream.makeStream(of: Watchdog.Stall.self)
        let watchdog = Watchdog(
            limit: .milliseconds(2), loops: { [loop] },
            holder: { job in
                let holder = server.holder(of: job)
                if holder?.method == "tick" { gate.signal() }
                return holder
            },
            report: { stall in
                if let holder = stall.holder { server.countHeld(holder) }
                told.yield(stall)
            })
        let call = Call(
            id: "req_slow", caller: "x", time: .seconds(5), log: Log("test", sink: { _ in }))
        _ = try await call.run { try await yard.client.call(Mill.Tick(holds: true)) }
        var holder: Watchdog.Holder?
        for await stall in stalls where stall.isOver && stall.holder != nil {
            holder = stall.holder
            break
        }
        #expect(holder == Watchdog.Holder(method: "tick", call: "req_slow"))
        let stats = try await yard.client.stats(Mill.name)
        #expect(stats.methods.first { $0.method == "tick" }?.held ?? 0 >= 1)
        #expect(loop.figures.stalls >= 1)
        watchdog.stop()
        await yard.end()
    }
}
