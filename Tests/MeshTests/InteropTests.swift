import EventLoop
import Glibc
import Nng
import SP
import Synchronization
import TLS
import Testing

/// libnng, which wrote the format, on the other side.
@Suite("libnng as the peer", .enabled(if: Library.isTested), .timeLimit(.minutes(1)))
struct InteropTests {
    static let sizes = [0, 1, 255, 256, 65_536, 1 << 20]

    static func body(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    }

    /// Closed while something is on its way, libnng 1.5.2 now and then stops for the whole process
    /// (nanomsg/nng issue 1543), and with it every other test here.
    private static func keep(_ peer: RawPeer) -> RawPeer {
        kept.withLock { $0.append(peer) }
        return peer
    }

    private static let kept = Mutex<[RawPeer]>([])

    @Test("its request socket calls our listener", arguments: Way.wires)
    func itCalls(way: Way) async throws {
        let spot = try await Spot(way)
        let listener = try SPListener(spot.address, on: spot.loop, tls: spot.server) { body, _ in
            body.reversed()
        }
        defer { listener.close() }
        let (url, security) = (spot.url, spot.security)
        try await onThread {
            let peer = Self.keep(try RawPeer(.asks, at: url, security: security))
            for size in Self.sizes {
                let body = Self.body(size)
                #expect(try peer.ask(body) == body.reversed(), "\(size) bytes")
            }
        }
    }

    @Test("our caller reaches its reply socket", arguments: Way.wires)
    func weCall(way: Way) async throws {
        let spot = try await Spot(way)
        let peer = SPPeer(spot.address, on: spot.loop, trust: SPTrust(tls: spot.client))
        defer { peer.close() }
        let (url, security) = (spot.url, spot.security)
        async let answered: Void = onThread {
            let replier = Self.keep(try RawPeer(.answers, at: url, security: security))
            for _ in Self.sizes { try replier.answer { Array($0.reversed()) } }
            // The last reply leaves before the socket is closed.
            try replier.answer { $0 }
        }
        for size in Self.sizes {
            let body = Self.body(size)
            #expect(try await peer.call(body, within: .seconds(10)) == body.reversed())
        }
        _ = try await peer.call([1], within: .seconds(10))
        try await answered
    }

    @Test("many of its sockets call at once", arguments: Way.wires)
    func manyCall(way: Way) async throws {
        let spot = try await Spot(way)
        let listener = try SPListener(spot.address, on: spot.loop, tls: spot.server) { body, _ in
            await Task.yield()
            return body
        }
        defer { listener.close() }
        let (url, security) = (spot.url, spot.security)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    try await onThread {
                        let peer = Self.keep(try RawPeer(.asks, at: url, security: security))
                        for round in 0..<50 {
                            let body = [UInt8(number), UInt8(round)]
                            #expect(try peer.ask(body) == body)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("our caller finds it again after it was gone")
    func returns() async throws {
        let spot = try await Spot(.ipc)
        let peer = SPPeer(spot.address, on: spot.loop, trust: SPTrust(tls: spot.client))
        defer { peer.close() }
        let url = spot.url
        for round in UInt8(0)..<2 {
            async let answered: Void = onThread { try Self.reply(at: url, mark: round) }
            // Until the one before has closed, calls are lost with it.
            #expect(
                await eventually {
                    (try? await peer.call([7], within: .seconds(10))) == [7, round]
                })
            _ = try? await peer.call([99], within: .seconds(10))
            try await answered
        }
    }

    /// Adds its mark to each request, until it is told to go.
    private static func reply(at url: String, mark: UInt8) throws {
        var replier = try? RawPeer(.answers, at: url)
        while replier == nil {
            usleep(2_000)
            replier = try? RawPeer(.answers, at: url)
        }
        guard let replier else { return }
        var isOver = false
        while !isOver {
            try replier.answer { body in
                isOver = body == [99]
                return body + [mark]
            }
        }
    }

    @Test(
        "pynng calls and is called, hears and is heard",
        .enabled("pynng is not installed", Python.hasPynng), arguments: Way.loops)
    func pynng(way: Way) async throws {
        let (spot, events) = (try await Spot(way), try await Spot(way))
        // It calls us.
        let listener = try SPListener(spot.address, on: spot.loop, tls: spot.server) { body, _ in
            body.reversed()
        }
        let called = try await Python.run(arguments: ["call", spot.url])
        #expect(called.code == 0, "\(called.output)")
        listener.close()

        // We call it.
        let other = try await Spot(way)
        let peer = SPPeer(other.address, on: other.loop)
        defer { peer.close() }
        let url = other.url
        async let serving = Python.run(arguments: ["serve", url])
        for size in Self.sizes.dropFirst() {
            let body = Self.body(size)
            #expect(try await peer.call(body, within: .seconds(20)) == body.reversed())
        }
        #expect(try await peer.call(Array("end".utf8), within: .seconds(20)) == Array("dne".utf8))
        let served = try await serving
        #expect(served.code == 0, "\(served.output)")

        // It hears us.
        let publisher = try SPListener(publishingAt: events.address, on: events.loop)
        let topic = Array("topic".utf8) + [0]
        let eventsURL = events.url
        let hearing = Task { try await Python.run(arguments: ["hear", eventsURL]) }
        let ticker = Task {
            while !Task.isCancelled {
                publisher.publish(topic + Array("said".utf8))
                publisher.publish(Array("topical".utf8))
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        let heard = try await hearing.value
        ticker.cancel()
        publisher.close()
        #expect(heard.code == 0, "\(heard.output)")

        // We hear it.
        let voice = try await Spot(way)
        let said = Tally()
        let subscriber = SPPeer(hearing: voice.address, on: voice.loop) { message in
            if Array(message) == topic + Array("said".utf8) { said.add() }
        }
        defer { subscriber.close() }
        let voiceURL = voice.url
        let saying = Task { try await Python.run(arguments: ["say", voiceURL]) }
        await said.reaches(1)
        let spoken = try await saying.value
        #expect(spoken.code == 0, "\(spoken.output)")
    }

    @Test("its subscriber hears our publisher", arguments: Way.loops)
    func itHears(way: Way) async throws {
        let spot = try await Spot(way)
        let publisher = try SPListener(publishingAt: spot.address, on: spot.loop)
        defer { publisher.close() }
        let subscriber = try SubSocket(dialing: spot.url, topics: [Array("yes".utf8)])
        Self.keptSubscribers.withLock { $0.append(subscriber) }
        let ticker = Task {
            while !Task.isCancelled {
                publisher.publish(Array("no".utf8))
                publisher.publish(Array("yes, and more".utf8))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        for await message in subscriber.messages {
            #expect(message == Array("yes, and more".utf8))
            break
        }
        ticker.cancel()
    }

    @Test("our subscriber hears its publisher", arguments: Way.loops)
    func weHear(way: Way) async throws {
        let spot = try await Spot(way)
        let heard = Tally()
        let subscriber = SPPeer(hearing: spot.address, on: spot.loop) { message in
            if Array(message) == Array("yes, and more".utf8) { heard.add() }
        }
        defer { subscriber.close() }
        let publisher = try PubSocket(listening: spot.url)
        Self.keptPublishers.withLock { $0.append(publisher) }
        #expect(
            try await eventually {
                try publisher.publish(Array("yes, and more".utf8))
                return heard.count > 0
            })
    }

    private static let keptSubscribers = Mutex<[SubSocket]>([])
    private static let keptPublishers = Mutex<[PubSocket]>([])
}
