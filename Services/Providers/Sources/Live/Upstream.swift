import Curl
import Dialects
import EventLoop
import MeshContract

/// One endpoint of a provider on the network: asks it once, and reads its answer to the end. A
/// second try is for whoever knows the other endpoints.
struct Upstream: Sendable {
    let http: HTTPClient
    let name: DialectName
    let endpoint: Endpoint
    /// The longest silence, and the longest time without a token.
    let timeout: Duration
    let settling: Settling

    /// Errors of a response are read no further than this.
    private static let largestError = 64 << 10
    private static let largestAnswer = 256 << 20
    /// A whole answer is silent until its last token: it has so many times the time for the first.
    private static let patience = 5

    /// A server of one's own may know the older limit alone.
    private var dialect: any Dialect {
        name == .openai && endpoint.key == nil ? OpenAIDialect(.compatible) : name.dialect
    }

    /// Asks, in pieces or for the whole as the request has it. `id` is new in each answer: calls
    /// that the provider does not name are named after it.
    func ask(
        _ request: ModelRequest, named id: String, by deadline: UInt64, _ line: Tally.Line,
        _ hear: Asking.Hear
    ) async throws {
        try await telling {
            let dialect = dialect
            let call = try dialect.request(request, endpoint: endpoint)
            guard request.isStreamed else {
                let body = try await send(
                    call, by: deadline, line, dialect, within: timeout * Self.patience)
                let answer = try dialect.answer(body, named: id)
                let events = answer.events
                line.take(events)
                guard answer.stop != nil else { throw Self.endless }
                return try await hear(events)
            }
            let stream = try await open(call, by: deadline, line, dialect)
            try await read(stream, with: dialect.makeParser(named: id), line, hear)
            settling.take(stream)
        }
    }

    func embed(
        _ request: EmbeddingRequest, by deadline: UInt64, _ line: Tally.Line
    ) async throws -> EmbeddingAnswer {
        try await telling {
            let dialect = dialect
            guard let embedding = dialect as? any Embedding else {
                throw UpstreamFailure(
                    .badRequest, message: "\(name.rawValue) makes no embeddings")
            }
            let call = try embedding.embeddingCall(request, endpoint: endpoint)
            let body = try await send(call, by: deadline, line, dialect, within: timeout)
            let answer = try embedding.embeddings(body, for: request)
            line.note { ($0.usage, $0.stop) = (answer.usage, Stop(.end)) }
            return answer
        }
    }

    /// Nil where the provider cannot be asked.
    func count(_ request: ModelRequest, by deadline: UInt64) async throws -> Int? {
        guard let counting = dialect as? any TokenCounting else { return nil }
        return try await telling {
            let call = try counting.countCall(request, endpoint: endpoint)
            let line = Tally.Line(.init(provider: name.rawValue, model: request.model))
            return try counting.count(
                try await send(call, by: deadline, line, counting, within: timeout))
        }
    }

    // MARK: Exchanges

    /// Within `silence` something has to come.
    private func request(
        _ call: OutgoingCall, by deadline: UInt64, _ silence: Duration
    ) -> ClientRequest {
        let now = monotonic()
        let left = deadline > now ? deadline - now : 0
        return ClientRequest(
            method: call.method, url: call.url, headers: call.headers.map { ($0.name, $0.value) },
            body: call.body, idleTimeout: silence,
            deadline: deadline == .max ? nil : .nanoseconds(Int64(clamping: left)),
            maxBody: Self.largestAnswer)
    }

    /// The body of a whole response with status 200.
    private func send(
        _ call: OutgoingCall, by deadline: UInt64, _ line: Tally.Line, _ dialect: any Dialect,
        within silence: Duration
    ) async throws -> [UInt8] {
        line.note { ($0.wasAsked, $0.usage) = (true, nil) }
        let response: ClientResponse
        do {
            response = try await http.send(request(call, by: deadline, silence))
        } catch {
            if error.isUnsent { line.note { $0.wasAsked = false } }
            throw error
        }
        guard response.status == 200 else {
            line.note { $0.wasAsked = false }
            throw dialect.failure(
                status: response.status,
                headers: response.headers.fields.map { ($0.name, $0.value) },
                body: Array(response.body.prefix(Self.largestError)))
        }
        return response.body
    }

    private func open(
        _ call: OutgoingCall, by deadline: UInt64, _ line: Tally.Line, _ dialect: any Dialect
    ) async throws -> ClientStream {
        line.note { ($0.wasAsked, $0.usage) = (true, nil) }
        let stream: ClientStream
        do {
            stream = try await http.stream(request(call, by: deadline, timeout))
        } catch {
            if error.isUnsent { line.note { $0.wasAsked = false } }
            throw error
        }
        guard stream.status == 200 else {
            let body = try await Self.head(of: stream)
            line.note { $0.wasAsked = false }
            throw dialect.failure(
                status: stream.status, headers: stream.headers.fields.map { ($0.name, $0.value) },
                body: body)
        }
        return stream
    }

    private static func head(of stream: ClientStream) async throws -> [UInt8] {
        var body: [UInt8] = []
        while body.count < largestError, let more = try await stream.next() { body += more }
        return body
    }

    private func read(
        _ stream: ClientStream, with parser: any StreamParser, _ line: Tally.Line,
        _ hear: Asking.Hear
    ) async throws {
        var parser = parser
        var progress = monotonic()
        while !parser.isFinished, let bytes = try await next(stream) {
            let events = try parser.feed(bytes)
            if line.take(events) { progress = monotonic() }
            if !events.isEmpty {
                let before = monotonic()
                try await hear(events)
                // Time in which we hold the provider back is not its silence.
                progress += monotonic() - before
            }
            guard Duration.nanoseconds(Int64(clamping: monotonic() - progress)) < timeout else {
                throw UpstreamFault.silent(name.rawValue, timeout)
            }
        }
        let events = try parser.end()
        line.take(events)
        if !events.isEmpty { try await hear(events) }
        guard line.figures.stop != nil else { throw Self.endless }
    }

    private static let endless = UpstreamFailure(
        .truncated, message: "the answer gave no reason for its end")

    /// A connection that breaks is told in the dialect's words, as a stream that ends early.
    private func next(_ stream: ClientStream) async throws -> [UInt8]? {
        do {
            return try await stream.next()
        } catch {
            if error == .truncated { return nil }
            throw error
        }
    }

    /// Failures as the others may hear them: without the key, and silence as such.
    private func telling<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let failure as UpstreamFailure {
            throw failure.hiding(endpoint.key)
        } catch let error as HTTPClientError {
            if error == .cancelled { throw CancellationError() }
            if error == .idle { throw UpstreamFault.silent(name.rawValue, timeout) }
            throw error
        }
    }
}
