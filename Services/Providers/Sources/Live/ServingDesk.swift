import Contracts
import Dialects
import EventLoop
import Mesh
import MeshContract
import ServiceKit
import Synchronization

/// Answers outside clients: reads what they ask in their dialect, has it asked, and writes what
/// comes in the same dialect. A failure is an answer as well.
struct ServingDesk: Sendable {
    let asking: any Asking
    let directory: ProviderDirectory
    let streams: ServedStreams
    let books: Bookkeeper
    /// For reading large bodies: the others are not to wait for that.
    let pool: BlockingPool
    let ambient: Ambient

    private static let largeBody = 128 << 10
    /// A whole answer above this is read in pieces.
    private static let largestWhole = 4 << 20
    /// How much earlier than the caller we give up, so that it hears of it.
    private static let margin = Duration.milliseconds(250)

    func serve(_ request: Providers.Serve, _ call: Call) async throws -> Providers.ServedAnswer {
        do {
            switch request.interface {
            case .chat: return try await answer(request, ServedChat(), call)
            case .responses: return try await answer(request, ServedResponses(), call)
            case .messages: return try await answer(request, ServedAnthropic(), call)
            case .embeddings: return try await embed(request, call)
            case .countTokens: return try await count(request, call)
            case .models: return whole(try ServedListing(directory: directory).answer(request))
            }
        } catch {
            // Nobody would read it.
            if Task.isCancelled { throw CancellationError() }
            let refusal = ServedRefusal(request)
            return Self.refused(refusal.reply(refusal.fault(error)))
        }
    }

    // MARK: Answers

    private func answer(
        _ request: Providers.Serve, _ dialect: any ServedDialect, _ call: Call
    ) async throws -> Providers.ServedAnswer {
        let asked = try await read(request.body) { body in try dialect.request(body) }
        try KeptRule.check(asked)
        try admit()
        let errand = ServedErrand(
            ask: ask(asked, request, call), dialect: dialect, refusal: ServedRefusal(request),
            id: newID(), created: Int(ambient.now() / 1_000))
        guard asked.isStreamed else {
            defer { streams.leave() }
            return try await whole(errand)
        }
        let stream: ServedStream
        do {
            stream = try streams.make(errand.id)
            try streams.write { [self] in
                await write(errand, into: stream)
                streams.leave()
            }
        } catch {
            streams.leave()
            throw error
        }
        return try await begun(stream, errand)
    }

    /// The answer up to its first bytes.
    private func begun(
        _ stream: ServedStream, _ errand: ServedErrand
    ) async throws -> Providers.ServedAnswer {
        do {
            // Late enough for the word that the time is over.
            let deadline = errand.ask.deadline &+ (Self.margin / 2).nanoseconds
            let piece = try await readOn(stream, from: 0, until: deadline)
            guard let head = stream.head else {
                throw Fault(.timedOut, "no answer came in time")
            }
            return Providers.ServedAnswer(
                id: stream.id, status: head.status,
                headers: head.headers.map { .init($0.name, $0.value) }, body: piece.bytes,
                isEnded: piece.isEnded)
        } catch {
            stream.interrupt(.gone)
            throw error
        }
    }

    private func whole(_ errand: ServedErrand) async throws -> Providers.ServedAnswer {
        let builder = Mutex(AnswerBuilder())
        do {
            try await asking.ask(errand.ask, tally: errand.tally) { events in
                builder.withLock { $0.add(events) }
            }
        } catch {
            book(errand, Task.isCancelled ? .cancelled : .failed)
            throw error
        }
        book(errand, .completed)
        var answer = builder.withLock { $0.answer }
        if answer.usage == nil { answer.usage = errand.usage }
        let body = errand.dialect.answer(answer, to: errand.ask.request, as: errand.name)
        return whole(body, errand.labels)
    }

    /// In one piece where it is small enough for one reply.
    private func whole(
        _ body: [UInt8], _ more: [(name: String, value: String)] = []
    ) -> Providers.ServedAnswer {
        let headers = [("content-type", "application/json")] + more
        let named = headers.map { Providers.NamedValue($0.0, $0.1) }
        guard body.count > Self.largestWhole, let stream = try? streams.make(newID()) else {
            return Providers.ServedAnswer(status: 200, headers: named, body: body)
        }
        stream.end(body, after: .init(headers: headers))
        stream.rent()
        return Providers.ServedAnswer(
            id: stream.id, status: 200, headers: named, body: [], isEnded: false)
    }

