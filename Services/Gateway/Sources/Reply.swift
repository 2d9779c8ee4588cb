import HTTP
import Log
import Mesh
import MeshContract
import REST

/// One answer on its way out: whatever becomes of the request, exactly one is sent.
struct Reply: Sendable {
    /// As other servers log a client that did not wait.
    private static let clientGone = 499

    let door: FrontDoor
    let request: HTTPRequest
    let marks: RequestMarks
    let notes: RequestNotes
    let writer: ResponseWriter

    /// Sends what `make` answers, or what its failure means; says with which status.
    nonisolated(nonsending) func give(
        _ make: nonisolated(nonsending) () async throws -> Answer
    ) async -> Int {
        do {
            return try await send(try await make())
        } catch let fault as Fault {
            return await refuse(fault)
        } catch let error as any FaultConvertible {
            return await refuse(error.fault)
        } catch let error as HTTPError {
            return await refuse(error)
        } catch is CancellationError {
            return Self.clientGone
        } catch {
            return await refuse(internalFault(error))
        }
    }

    private nonisolated(nonsending) func send(_ answer: Answer) async throws -> Int {
        switch answer {
        case .json(let status, let value):
            let body = try JSONCoding.encode(value)
            notes.bytes(body.count)
            let headers = headers(adding: [("Content-Type", "application/json")])
            try await writer.send(status: status, headers: headers, body: body)
            return status
        case .bytes(let status, let more, let bytes):
            notes.bytes(bytes.count)
            let headers = headers(adding: more, isNews: status != 304)
            try await writer.send(status: status, headers: headers, body: bytes)
            return status
        case .empty(let status):
            notes.bytes(0)
            try await writer.send(status: status, headers: headers(adding: []), body: [])
            return status
        case .stream(let status, let more, let body):
            notes.bytes(more.first { $0.0 == "Content-Length" }.flatMap { Int($0.1) })
            try await writer.start(status: status, headers: headers(adding: more))
            return await finish(status) { try await body(writer) }
        case .live(let status, let more, let body):
            let place = try door.closing.enter { [writer] in writer.cancelHandler() }
            defer { door.closing.leave(place) }
            try await writer.start(status: status, headers: headers(adding: more))
            return await finish(status) { try await body(writer) }
        case .watched(let status, let more, let body):
            return try await watch(status, more, body)
        case .webSocket(let options, let body): return try await upgrade(options, body)
        }
    }

    private nonisolated(nonsending) func watch(
        _ status: Int, _ more: [(String, String)], _ body: any WatchedBody
    ) async throws -> Int {
        let closing = door.closing
        let place = try closing.enter { body.stop() }
        do {
            try await writer.start(status: status, headers: headers(adding: more))
            if request.method == "HEAD" {
                closing.leave(place)
                try await writer.finish()
            } else {
                try await writer.detach()
                body.begin(writer) { closing.leave(place) }
            }
            return status
        } catch {
            closing.leave(place)
            return Self.clientGone
        }
    }

    /// A server that stops says so by its close code; the place is only counted.
    private func upgrade(
        _ options: WebSocketOptions?, _ body: @Sendable (WebSocketSession) async throws -> Void
    ) async throws -> Int {
        let handshake: WebSocketHandshake
        do {
            handshake = try WebSocketHandshake(request)
        } catch {
            return try await demandUpgrade(error)
        }
        let place = try door.closing.enter {}
        defer { door.closing.leave(place) }
        let session = try await writer.upgrade(
            handshake, headers: headers(adding: []), options: options ?? door.config.http.sockets)
        do {
            try await body(session)
            session.close()
        } catch {
            guard session.end == nil, !writer.isClosed else { return Self.clientGone }
            door.log.warning("a WebSocket failed", ["request": marks.id, "error": "\(error)"])
            session.close(.failed, reason: "our failure; the log has it under \(marks.id)")
        }
        return 101
    }

    private func demandUpgrade(_ flaw: WebSocketHandshake.Flaw) async throws -> Int {
        if case .malformed(let what) = flaw { throw Fault(.invalid, what) }
        let problem = Problem.upgradeRequired(requestID: marks.id)
        let more = [
            ("Content-Type", "application/problem+json"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
        ]
        try await writer.send(
            status: problem.status, headers: headers(adding: more),
            body: try JSONCoding.encode(problem))
        return problem.status
    }

    /// Past the head a failure cannot be told any more: the body is cut off, so that nobody takes it
    /// for whole.
    private func finish(
        _ status: Int = 200, _ body: () async throws -> Void
    ) async -> Int {
        do {
            // A HEAD has its answer; a stream would go on for nobody.
            if request.method == "HEAD" { try await writer.finish() } else { try await body() }
            return status
        } catch HTTPError.closed {
            return Self.clientGone
        } catch is CancellationError {
            return Self.clientGone
        } catch {
            door.log.warning(
                "an answer was cut off", ["request": marks.id, "error": "\(error)"])
            return 500
        }
    }

    // MARK: Failures

    private func refuse(_ error: HTTPError) async -> Int {
        switch error {
        case .closed, .cancelled: return Self.clientGone
        // The body came too slowly: the core says so (408), and closes.
        case .timedOut: return 408
        case .bodyTooLarge(let limit): return await refuse(Problem.tooLarge(limit))
        case .malformedBody(let what):
            return await refuse(Fault(.invalid, "the body's framing is broken", detail: what))
        case .invalidHeader, .misuse, .system: return await refuse(internalFault(error))
        }
    }

    private func internalFault(_ error: any Error) -> Fault {
        Fault(.internal, "internal error", detail: "\(error)")
    }

    private func refuse(_ fault: Fault) async -> Int {
        var fault = fault
        if fault.code == .internal {
            door.log.error("a request failed", ["request": marks.id, "error": "\(fault)"])
            fault = Fault(.internal, "internal error; the log has it under \(marks.id)")
        }
        let problem = Problem(fault, requestID: marks.id)
        let more =
            Problem.headers(for: fault) + [("Content-Type", "application/problem+json")]
        do {
            let body = try JSONCoding.encode(problem)
            notes.bytes(body.count)
            try await writer.send(
                status: problem.status, headers: headers(adding: more), body: body)
        } catch {
            door.log.debug("nobody waits for the answer", ["request": marks.id])
        }
        return problem.status
    }

    private func headers(
        adding more: [(String, String)], isNews: Bool = true
    ) -> [(String, String)] {
        AnswerHeaders(request, marks, notes, door.config).all(adding: more, isNews: isNews)
    }
}
