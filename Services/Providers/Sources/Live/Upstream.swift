import Contracts
import Curl
import Dialects
import EventLoop

/// Has a provider on the network write an answer: asks it, reads its stream, and asks again while
/// no text has come.
struct Upstream: Sendable {
    let http: HTTPClient
    let name: DialectName
    let endpoint: Endpoint
    let timeout: Duration
    let rule: RetryRule

    /// Errors of a response are read no further than this.
    private static let largestError = 64 << 10

    /// How an answer that is whole came to its end.
    struct Whole: Sendable {
        var reason: StopReason
        /// What may still come: of no interest, but in the way of the connection's next request.
        var rest: ClientStream?
    }

    /// Writes into `live` and answers with why the model stopped.
    func write(_ chat: ModelRequest, into live: LiveAnswer) async throws -> Whole {
        let begun = monotonic()
        for attempt in 1... {
            do {
                return try await ask(chat, live)
            } catch {
                let spent = Duration.nanoseconds(Int64(clamping: monotonic() - begun))
                guard live.figures.bytes == 0, live.interruption == nil, !Task.isCancelled,
                    let pause = rule.pause(
                        after: error, attempt: attempt, left: timeout - spent,
                        chance: .random(in: 0...1))
                else { throw error }
                try await Task.sleep(for: pause)
            }
        }
        throw UpstreamFailure(.server, message: "no answer")  // not reached: the loop has no end
    }

    private func ask(_ chat: ModelRequest, _ live: LiveAnswer) async throws -> Whole {
        // A server of one's own may know the older limit alone.
        let isOwn = name == .openai && endpoint.key == nil
        let dialect: any Dialect = isOwn ? OpenAIDialect(.compatible) : name.dialect
        let call = try dialect.request(chat, endpoint: endpoint)
        let request = ClientRequest(
            method: call.method, url: call.url, headers: call.headers.map { ($0.name, $0.value) },
            body: call.body, idleTimeout: timeout, maxBody: 256 << 20)
        live.note { ($0.wasAsked, $0.usage) = (true, nil) }
        let stream: ClientStream
        do {
            stream = try await http.stream(request)
        } catch {
            if error.isUnsent { live.note { $0.wasAsked = false } }
            throw error
        }
        guard stream.status == 200 else {
            let body = try await Self.head(of: stream)
            live.note { $0.wasAsked = false }
            throw dialect.failure(
                status: stream.status, headers: stream.headers.fields.map { ($0.name, $0.value) },
                body: body)
        }
        let reason = try await read(stream, with: dialect.makeParser(), into: live)
        return Whole(reason: reason, rest: stream)
    }

    /// Lets the response end, so that its connection serves the next request; briefly, for some
    /// servers never end it.
    static func settle(_ rest: ClientStream) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var bytes = 0
                // What goes wrong here is of no interest: the answer is whole.
                while bytes < largestError, let more = try? await rest.next() {
                    bytes += more.count
                }
            }
            group.addTask { try? await Task.sleep(for: .seconds(1)) }  // ends early when cancelled
            await group.next()
            group.cancelAll()
        }
    }

    private static func head(of stream: ClientStream) async throws -> [UInt8] {
        var body: [UInt8] = []
        while body.count < largestError, let more = try await stream.next() { body += more }
        return body
    }

    private func read(
        _ stream: ClientStream, with parser: any StreamParser, into live: LiveAnswer
    ) async throws -> StopReason {
        var parser = parser
        var stop: StopReason?
        while !parser.isFinished, let bytes = try await next(stream, parser) {
            try take(try parser.feed(bytes), &stop, live)
        }
        try take(try parser.end(), &stop, live)
        guard let stop else {
            throw UpstreamFailure(.truncated, message: "the stream gave no reason for its end")
        }
        return stop
    }

    /// A connection that breaks is told in the dialect's words, as a stream that ends early.
    private func next(_ stream: ClientStream, _ parser: any StreamParser) async throws -> [UInt8]? {
        do {
            return try await stream.next()
        } catch {
            if error == .truncated { return nil }
            throw error
        }
    }

    private func take(
        _ events: [ModelEvent], _ stop: inout StopReason?, _ live: LiveAnswer
    ) throws {
        var text = ""
        for event in events {
            switch event {
            case .text(_, let more): text += more
            case .thinking, .arguments: live.noteProgress()
            case .usage(let usage): live.note { $0.usage = usage }
            case .stop(let end): stop = end.reason
            case .start, .open, .signature, .detail, .close, .other: break
            }
        }
        if !text.isEmpty { try live.append(text) }
    }
}
