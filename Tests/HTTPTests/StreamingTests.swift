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

    @Test("a detached answer goes on without its handler, by pushes and by tasks, to its end")
    func detached() async throws {
        let kept = Box<ResponseWriter>()
        let handler: Handler = { request, body, writer in
            guard request.path == "/detached" else {
                return await plainHandler(request, body, writer)
            }
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                try await writer.write(Array("one".utf8))
                try await writer.detach()
            }
            kept.set(writer)
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            let client = try await onThread {
                let client = try RawClient(port: port)
                client.send("GET /detached HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readHead().status == 200)
                #expect(try client.readChunk() == Array("one".utf8))
                return client
            }
            let writer = await kept.wait()
            #expect(!writer.push(Array("elsewhere".utf8)), "on the loop only")
            let pushed = Box<Bool>()
            writer.onLoop { pushed.set(writer.push(Array("two".utf8))) }
            #expect(await pushed.wait())
            writer.resume {
                await tolerating { () async throws(HTTPError) in
                    try await writer.write(Array("three".utf8))
                    try await writer.finish()
                }
            }
            try await onThread { () throws in
                #expect(try client.readChunk() == Array("two".utf8))
                #expect(try client.readChunk() == Array("three".utf8))
                #expect(try client.readChunk() == [])
                #expect(try client.ask(ConnectionTests.get).status == 200)
            }
        }
    }

    @Test("a peer that leaves a detached answer is noticed; an aborted one is cut off")
    func detachedEnds() async throws {
        let kept = Box<ResponseWriter>()
        let gone = Box<Bool>()
        let handler: Handler = { request, _, writer in
            writer.onClose { if request.path == "/left" { gone.set(true) } }
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                try await writer.detach()
            }
            kept.set(writer)
        }
        try await withServer(handler: handler) { server in
            let leaving = try RawClient(port: server.port)
            leaving.send("GET /left HTTP/1.1\r\nHost: a\r\n\r\n")
            let first = await kept.wait()
            leaving.close()
            #expect(await gone.wait())
            #expect(first.isClosed)
            let port = server.port
            let other = try RawClient(port: port)
            other.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await onThread { try other.readHead().status }
            #expect(head == 200)
            while kept.now === first { await Task.yield() }
            kept.now?.abort()
            let rest = try await onThread { try other.readToEnd() }
            #expect(rest == "", "no last chunk")
        }
    }
}
