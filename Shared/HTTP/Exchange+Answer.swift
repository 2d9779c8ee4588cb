import EventLoop

extension Exchange {
    /// How the answer stands when the handler has returned.
    enum Settled {
        case whole
        /// Broken off in a framing that shows it.
        case cut
        /// Broken off where only a reset shows it.
        case reset
        /// A WebSocket has taken over.
        case upgraded
        /// It goes on without a handler.
        case detached
    }

    /// Bodies up to this size travel in one piece with what stands around them.
    private static let joined = 16 * 1024
    /// After this much written without a pause, a writer lets the loop do other things.
    private static let maxBurst = 1 << 20

    /// Runs `act` on the loop's thread, at once where that is here; it answers whether the caller
    /// has to wait until some of the output has been sent.
    nonisolated(nonsending) func onLoop(
        _ act: @escaping @Sendable (Exchange) throws(HTTPError) -> Bool
    ) async throws(HTTPError) {
        if loop.isCurrent {
            if try act(self) {
                let waiter = Waiter<Void>()
                writers.append(waiter)
                burst = 0
                return try await value(of: waiter)
            }
            guard burst > Self.maxBurst else { return }
            burst = 0
            return await Task.yield()
        }
        let waiter = Waiter<Void>()
        perform(for: waiter) { [self] in
            do throws(HTTPError) {
                if try act(self) { writers.append(waiter) } else { waiter.resolve(.success(())) }
            } catch {
                waiter.resolve(.failure(error))
            }
        }
        try await value(of: waiter)
    }

    func respond(
        status: Int, headers: [(String, String)], body: [UInt8]
    ) throws(HTTPError) -> Bool {
        let connection = try unanswered()
        let head = try ResponseHead(status: status, headers: headers)
        let hasBody = status != 204 && status != 304
        if let declared = head.declared, hasBody, !isHead, declared != body.count {
            throw .invalidHeader("Content-Length")
        }
        let length: AnswerLength =
            hasBody
            ? .known(isHead ? head.declared ?? body.count : body.count)
            : status == 304 ? head.declared.map { .known($0) } ?? .none : .none
        decideKeepAlive(head, complete: true)
        let joins = hasBody && !isHead && body.count <= Self.joined
        var bytes = encode(head, length, on: connection, room: joins ? body.count : 0)
        if joins { bytes += body }
        answer = .done
        connection.output.append(bytes)
        if hasBody && !isHead && !joins { connection.output.append(body) }
        return try sent(connection, bytes.count + body.count)
    }

    func start(status: Int, headers: [(String, String)]) throws(HTTPError) -> Bool {
        let connection = try unanswered()
        let head = try ResponseHead(status: status, headers: headers)
        let length: AnswerLength
        if status == 204 || status == 304 {
            length = status == 304 ? head.declared.map { .known($0) } ?? .none : .none
        } else if let declared = head.declared {
            length = .known(declared)
        } else {
            length = minor == 0 ? .untilClose : .chunked
        }
        if length == .untilClose { keepAlive = false }
        decideKeepAlive(head, complete: false)
        let bytes = encode(head, length, on: connection)
        if isHead || status == 204 || status == 304 {
            answer = .silent
        } else {
            switch length {
            case .known(let count): answer = .length(remaining: count)
            case .chunked: answer = .chunked
            case .none, .untilClose, .upgrade: answer = .untilClose
            }
        }
        connection.output.append(bytes)
        return try sent(connection, bytes.count)
    }

    /// Makes a WebSocket of the connection.
    func upgrade(
        _ handshake: WebSocketHandshake, subprotocol: String?, headers: [(String, String)],
        _ options: WebSocketOptions
    ) throws(HTTPError) -> WebSocketLink {
        let connection = try unanswered()
        guard minor == 1, !isHead, body.isComplete else {
            throw .malformedBody("a WebSocket begins without one, in HTTP/1.1")
        }
        let more = subprotocol.map { [("Sec-WebSocket-Protocol", $0)] } ?? []
        let head = try ResponseHead(status: 101, headers: headers + more)
        let link = WebSocketLink(connection, options)
        connection.output.append(encode(head, .upgrade(handshake.accept), on: connection))
        answer = .upgraded
        connection.setAnswerDeadline(nil)
        connection.webSocket = link
        link.open()
        if connection.listener.draining { connection.drain() }
        connection.flushOutput()
        connection.resumeReading()
        return link
    }

