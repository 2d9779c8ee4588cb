import EventLoop
import Glibc
import MeshContract
import Nng
import SP
import Synchronization
import Testing

@testable import Mesh

/// Bytes that no peer of ours would send. Whoever sends them is dropped; nobody else notices.
@Suite("Hostile bytes", .timeLimit(.minutes(1)))
struct HostileTests {
    static let greeting: [UInt8] = [0, 0x53, 0x50, 0, 0, 0x30, 0, 0]

    /// A message as it stands on the wire.
    static func frame(_ way: Way, length: UInt64, _ body: [UInt8]) -> [UInt8] {
        (way.isFile ? [1] : []) + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }

    static func attacks(_ way: Way) -> [(name: String, bytes: [UInt8])] {
        let full = UInt64.max
        return [
            ("a garbage greeting", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
            ("another protocol's greeting", [0, 0x53, 0x50, 0, 0, 0x31, 0, 0]),
            ("a newer version", [0, 0x53, 0x50, 1, 0, 0x30, 0, 0]),
            ("a giant length", greeting + frame(way, length: full, [1, 2, 3])),
            ("a length past the limit", greeting + frame(way, length: 16 << 20 | 1, [])),
            ("a length that turns negative", greeting + frame(way, length: 1 << 63, [])),
            ("an empty message", greeting + frame(way, length: 0, [])),
            ("half a header", greeting + frame(way, length: 3, [0x80, 0, 0])),
            (
                "a header without its end",
                greeting + frame(way, length: 8, [0, 0, 0, 1, 0, 0, 0, 2])
            ),
            (
                "a header that never ends",
                greeting + frame(way, length: 400, [UInt8](repeating: 0, count: 400))
            ),
        ]
    }

    @Test("is refused, and the listener lives", arguments: Way.loops)
    func attacks(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let url = rig.url
        let client = rig.client()
        // libnng passes over what has come through too many devices, and goes on.
        let attacks = Self.attacks(way).dropLast(way.serving == .nng ? 1 : 0)
        for (name, bytes) in attacks {
            let isEnded = try await onThread {
                let raw = try RawSocket(connecting: url)
                raw.send(bytes)
                return raw.isEnded()
            }
            #expect(isEnded, "\(name)")
            #expect(try await client.call(Lab.Echo(text: name)).text == name)
        }
    }

    @Test("an ipc message of a kind that nng does not have is refused", arguments: Way.files)
    func kind(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let url = rig.url
        let isEnded = try await onThread {
            let raw = try RawSocket(connecting: url)
            raw.send(Self.greeting + [2] + [UInt8](repeating: 0, count: 8))
            return raw.isEnded()
        }
        #expect(isEnded)
    }

    @Test("random bytes after a greeting never harm the listener", arguments: Way.loops)
    func noise(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let url = rig.url
        try await onThread {
            for round in 0..<60 {
                let raw = try RawSocket(connecting: url)
                let count = Int.random(in: 1...300)
                var bytes = Self.greeting + (0..<count).map { _ in UInt8.random(in: 0...255) }
                // Some of it framed well, so that it comes further.
                if round.isMultiple(of: 2) {
                    let body = (0..<count).map { _ in UInt8.random(in: 0...255) }
                    bytes = Self.greeting + Self.frame(way, length: UInt64(count), body)
                }
                raw.send(bytes)
            }
        }
        #expect(try await rig.client().call(Lab.Echo(text: "alive")).text == "alive")
    }

    @Test("a request that is no envelope is answered as invalid", arguments: Way.loops)
    func envelope(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let url = rig.url
        let reply = try await onThread {
            let raw = try RawSocket(connecting: url)
            let body: [UInt8] = [0x80, 0, 0, 9] + [0xFF, 0x00, 0xA1]
            raw.send(Self.greeting + Self.frame(way, length: UInt64(body.count), body))
            return raw.read(8 + (way.isFile ? 9 : 8) + 60) ?? []
        }
        #expect(Array(reply.prefix(8)) == [0, 0x53, 0x50, 0, 0, 0x31, 0, 0])
        #expect(Array(reply.dropFirst(8 + (way.isFile ? 9 : 8)).prefix(4)) == [0x80, 0, 0, 9])
        #expect(String(decoding: reply, as: UTF8.self).contains("invalid"))
    }

    @Test("a request byte by byte, and a stack of headers, are understood", arguments: Way.loops)
    func pieces(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let url = rig.url
        let header: [UInt8] = [0, 0, 0, 5, 0x80, 0, 0, 9]
        let reply = try await onThread {
            let raw = try RawSocket(connecting: url)
            let bytes = Self.greeting + Self.frame(way, length: 9, header + [0xA0])
            for byte in bytes { raw.send([byte]) }
            return raw.read(8 + (way.isFile ? 9 : 8) + 8) ?? []
        }
        #expect(Array(reply.suffix(8)) == header, "the reply repeats the stack")
    }

    @Test(
        "who begins a greeting or a message and falls silent is dropped, who is idle is not",
        arguments: Way.loops)
    func silence(way: Way) async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let url = way.isFile ? "ipc://\(folder)/x" : "tcp://127.0.0.1:\(try freePort())"
        var limits = SPListener.Limits()
        limits.patience = .milliseconds(100)
        let address = try #require(SPAddress(url))
        let listener = try SPListener(address, on: loop, limits: limits) { body, _ in body }
        defer { listener.close() }
        let (mute, half, idle) = try await onThread {
            let greeted = Self.greeting
            let mute = try RawSocket(connecting: url)
            let half = try RawSocket(connecting: url)
            let idle = try RawSocket(connecting: url)
            idle.send(greeted)
            half.send(greeted + Self.frame(way, length: 100, [0x80, 0, 0, 1]))
            let ends = (mute.isEnded(), half.isEnded())
            idle.send(Self.frame(way, length: 4, [0x80, 0, 0, 1]))
            let answer = idle.read(8 + (way.isFile ? 9 : 8) + 4)
            return (ends.0, ends.1, answer?.suffix(4) == [0x80, 0, 0, 1])
        }
        #expect(mute && half && idle)
    }

