import Glibc
import Log
import Mesh
import MeshContract
import EventLoop
import SP
import Synchronization
import Testing

/// Hints: they reach who listens, and nobody depends on them.
@Suite("Events", .timeLimit(.minutes(1)))
struct EventTests {
    struct Happened: MeshEvent, Equatable {
        typealias Service = Lab
        static let topic = "happened"
        var number: Int
    }

    struct Other: MeshEvent {
        typealias Service = Lab
        static let topic = "happened-elsewhere"
        var word: String
    }

    let log = Log("test", level: .error, sink: { _ in })

    @Test("an event reaches its subscriber, and only its kind does", arguments: Way.sockets)
    func reaches(way: Way) async throws {
        let place = try Place(way)
        let publisher = try SocketPublisher(
            listening: place.url, as: place.directory.identity, log: log)
        let heard = try Heard(place.directory)
        try await heard.connected(to: publisher)
        publisher.publish(Other(word: "no"))
        for number in 1...100 { publisher.publish(Happened(number: number)) }
        #expect(await eventually { heard.numbers.last == 100 })
        #expect(heard.numbers == Array(1...100))
    }

    @Test("a subscriber may be made before its publisher", arguments: Way.sockets)
    func early(way: Way) async throws {
        let place = try Place(way)
        let heard = try Heard(place.directory)
        let publisher = try SocketPublisher(
            listening: place.url, as: place.directory.identity, log: log)
        try await heard.connected(to: publisher)
    }

    @Test("what cannot be read is passed over")
    func unreadable() async throws {
        let place = try Place(.ipc)
        let loop = EventLoop()
        defer { loop.stop() }
        let socket = try SPListener(publishingAt: try #require(SPAddress(place.url)), on: loop)
        let heard = try Heard(place.directory)
        let topic = Array("happened".utf8) + [0]
        // {"number": 7} in CBOR, between things that are no event.
        let good = topic + [0xA1, 0x66] + Array("number".utf8) + [0x07]
        #expect(
            await eventually {
                socket.publish(topic + [0xFF, 0xFF])
                socket.publish(topic)
                socket.publish(good)
                return heard.numbers.last == 7
            })
        #expect(Set(heard.numbers) == [7])
    }

    @Test("a publisher's restart is survived")
    func restart() async throws {
        let place = try Place(.ipc)
        let heard = try Heard(place.directory)
        for _ in 0..<5 { try await heard.connected(to: try await publisher(at: place)) }
        // A process that was killed leaves its socket's file.
        let other = try Place(.ipc)
        let late = try Heard(other.directory)
        try RawSocket.leaveBehind(other.file)
        try await late.connected(to: try await publisher(at: other))
    }

    /// The one before it closes on its own time.
    private func publisher(at place: Place) async throws -> SocketPublisher {
        var publisher: SocketPublisher?
        _ = await eventually {
            publisher = try? SocketPublisher(
                listening: place.url, as: place.directory.identity, log: log)
            return publisher != nil
        }
        return try #require(publisher)
    }

    @Test("the socket's file is for its owner only")
    func mode() throws {
        let place = try Place(.ipc)
        let publisher = try SocketPublisher(
            listening: place.url, as: place.directory.identity, log: log)
        var status = stat()
        #expect(lstat(place.file, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        publisher.publish(Happened(number: 1))
    }