    /// Writes a stream to its end, whatever that is, and books it.
    private func write(_ errand: ServedErrand, into stream: ServedStream) async {
        let pen = ServedPen { errand.dialect.makeWriter(for: errand.ask.request, as: errand.name) }
        let failure = await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask {
                do {
                    try await asking.ask(errand.ask, tally: errand.tally) { events in
                        try await stream.write(pen.write(events), after: errand.head)
                    }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                await stream.untilInterrupted()
                return nil
            }
            for await result in group {
                group.cancelAll()
                switch result {
                case .success: return nil as (any Error)?
                case .failure(let error): return error
                case nil: continue
                }
            }
            return CancellationError()
        }
        guard let failure else {
            book(errand, .completed)
            return stream.end(pen.end(errand.usage), after: errand.head)
        }
        let isGone = stream.interruption == .gone
        book(errand, isGone ? .cancelled : .failed)
        let fault = errand.refusal.fault(
            stream.interruption == .stopped || failure is CancellationError
                ? ServedStreams.stopping : failure)
        if stream.head != nil { return stream.end(pen.fail(fault), after: errand.head) }
        let reply = errand.refusal.reply(fault)
        stream.end(reply.body, after: .init(status: reply.status, headers: reply.headers))
    }

    // MARK: Reading on

    /// A stream is forgotten with its last byte.
    func readOn(
        _ stream: ServedStream, from offset: Int, until deadline: UInt64
    ) async throws -> ServedStream.Piece {
        defer { if stream.isOver { streams.forget(stream) } }
        // A comment, which clients skip in all three dialects.
        return try await stream.read(from: offset, until: deadline) { Array(": \n\n".utf8) }
    }

    // MARK: The others

    private func embed(
        _ request: Providers.Serve, _ call: Call
    ) async throws -> Providers.ServedAnswer {
        let asked = try await read(request.body) { body in try ServedEmbeddings.request(body) }
        try admit()
        defer { streams.leave() }
        let (tally, begun) = (Tally(), monotonic())
        let ask = EmbeddingAsk(
            request: asked, model: asked.model, caller: Self.caller(request),
            deadline: deadline(call))
        func book(_ outcome: AnswerRecord.State) {
            for line in tally.lines where line === tally.last || line.figures.wasAsked {
                var used = line.figures.usage ?? TokenUsage()
                if line.figures.wasAsked, line.figures.usage == nil {
                    used = TokenUsage(input: asked.estimatedTokens, isEstimated: true)
                }
                self.book(line, used, ask.caller, outcome, since: begun)
            }
        }
        do {
            var answer = try await asking.embed(ask, tally: tally)
            book(.completed)
            if answer.usage == nil { answer.usage = TokenUsage(input: asked.estimatedTokens) }
            return whole(
                ServedEmbeddings.answer(answer, to: asked, model: asked.model),
                ServedErrand.labels(tally.last?.choice))
        } catch {
            book(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
    }

    private func count(
        _ request: Providers.Serve, _ call: Call
    ) async throws -> Providers.ServedAnswer {
        let dialect = ServedAnthropic()
        let asked = try await read(request.body) { body in try dialect.countRequest(body) }
        try admit()
        defer { streams.leave() }
        let usage = try await asking.count(ask(asked, request, call))
        let labels = usage.isEstimated ? [("x-atelier-estimated", "true")] : []
        return whole(dialect.countReply(usage.input), labels)
    }

    // MARK: Pieces

    private func admit() throws(Fault) {
        guard !books.isFull else {
            throw Fault(
                .overloaded, "what requests cost cannot be written down at the moment",
                retryAfterMilliseconds: 2_000)
        }
        try streams.enter()
    }

    private func read<T: Sendable>(
        _ body: [UInt8], _ parse: @escaping @Sendable ([UInt8]) throws -> T
    ) async throws -> T {
        guard body.count > Self.largeBody else { return try parse(body) }
        return try await pool.run { try parse(body) }
    }

    private func ask(_ asked: ModelRequest, _ request: Providers.Serve, _ call: Call) -> Ask {
        let key = request.field("idempotency-key").map { "\(request.user) \($0)" }
        var asked = asked
        let betas = request.field("anthropic-beta") ?? ""
        asked.betas = betas.split { $0 == "," || $0 == " " }.map(String.init)
        return Ask(
            request: asked, model: asked.model, dialect: Self.dialect(request.interface),
            caller: Self.caller(request), key: key, deadline: deadline(call))
    }

    private static func dialect(_ interface: Providers.Interface) -> DialectName? {
        switch interface {
        case .chat, .embeddings: .openai
        case .responses: .responses
        case .messages, .countTokens: .anthropic
        case .models: nil
        }
    }

    /// A project is what the client calls so, as OpenAI's clients do in a header; a budget may be set
    /// for it. It is the user's own, whatever others call theirs.
    private static func caller(_ request: Providers.Serve) -> Ask.Caller {
        let project = request.field("openai-project")
        return Ask.Caller(
            user: request.user, project: Ask.Caller.subject(of: project, request.user),
            apiKeyID: request.apiKeyID, agent: "api")
    }

    private func deadline(_ call: Call) -> UInt64 {
        monotonic() &+ max(call.time - Self.margin, .zero).nanoseconds
    }

    private func newID() -> String { String(ambient.makeID("").dropFirst()) }

    private static func refused(_ reply: ErrorReply) -> Providers.ServedAnswer {
        Providers.ServedAnswer(
            status: reply.status, headers: reply.headers.map { .init($0.name, $0.value) },
            body: reply.body)
    }
}
