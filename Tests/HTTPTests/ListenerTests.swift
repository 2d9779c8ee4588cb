import EventLoop
import Glibc
import Synchronization
import Testing

@testable import HTTP

@Suite("Listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    @Test("out of descriptors it rests instead of spinning, and then takes who waits")
    func exhausted() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let calls = Mutex(0)
        var limits = HTTPLimits()
        limits.acceptPause = .milliseconds(50)
        let descriptor = try Socket.listen(host: "127.0.0.1", port: 0, shared: false, backlog: 16)
        let listener = Listener(
            loop: loop, core: ServerCore(limits: limits, handler: plainHandler),
            descriptor: descriptor
        ) { descriptor in
            let number = calls.withLock { count in
                count += 1
                return count
            }
            return number <= 3 ? .exhausted : Socket.accept(descriptor)
        }
        listener.open()
        let port = try Socket.port(of: descriptor)
        let began = ContinuousClock.now
        let answer = try await onThread { try RawClient(port: port).ask(ConnectionTests.get) }
        #expect(answer.status == 200)
        #expect(began.duration(to: .now) >= .milliseconds(150), "three rests")
        #expect(calls.withLock { $0 } <= 6)
        let waiter = Waiter<Void>()
        loop.perform { listener.drain(until: monotonic(), waiter) }
        try await waiter.value()
    }

    @Test("every descriptor is closed to children and never blocks")
    func flags() throws {
        let descriptor = try Socket.listen(host: "127.0.0.1", port: 0, shared: true, backlog: 16)
        defer { close(descriptor) }
        let client = try RawClient(port: try Socket.port(of: descriptor))
        defer { client.close() }
        guard case .peer(let peer, let address) = Socket.accept(descriptor) else {
            Issue.record("nobody was waiting")
            return
        }
        defer { close(peer) }
        #expect(address == "127.0.0.1")
        for one in [descriptor, peer] {
            #expect(fcntl(one, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(one, F_GETFL) & O_NONBLOCK != 0)
        }
        #expect(Socket.accept(descriptor) == .none)
    }
}

@Suite("Small parts")
struct PartsTests {
    @Test("a fast start does not pay for a long silence")
    func pace() {
        var pace = BodyPace(rate: 1000, grace: .seconds(10))
        #expect(pace.begin(at: 0) == 10_000_000_000)
        pace.end(at: 4_000_000_000)
        #expect(pace.begin(at: 5_000_000_000) == 11_000_000_000)
        pace.end(at: 5_000_000_000)
        pace.received(1000)
        #expect(pace.begin(at: 0) == 7_000_000_000)
        pace.received(.max)
        pace.end(at: 0)
        #expect(pace.begin(at: 0) == 10_000_000_000)
        pace.end(at: .max)
        #expect(pace.begin(at: 5) == 5)
    }

    @Test("waiting output keeps its order through joins and partial sends")
    func output() {
        var output = OutputBuffer()
        var expected: [UInt8] = []
        var seen: [UInt8] = []
        for number in 0..<500 {
            let size = number % 7 == 0 ? 20_000 : number
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
            expected += bytes
            output.append(bytes)
            let sent = output.withFront { front in
                let part = min(front.count, 3000)
                seen += front[..<part]
                return part
            }
            if sent > 0 { output.consume(sent) }
        }
        while !output.isEmpty {
            let sent = output.withFront { front in
                seen += front
                return front.count
            }
            output.consume(sent)
        }
        #expect(seen == expected)
        #expect(output.isEmpty)
    }

    @Test("headers are found whatever their case")
    func headers() {
        let headers = HTTPHeaders([("Accept", "a"), ("ACCEPT", "b"), ("X", "c")])
        #expect(headers["accept"] == "a")
        #expect(headers.all("aCCept") == ["a", "b"])
        #expect(headers.map(\.name) == ["accept", "accept", "x"])
    }
}