    @Test("a place that is taken, or none, is a fault")
    func refused() throws {
        let place = try Place(.ipc)
        let publisher = try SocketPublisher(
            listening: place.url, as: place.directory.identity, log: log)
        #expect(throws: Fault.self) {
            try SocketPublisher(
                listening: place.url, as: place.directory.identity, log: log)
        }
        #expect(throws: Fault.self) { try SocketPublisher(listening: "nonsense", log: log) }
        let nowhere = MeshDirectory(folder: "/tmp", overrides: ["lab.events": "nonsense"])
        #expect(throws: Fault.self) { try EventSubscription(Happened.self, in: nowhere) }
        publisher.publish(Happened(number: 1))
    }

    @Test("cancelling the reader's task ends its loop")
    func cancelled() async throws {
        let place = try Place(.ipc)
        let subscription = try EventSubscription(Happened.self, in: place.directory)
        let reader = Task { await subscription.forEach { _ in } }
        reader.cancel()
        await reader.value
    }

    @Test("a subscriber that reads nothing keeps neither the publisher nor the others waiting")
    func slow() async throws {
        let place = try Place(.ipc)
        let loop = EventLoop()
        defer { loop.stop() }
        var limits = SPListener.Limits()
        limits.room = 1 << 20
        let publisher = try SPListener(
            publishingAt: try #require(SPAddress(place.url)), on: loop, limits: limits)
        let (heard, last) = (Tally(), Tally())
        let peer = SPPeer(hearing: try #require(SPAddress(place.url)), on: loop) { message in
            if message.count == 1 { last.add() } else { heard.add() }
        }
        defer { peer.close() }
        let deaf = try await onThread { [url = place.url] in
            let deaf = try RawSocket(connecting: url)
            deaf.send([0, 0x53, 0x50, 0, 0, 0x21, 0, 0])
            return Owned(deaf)
        }
        let isConnected = await eventually {
            publisher.publish([0])
            return last.count > 0
        }
        #expect(isConnected)
        // 64 MB in all; the deaf one's share is a sixty-fourth.
        for number in 1...1_000 {
            publisher.publish([UInt8](repeating: 1, count: 1 << 16))
            await heard.reaches(number)
        }
        withExtendedLifetime(deaf) {}
    }

    @Test("a subscriber that talks is dropped")
    func talkative() async throws {
        let place = try Place(.ipc)
        let publisher = try SocketPublisher(
            listening: place.url, as: place.directory.identity, log: log)
        let isEnded = try await onThread { [url = place.url] in
            let raw = try RawSocket(connecting: url)
            raw.send(
                [0, 0x53, 0x50, 0, 0, 0x21, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0, 4, 0x80, 0, 0, 1])
            return raw.isEnded()
        }
        #expect(isEnded)
        publisher.publish(Happened(number: 1))
    }
}

/// Keeps a socket open for as long as it lives.
private final class Owned: Sendable {
    let socket: RawSocket
    init(_ socket: consuming RawSocket) { self.socket = socket }
}

/// A place to publish at.
private final class Place: Sendable {
    let url: String
    let directory: MeshDirectory
    private let folder: String

    init(_ way: Way) throws {
        folder = try scratchFolder()
        var overrides: [String: String] = [:]
        if way.isNetwork {
            let scheme = way == .tls ? "tls+tcp" : "tcp"
            overrides["lab.events"] = "\(scheme)://127.0.0.1:\(try freePort())"
        }
        let identity =
            way == .tls ? MeshIdentity("lab", folder: folder, tls: try testTLS()) : nil
        directory = MeshDirectory(folder: folder, overrides: overrides, identity: identity)
        url = directory.events(of: Lab.name)
    }

    deinit { removeFolder(folder) }

    var file: String { String(url.dropFirst(6)) }
}

/// A subscriber and what it heard.
private final class Heard: Sendable {
    private let seen = Mutex<[Int]>([])
    private let reader = Mutex<Task<Void, Never>?>(nil)

    init(_ directory: MeshDirectory) throws {
        let subscription = try EventSubscription(EventTests.Happened.self, in: directory)
        let task = Task { [weak self] in
            await subscription.forEach { event in
                self?.seen.withLock { $0.append(event.number) }
            }
        }
        reader.withLock { $0 = task }
    }

    deinit { reader.withLock { $0 }?.cancel() }

    var numbers: [Int] { seen.withLock { $0 } }

    /// Who is not connected yet hears nothing: publishes until something arrives, and forgets it.
    func connected(to publisher: SocketPublisher) async throws {
        let mark = Int.random(in: 1_000...1_000_000)
        try #require(
            await eventually {
                publisher.publish(EventTests.Happened(number: mark))
                return numbers.contains(mark)
            })
        // What is still on its way is of the same number.
        let last = mark + 1
        publisher.publish(EventTests.Happened(number: last))
        try #require(await eventually { numbers.last == last })
        seen.withLock { $0 = [] }
    }
}