    @Test(
        "what waits for callers that read no answers is limited over all of them",
        arguments: Way.loops)
    func deafCallers(way: Way) async throws {
        let spot = try await Spot(way)
        let handled = Atomic(0)
        var limits = SPListener.Limits()
        (limits.room, limits.roomForAll) = (8 << 20, 12 << 20)
        let listener = try SPListener(spot.address, on: spot.loop, limits: limits) { _, _ in
            handled.add(1, ordering: .relaxed)
            return [UInt8](repeating: 0, count: 1 << 18)
        }
        defer { listener.close() }
        // Eight of them could have 64 MiB waiting; each asks for 25.
        let request = Self.frame(way, length: 8, [0x80, 0, 0, 1, 0, 0, 0, 0])
        let url = spot.url
        let answer = try await onThread {
            let deaf = try (0..<8).map { _ in
                let peer = Held(try RawSocket(connecting: url))
                peer.socket.send(Self.greeting + Array(repeatElement(request, count: 100).joined()))
                return peer
            }
            let polite = try RawSocket(connecting: url)
            polite.send(Self.greeting + request)
            defer { withExtendedLifetime(deaf) {} }
            return polite.read(8 + (way.isFile ? 9 : 8) + 4 + (1 << 18))
        }
        #expect(answer != nil)
        // 48 fill the room, each goes a little over, and sockets hold some.
        #expect(handled.load(ordering: .relaxed) < 200)
        #expect(await eventually { listener.waiting == 0 })
    }

    @Test(
        "a caller that reads no answers is read no further, and others are served",
        arguments: Way.loops)
    func deafCaller(way: Way) async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let url = way.isFile ? "ipc://\(folder)/x" : "tcp://127.0.0.1:\(try freePort())"
        let handled = Atomic(0)
        var limits = SPListener.Limits()
        limits.room = 1 << 20
        let address = try #require(SPAddress(url))
        let listener = try SPListener(address, on: loop, limits: limits) { _, _ in
            handled.add(1, ordering: .relaxed)
            return [UInt8](repeating: 0, count: 1 << 18)
        }
        defer { listener.close() }
        // 4,000 requests of 18 bytes ask for a gigabyte.
        let request = Self.frame(way, length: 8, [0x80, 0, 0, 1, 0, 0, 0, 0])
        let count = try await onThread {
            let deaf = try RawSocket(connecting: url)
            deaf.send(Self.greeting + Array(repeatElement(request, count: 4_000).joined()))
            let polite = try RawSocket(connecting: url)
            polite.send(Self.greeting + request)
            let answer = polite.read(8 + (way.isFile ? 9 : 8) + 4 + (1 << 18))
            return answer?.count ?? 0
        }
        #expect(count == 8 + (way.isFile ? 9 : 8) + 4 + (1 << 18))
        // What arrived in one read is answered, the rest stays where it is.
        #expect(handled.load(ordering: .relaxed) < 4_000)
    }

    @Test("peers past the limit are closed, and a place is free again when one goes")
    func peers() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let url = "ipc://\(folder)/x"
        var limits = SPListener.Limits()
        limits.peers = 2
        let address = try #require(SPAddress(url))
        let listener = try SPListener(address, on: loop, limits: limits) { body, _ in body }
        defer { listener.close() }
        let results = try await onThread {
            var results: [Bool] = []
            do {
                let one = try RawSocket(connecting: url)
                let two = try RawSocket(connecting: url)
                results.append(one.read(8)?.count == 8 && two.read(8)?.count == 8)
                let three = try RawSocket(connecting: url)
                results.append(three.isEnded())
            }
            for _ in 0..<1_000 {
                let again = try RawSocket(connecting: url)
                if again.read(8)?.count == 8 { return results + [true] }
            }
            return results
        }
        #expect(results == [true, true, true])
    }
}