    func write(_ bytes: [UInt8]) throws(HTTPError) -> Bool {
        guard let connection else { throw .closed }
        switch answer {
        case .none: throw .misuse("write before start")
        case .done, .upgraded: throw .misuse("write after the end")
        case .silent: return false
        case .untilClose: connection.output.append(bytes)
        case .length(let remaining):
            guard bytes.count <= remaining else { throw .misuse("more than Content-Length") }
            answer = .length(remaining: remaining - bytes.count)
            connection.output.append(bytes)
        case .chunked:
            // An empty chunk would be the last one.
            guard !bytes.isEmpty else { return false }
            appendChunk(bytes, to: connection)
        }
        return try sent(connection, bytes.count)
    }

    private func appendChunk(_ bytes: [UInt8], to connection: Connection) {
        var framed = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
        guard bytes.count <= Self.joined else {
            connection.output.append(framed)
            connection.output.append(bytes)
            connection.output.append([Bytes.carriageReturn, Bytes.lineFeed])
            return
        }
        framed.reserveCapacity(framed.count + bytes.count + 2)
        framed += bytes
        framed += [Bytes.carriageReturn, Bytes.lineFeed]
        connection.output.append(framed)
    }

    func finish() throws(HTTPError) -> Bool {
        if answer == .done { return false }
        guard let connection else { throw .closed }
        switch answer {
        case .none: throw .misuse("finish before start")
        case .length(let remaining) where remaining > 0: throw .misuse("less than Content-Length")
        case .chunked: connection.output.append(Array("0\r\n\r\n".utf8))
        case .upgraded: throw .misuse("finish of a WebSocket")
        case .silent, .untilClose, .length, .done: break
        }
        answer = .done
        return try sent(connection, 0)
    }

    func detach() throws(HTTPError) -> Bool {
        guard connection != nil else { throw .closed }
        guard answer != .none, answer != .upgraded else { throw .misuse("detach before start") }
        isDetached = true
        return false
    }

    func push(_ bytes: [UInt8]) -> Bool {
        guard loop.isCurrent, let connection, connection.output.count <= limits.writeHighWater
        else { return false }
        // Nobody waits here, so that there is nothing to be told but whether it went.
        return (try? write(bytes)) != nil
    }

    func resume(_ body: nonisolated(nonsending) @escaping @Sendable () async -> Void) {
        guard let connection else { return }
        connection.run(self, body)
    }

    /// The handler has returned; answers in its place where it has not.
    func settle() -> Settled {
        guard let connection else { return .cut }
        if isDetached, answer != .done { return .detached }
        switch answer {
        case .done: return .whole
        case .chunked, .length, .silent: return .cut
        case .untilClose: return .reset
        case .upgraded: return .upgraded
        case .none:
            let refusal = fault?.refusal ?? .noAnswer
            decideKeepAlive(nil, complete: true)
            answer = .done
            connection.output.append(
                connection.problem(refusal, keepAlive: keepAlive, minor: minor, isHead: isHead))
            connection.flushOutput()
            return .whole
        }
    }

    /// Enough has been sent for the writers to go on.
    func outputDrained() {
        guard !writers.isEmpty else { return }
        let waiting = writers
        writers = []
        for writer in waiting { writer.resolve(.success(())) }
    }

    private func unanswered() throws(HTTPError) -> Connection {
        guard let connection else { throw .closed }
        guard answer == .none else { throw .misuse("a second answer") }
        return connection
    }

    private func encode(
        _ head: ResponseHead, _ length: AnswerLength, on connection: Connection, room: Int = 0
    ) -> [UInt8] {
        head.encode(
            length, keepAlive: keepAlive, minor: minor, date: connection.listener.currentDate(),
            room: room)
    }

    /// A connection is worth keeping when the rest of the body is complete, or soon skipped.
    private func decideKeepAlive(_ head: ResponseHead?, complete: Bool) {
        guard let connection, keepAlive else { return }
        let wanted = head?.closes != true && !connection.listener.draining
        let rest = (body.remaining ?? 0) - connection.input.count
        let skippable = !complete || rest <= limits.maxSkippedBody
        keepAlive = canKeepAlive && wanted && skippable
    }

    private func sent(_ connection: Connection, _ bytes: Int) throws(HTTPError) -> Bool {
        burst += bytes
        connection.flushOutput()
        guard self.connection != nil else { throw .closed }
        return connection.output.count > limits.writeHighWater
    }
}
