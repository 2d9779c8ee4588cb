import Contracts
import EventLoop
import HTTP
import Mesh
import MeshContract
import REST

/// One watcher of one run, as server-sent events (WHATWG HTML, section 9.2).
///
/// Every event has its number as `id:`, so that a client returns with `Last-Event-ID` and misses
/// nothing. Text in progress has no number: a client that returns gets it from the beginning.
struct EventStream: Sendable {
    /// How long one question to the orchestrator waits for news; also the keep-alive's pace.
    private static let wait = 15_000
    /// Of one question that does not wait.
    private static let patience = Duration.seconds(5)

    let mesh: MeshClient
    let feeds: RunFeeds
    let user: String
    let run: String
    let after: Int64
    /// How long the client may take for what is written at once.
    let slowest: Duration

    private struct Slow: Error {}

    /// Writes until the run has ended or the client is gone. An orchestrator that is away is waited
    /// for: the client keeps its stream over a restart. Who is too slow, or watches when the gateway
    /// stops, is asked to come again.
    func write(to writer: ResponseWriter) async throws {
        var cursor = NewsCursor(after: after)
        try await writer.write(Array(": atelier\nretry: 1000\n\n".utf8))
        do {
            while !cursor.isEnded { try await follow(&cursor, writer) }
            try await writer.finish()
        } catch is Slow {
            try await part(cursor, "slow", from: writer)
        } catch {
            guard Task.isCancelled, !writer.isClosed else { throw error }
            try await part(cursor, "stopping", from: writer)
        }
    }

    /// The last event of a stream that is to be taken up again, and when. Clients come back spread
    /// over some time.
    private func part(
        _ cursor: NewsCursor, _ reason: String, from writer: ResponseWriter
    ) async throws {
        let wait = Int.random(in: 500...2_500)
        let text =
            "event: reconnect\nretry: \(wait)\n"
            + "data: {\"seq\":\(cursor.after),\"reason\":\"\(reason)\"}\n\n"
        try await writer.write(Array(text.utf8))
        try await writer.finish()
    }

    private func put(_ bytes: [UInt8], _ writer: ResponseWriter) async throws {
        guard !bytes.isEmpty else { return }
        let began = monotonic()
        try await writer.write(bytes)
        if monotonic() - began > slowest.nanoseconds { throw Slow() }
    }

    /// Writes what one feed has, to its end.
    private func follow(_ cursor: inout NewsCursor, _ writer: ResponseWriter) async throws {
        let feed = try feeds.enter(user: user, run: run)
        defer { feeds.leave(feed, user: user, run: run) }
        feed.begin(cursor)
        var place = try await catchUp(&cursor, feed, writer)
        while !cursor.isEnded {
            switch await feed.step(from: place) {
            case .write(let pieces, let next):
                place = next
                let isWhole = try await pass(pieces, &cursor, writer)
                if !isWhole { place = try await catchUp(&cursor, feed, writer) }
            case .behind: place = try await catchUp(&cursor, feed, writer)
            case .beat: try await put(Array(": still here\n\n".utf8), writer)
            case .ask(let known): try await ask(known, for: feed, writer)
            case .over: return
            case .cancelled: throw CancellationError()
            }
        }
    }

    /// Writes what is new of these; false when something before them is missing.
    private func pass(
        _ pieces: [NewsPiece], _ cursor: inout NewsCursor, _ writer: ResponseWriter
    ) async throws -> Bool {
        var out: [UInt8] = []
        for piece in pieces {
            switch cursor.take(piece) {
            case .new(let bytes): out += bytes
            case .known: continue
            case .gap:
                try await put(out, writer)
                return false
            }
        }
        try await put(out, writer)
        return true
    }

    /// Asks for what this watcher alone has missed, in large pieces, until it is where the others
    /// are.
    private func catchUp(
        _ cursor: inout NewsCursor, _ feed: RunFeed, _ writer: ResponseWriter
    ) async throws -> Int {
        var place = feed.place
        // Whoever is the first needs not be told what all will be.
        if place.after == cursor.after, place.next == 0 { return 0 }
        while true {
            let news = try await question(cursor, wait: 0)
            if let news { _ = try await pass(NewsPiece.all(of: news), &cursor, writer) }
            if news != nil, cursor.isEnded || cursor.after >= place.after ?? 0 {
                return place.next
            }
            if news?.events.isEmpty != false { try await Task.sleep(for: .milliseconds(200)) }
            place = feed.place
        }
    }

    /// Asks in everybody's place.
    private func ask(
        _ known: NewsCursor, for feed: RunFeed, _ writer: ResponseWriter
    ) async throws {
        var pause = Duration.milliseconds(10)
        do {
            while !writer.isClosed {
                if let news = try await question(known, wait: Self.wait) {
                    return feed.publish(news)
                }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
            }
        } catch {
            feed.abdicate()
            throw error
        }
        feed.abdicate()
    }

    /// nil while the orchestrator is away.
    private func question(
        _ cursor: NewsCursor, wait: Int
    ) async throws -> Orchestrator.News? {
        try Task.checkCancellation()
        let question = Orchestrator.Follow(
            user: user, run: run, after: cursor.after, marks: cursor.marks, waitMilliseconds: wait)
        do {
            return try await mesh.call(question, within: Self.patience + .milliseconds(wait))
        } catch {
            try Task.checkCancellation()
            guard error.isTransient else { throw error }
            return nil
        }
    }
}