/// A socket in a list.
private final class Held: Sendable {
    let socket: RawSocket
    init(_ socket: consuming RawSocket) { self.socket = socket }
}

/// A listener that answers wrongly; what its caller makes of it.
@Suite("Hostile answers", .timeLimit(.minutes(1)))
struct HostileAnswerTests {
    @Test(
        "a caller drops who answers nonsense, and its call is lost, not left waiting",
        arguments: Carrier.tested)
    func nonsense(carrier: Carrier) async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let path = "\(folder)/x"
        let answers: [[UInt8]] = [
            [1] + [UInt8](repeating: 0xFF, count: 8), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0],
            [9, 9, 9, 9, 9, 9, 9, 9, 9],
        ]
        for answer in answers {
            let liar = try FalseListener(path, answer: [0, 0x53, 0x50, 0, 0, 0x31, 0, 0] + answer)
            let channel = carrier.channel(to: try carrier.address("ipc://\(path)"), on: loop)
            async let served: Void = onThread { liar.serveOne() }
            try await reaping(by: carrier == .nng) {
                await #expect(throws: ChannelError.lost) {
                    try await channel.roundTrip([1], within: .seconds(5))
                }
            }
            channel.close()
            try await served
            await #expect(throws: ChannelError.closed) {
                try await channel.roundTrip([1], within: .seconds(5))
            }
        }
    }

    @Test("a call whose loop has ended fails instead of waiting", arguments: Carrier.tested)
    func endedLoop(carrier: Carrier) async throws {
        let loop = EventLoop()
        let channel = carrier.channel(to: try carrier.address("ipc:///tmp/nobody-here"), on: loop)
        let waiting = Task { try await channel.roundTrip([1], within: .seconds(30)) }
        try? await Task.sleep(for: .milliseconds(5))
        loop.stop()
        await #expect(throws: ChannelError.closed) { try await waiting.value }
        await #expect(throws: ChannelError.closed) {
            try await channel.roundTrip([1], within: .seconds(30))
        }
        let late = carrier.channel(to: try carrier.address("ipc:///tmp/nobody-here"), on: loop)
        await #expect(throws: ChannelError.closed) {
            try await late.roundTrip([1], within: .seconds(30))
        }
    }

    @Test(
        "what waits to be sent has a limit, with and without a connection",
        arguments: Carrier.tested)
    func room(carrier: Carrier) async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let url = "ipc:///tmp/nobody-here"
        let channel: any Channel =
            carrier == .nng
            ? NngCaller(url, on: loop, room: 1_000)
            : SPPeer(try #require(SPAddress(url)), on: loop, room: 1_000)
        let first = Task {
            try await channel.roundTrip([UInt8](repeating: 0, count: 2_000), within: .seconds(30))
        }
        #expect(
            await eventually {
                do throws(ChannelError) {
                    _ = try await channel.roundTrip([1], within: .milliseconds(5))
                    return false
                } catch { return error == .full }
            })
        first.cancel()
        await #expect(throws: ChannelError.cancelled) { try await first.value }
        await #expect(throws: ChannelError.deadline) {
            try await channel.roundTrip([1], within: .milliseconds(5))
        }
        channel.close()
    }
}

/// Accepts one connection, waits for a request and says what it was told to say.
final class FalseListener: Sendable {
    private let descriptor: Int32
    private let answer: [UInt8]

    init(_ path: String, answer: [UInt8]) throws {
        unlink(path)
        self.answer = answer
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = descriptor
        let result = withUnsafePointer(to: &name) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0 && listen(descriptor, 1) == 0)
    }

    deinit { close(descriptor) }

    func serveOne() {
        let peer = accept(descriptor, nil, nil)
        defer { close(peer) }
        _ = answer.prefix(8).withUnsafeBytes {
            send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        // Its greeting and its request: 8 bytes, then 9 and the header.
        var buffer = [UInt8](repeating: 0, count: 64)
        var got = 0
        while got < 21 {
            let count = recv(peer, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            got += count
        }
        _ = answer.dropFirst(8).withUnsafeBytes {
            send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        while recv(peer, &buffer, buffer.count, 0) > 0 {}
    }
}
