import HTTP
import Synchronization
import Testing

@Suite("Streams", .timeLimit(.minutes(1)))
struct StreamingTests {
    @Test("a slow reader makes the writer wait, and gets everything")
    func slowReader() async throws {
        let written = Mutex(0)
        let total = 32 << 20
        let piece = [UInt8](repeating: 120, count: 64 * 1024)
        let handler: Handler = { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(
                    status: 200, headers: [("Content-Length", "\(total)")])
                for _ in 0..<(total / piece.count) {
                    try await writer.write(piece)
                    written.withLock { $0 += piece.count }
                }
                try await writer.finish()
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port, receiveBuffer: 64 * 1024)
                client.send(ConnectionTests.get)
                #expect(try client.readHead().status == 200)
                // Until the writer stands still, nothing more is read.
                var last = -1
                while case let now = written.withLock({ $0 }), now != last {
                    last = now
                    pause(.milliseconds(30))
                }
                #expect(last < total / 2, "most of it is not even made yet")
                #expect(try client.readBytes(total) == total)
                client.send(ConnectionTests.get)
                #expect(try client.readHead().status == 200)
            }
        }
    }

    @Test("a peer that goes is noticed within a second, though nothing is written")
    func gone() async throws {
        let started = Box<ResponseWriter>()
        let cancelled = Box<ContinuousClock.Instant>()
        let told = Box<ContinuousClock.Instant>()
        let failed = Box<HTTPError>()
        let handler: Handler = { _, _, writer in
            writer.onClose { told.set(.now) }
            await tolerating { () async throws(HTTPError) in
                try await writer.start(
                    status: 200, headers: [("Content-Type", "text/event-stream")])
            }
            started.set(writer)
            _ = try? await Task.sleep(for: .seconds(30))
            if Task.isCancelled { cancelled.set(.now) }
            do throws(HTTPError) {
                try await writer.write([1])
            } catch {
                failed.set(error)
            }
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            client.send(ConnectionTests.get)
            let writer = await started.wait()
            #expect(!writer.isClosed)
            let left = ContinuousClock.now
            client.close()
            #expect(await cancelled.wait() - left < .seconds(20))
            #expect(await told.wait() - left < .seconds(20))
            #expect(await failed.wait() == .closed)
            #expect(writer.isClosed)
            let late = Box<Bool>()
            writer.onClose { late.set(true) }
            #expect(late.now == true, "too late to wait for it")
        }
    }

    @Test("a peer that goes while its unread upload fills the buffers is noticed, too")
    func goneWhileFull() async throws {
        let cancelled = Box<Bool>()
        let started = Box<Bool>()
        let handler: Handler = { _, _, _ in
            started.set(true)
            _ = try? await Task.sleep(for: .seconds(30))
            cancelled.set(Task.isCancelled)
        }
        let limits = HTTPLimits.with { limits in limits.maxReadAhead = 1024 }
        try await withServer(limits: limits, handler: handler) { server in
            let client = try RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            _ = client.sendWhatFits([UInt8](repeating: 1, count: 100_000))
            _ = await started.wait()
            client.close()
            #expect(await cancelled.wait())
        }
    }

    @Test("a peer that goes during its upload ends the read")
    func goneUploading() async throws {
        let failed = Box<HTTPError>()
        let started = Box<Bool>()
        let handler: Handler = { _, body, _ in
            started.set(true)
            do throws(HTTPError) {
                _ = try await body.collect(upTo: 1000)
            } catch {
                failed.set(error)
            }
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello")
            _ = await started.wait()
            client.close()
            #expect(await failed.wait() == .closed)
        }
    }

    @Test("work after the answer is not cancelled by a peer that leaves with it")
    func afterwards() async throws {
        let answered = Box<Bool>()
        let left = Box<Bool>()
        let cancelled = Box<Bool>()
        let handler: Handler = { _, _, writer in
            writer.onClose { left.set(true) }
            await tolerating { () async throws(HTTPError) in try await writer.send(status: 200) }
            answered.set(true)
            _ = await left.wait()
            cancelled.set(Task.isCancelled)
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            client.send(ConnectionTests.get)
            _ = await answered.wait()
            client.close()
            #expect(await cancelled.wait() == false)
        }
    }

    @Test("cancelling a waiting reader ends its wait and loses no byte")
    func cancelledReader() async throws {
        let failed = Box<HTTPError>()
        let handler: Handler = { _, body, writer in
            let waiting = Task {
                do throws(HTTPError) {
                    _ = try await body.next()
                } catch {
                    failed.set(error)
                }
            }
            waiting.cancel()
            await waiting.value
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                try await writer.write(try await body.collect(upTo: 100))
                try await writer.finish()
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
                #expect(try client.readHead().status == 200)
                client.send("hello")
                #expect(try client.readChunk() == Array("hello".utf8))
            }
        }
        #expect(failed.now == .cancelled)
    }
}
