import EventLoop
import Glibc
import MeshContract
@testable import SP
import Synchronization
import TLS
import Testing

@testable import Mesh

/// What those may take who have not proven who they are: little, and not for long.
@Suite("Strangers", .timeLimit(.minutes(1)))
struct StrangerTests {
    static let request = HostileTests.frame(.tcp, length: 8, [0x80, 0, 0, 1, 0, 0, 0, 7])

    /// A listener that vouches for whoever says 7.
    private func listener(
        _ spot: Spot, _ change: (inout SPListener.Strangers) -> Void = { _ in }
    ) throws -> SPListener {
        var strangers = SPListener.Strangers()
        change(&strangers)
        var limits = SPListener.Limits()
        limits.strangers = strangers
        return try SPListener(spot.address, on: spot.loop, limits: limits) { connection in
            { body, _ in
                if body.last == 7 { connection.vouch() }
                if body.last == 9 { connection.finish() }
                return body
            }
        }
    }

    @Test("when one too many comes, the oldest has to go; who has proven himself stays")
    func crowded() async throws {
        let spot = try await Spot(.tcp)
        let listener = try listener(spot) { $0.peers = 2 }
        defer { listener.close() }
        let url = spot.url
        let results = try await onThread {
            let known = try RawSocket(connecting: url)
            known.send(HostileTests.greeting + Self.request)
            var isFine = known.read(8 + 16)?.count == 24
            let first = try RawSocket(connecting: url)
            isFine = isFine && first.read(8)?.count == 8
            let second = try RawSocket(connecting: url)
            isFine = isFine && second.read(8)?.count == 8
            let third = try RawSocket(connecting: url)
            isFine = isFine && third.read(8)?.count == 8
            let isGone = first.isEnded()
            second.send(HostileTests.greeting + Self.request)
            let isServed = second.read(16)?.count == 16
            known.send(Self.request)
            return [isFine, isGone, isServed, known.read(16)?.count == 16]
        }
        #expect(results == [true, true, true, true])
        #expect(listener.refusals.crowded == 1)
    }

    @Test("who proves nothing in time is dropped, however much is said")
    func impatient() async throws {
        let spot = try await Spot(.tcp)
        let listener = try listener(spot) { $0.patience = .milliseconds(150) }
        defer { listener.close() }
        let url = spot.url
        let ends = try await onThread {
            let known = try RawSocket(connecting: url)
            known.send(HostileTests.greeting + Self.request)
            let stranger = try RawSocket(connecting: url)
            let other = HostileTests.frame(.tcp, length: 8, [0x80, 0, 0, 1, 0, 0, 0, 8])
            stranger.send(HostileTests.greeting + other)
            let isAnswered = stranger.read(8 + 16)?.count == 24
            let isEnded = stranger.isEnded()
            let isServed = known.read(8 + 16)?.count == 24
            known.send(Self.request)
            return [isAnswered, isEnded, isServed, known.read(16)?.count == 16]
        }
        #expect(ends == [true, true, true, true])
        #expect(listener.refusals.silent == 1)
    }

    @Test("only who has proven himself may send something large")
    func large() async throws {
        let spot = try await Spot(.tcp)
        let listener = try listener(spot) { $0.message = 1_000 }
        defer { listener.close() }
        let url = spot.url
        let body: [UInt8] = [0x80, 0, 0, 2] + [UInt8](repeating: 0, count: 100_000)
        let large = HostileTests.frame(.tcp, length: UInt64(body.count), body)
        let results = try await onThread {
            let stranger = try RawSocket(connecting: url)
            stranger.send(HostileTests.greeting + large)
            let isEnded = stranger.isEnded()
            let known = try RawSocket(connecting: url)
            // Close behind one another: the second is judged when the first has been.
            known.send(HostileTests.greeting + Self.request + large)
            return [isEnded, known.read(8 + 16 + large.count)?.count == 24 + large.count]
        }
        #expect(results == [true, true])
        #expect(listener.refusals.broken == 1)
    }

    @Test("who is shown out hears why, even when more was said meanwhile")
    func finished() async throws {
        let spot = try await Spot(.tcp)
        let listener = try listener(spot)
        defer { listener.close() }
        let url = spot.url
        let last = HostileTests.frame(.tcp, length: 8, [0x80, 0, 0, 3, 0, 0, 0, 9])
        let results = try await onThread {
            let raw = try RawSocket(connecting: url)
            raw.send(HostileTests.greeting + last + Self.request + Self.request)
            let answer = raw.read(8 + 16)
            raw.send(Self.request)
            return (answer?.suffix(8) == last.suffix(8), raw.isEnded())
        }
        #expect(results.0 && results.1)
    }

    @Test("a flood of false introductions is refused one by one, beside calls that go on")
    func flood() async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        rig.keys.ensure("friend")
        let client = rig.client(as: "ally")
        _ = try await client.call(Lab.Echo(text: "before"))
        let instance = try await Stranger(rig).instance()
        let told = try rig.keys.identity("friend").sign(for: Lab.name, instance)
        let isOver = Tally()
        let calls = Tally()
        let beside = Task {
            while isOver.count == 0 {
                _ = try await client.call(Lab.Once(text: "x"))
                calls.add()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let stranger = try Stranger(rig)
                    for round in UInt8(0)..<10 {
                        var forged = told
                        forged.signature[Int(round)] ^= 1
                        #expect(try await stranger.hello(forged)?.code == .unauthenticated)
                    }
                }
            }
            try await group.waitForAll()
        }
        isOver.add()
        try await beside.value
        #expect(calls.count > 0)
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["hellos"] == 200)
    }

    @Test("garbage in private is garbage: the connection ends, the listener lives")
    func garbageInPrivate() async throws {
        let rig = try Rig(.tls)
        try rig.serve(LabBench().routes)
        let url = rig.url
        let tls = try testTLS()
        let attacks = HostileTests.attacks(.tcp)
        let ended = try await onThread {
            try attacks.map { attack in
                let raw = try PrivateSocket(connecting: url, tls.client)
                raw.send(attack.bytes)
                return raw.isEnded()
            }
        }
        #expect(ended == Array(repeating: true, count: attacks.count))
        #expect(try await rig.client().call(Lab.Echo(text: "alive")).text == "alive")
    }
}

/// Bytes of the test's choosing under TLS. Blocking, with a deadline.
private final class PrivateSocket {
    private let descriptor: Int32
    private let session: TLSSession

    init(connecting url: String, _ context: TLSContext) throws {
        let address = try #require(SPAddress(url))
        let place = try #require(address.fixed)
        let descriptor = address.makeSocket(place)
        self.descriptor = descriptor
        _ = place.withRaw { connect(descriptor, $0, $1) }
        let session = try context.session(over: descriptor, expecting: address.host)
        self.session = session
        var outcome = session.handshake()
        while outcome == .wantsRead || outcome == .wantsWrite {
            var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&one, 1, 100)
            outcome = session.handshake()
        }
        try #require(outcome == .done(0))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { session.write($0) } }

    func isEnded() -> Bool {
        let end = monotonic() + 5_000_000_000
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while monotonic() < end {
            switch buffer.withUnsafeMutableBytes({ session.read(into: $0) }) {
            case .done: continue
            case .wantsRead, .wantsWrite:
                var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&one, 1, 100)
            case .ended, .failed: return true
            }
        }
        return false
    }
}
