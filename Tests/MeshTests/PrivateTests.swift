import Certificates
import EventLoop
import Glibc
import SP
import Synchronization
import TLS
import Testing

/// The wire format under TLS: what is carried, and who is let in.
@Suite("Private connections", .timeLimit(.minutes(1)))
struct PrivateTests {
    /// What becomes of one call from `mine` to a listener with `theirs`.
    private func verdict(
        _ mine: TLSOptions, _ theirs: TLSOptions, name: String? = nil
    ) async throws -> (error: SPError?, refusals: SPListener.Refusals) {
        let spot = try await Spot(.tls)
        let listener = try SPListener(
            spot.address, on: spot.loop, tls: try TLSContext(.server, theirs)
        ) { body, _ in body }
        let peer = SPPeer(
            spot.address, on: spot.loop,
            trust: SPTrust(tls: try TLSContext(.client, mine), name: name))
        defer {
            listener.close()
            peer.close()
        }
        do {
            _ = try await peer.call([1], within: .seconds(20))
            return (nil, listener.refusals)
        } catch let error as SPError {
            _ = await eventually { listener.refusals.handshakes > 0 }
            return (error, listener.refusals)
        }
    }

    @Test("who is not believed is told so at once, on this side and on that")
    func strangers() async throws {
        let (authority, host) = try await Authority.shared
        let (other, expired) = try await aside {
            let other = try Authority()
            return (
                TLSOptions(try other.issue("localhost"), other),
                TLSOptions(try authority.issue("localhost", days: -1), authority)
            )
        }
        let good = TLSOptions(host, authority)
        #expect(try await verdict(good, good).error == nil)
        var mixed = other
        mixed.authorities = good.authorities
        let cases: [(String, TLSOptions, TLSOptions, String?)] = [
            ("alert unknown ca", mixed, good, nil),
            ("self-signed certificate in certificate chain", good, other, nil),
            ("certificate required", TLSOptions(authorities: authority.file), good, nil),
            ("alert certificate expired", expired, good, nil),
            ("certificate has expired", good, expired, nil),
            ("hostname mismatch", good, good, "billing.example"),
        ]
        for (words, mine, theirs, name) in cases {
            let (error, refusals) = try await verdict(mine, theirs, name: name)
            guard case .refused(let why) = error else {
                Issue.record("\(words): \(String(describing: error))")
                continue
            }
            #expect(why.contains(words) || words.hasPrefix("self-signed"), "\(why)")
            #expect(refusals.handshakes > 0)
        }
    }

    @Test("without certificates nothing is dialled or bound")
    func none() async throws {
        let spot = try await Spot(.tls)
        let peer = SPPeer(spot.address, on: spot.loop)
        defer { peer.close() }
        await #expect(throws: SPError.refused("\(spot.url) needs certificates, and there are none"))
        {
            try await peer.call([1], within: .seconds(20))
        }
        #expect(throws: SPBindError.self) {
            try SPListener(spot.address, on: spot.loop) { body, _ in body }
        }
    }

    @Test("sixty-four calls of all sizes at once, up to the largest, come back whole")
    func load() async throws {
        let spot = try await Spot(.tls)
        let listener = try SPListener(spot.address, on: spot.loop, tls: spot.server) { body, _ in
            body
        }
        defer { listener.close() }
        let peer = SPPeer(spot.address, on: EventLoop.shared, trust: SPTrust(tls: spot.client))
        defer { peer.close() }
        let largest = [UInt8](repeating: 9, count: (16 << 20) - 4)
        #expect(try await peer.call(largest, within: .seconds(30)) == largest)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    for round in 0..<4 {
                        let size = [3, 500, 16_384, 100_000][(number + round) % 4] + number
                        let body = [UInt8](repeating: UInt8(number), count: size)
                        let answer = try await peer.call(body, within: .seconds(30))
                        #expect(answer == body)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("who stops within the handshake, or says something else, is dropped and counted")
    func stalled() async throws {
        let spot = try await Spot(.tls)
        var limits = SPListener.Limits()
        limits.handshake = .milliseconds(100)
        let listener = try SPListener(
            spot.address, on: spot.loop, limits: limits, tls: spot.server
        ) { body, _ in body }
        defer { listener.close() }
        let url = spot.url
        // The beginning of a client's first message.
        let half: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
        let ended = try await onThread {
            let mute = try RawSocket(connecting: url)
            let stalled = try RawSocket(connecting: url)
            stalled.send(half)
            let garbled = try RawSocket(connecting: url)
            garbled.send(HostileTests.greeting + [UInt8](repeating: 7, count: 100))
            return (mute.isEnded(), stalled.isEnded(), garbled.isEnded())
        }
        #expect(ended.0 && ended.1 && ended.2)
        #expect(listener.refusals.handshakes == 3)
        let peer = SPPeer(spot.address, on: spot.loop, trust: SPTrust(tls: spot.client))
        defer { peer.close() }
        #expect(try await peer.call([1], within: .seconds(20)) == [1])
    }

    @Test("what is published is heard, and by nobody without a certificate")
    func published() async throws {
        let spot = try await Spot(.tls)
        let publisher = try SPListener(
            publishingAt: spot.address, on: spot.loop, tls: spot.server)
        defer { publisher.close() }
        let (authority, _) = try await Authority.shared
        let (heard, stolen) = (Tally(), Tally())
        let subscriber = SPPeer(
            hearing: spot.address, on: spot.loop, trust: SPTrust(tls: spot.client)
        ) { message in
            if Array(message) == Array("said".utf8) { heard.add() }
        }
        let thief = SPPeer(
            hearing: spot.address, on: spot.loop,
            trust: SPTrust(tls: try TLSContext(.client, TLSOptions(authorities: authority.file)))
        ) { _ in stolen.add() }
        defer {
            subscriber.close()
            thief.close()
        }
        #expect(
            await eventually {
                publisher.publish(Array("said".utf8))
                return heard.count > 3 && publisher.refusals.handshakes > 0
            })
        #expect(stolen.count == 0)
    }
}

extension EventLoop {
    /// For callers beside the one under test.
    static let shared = EventLoop()
}
