public import Log
public import MeshContract
import Synchronization

/// Follows the log of another service: reads on from the consumer's cursor at the start, at each
/// hint that tells of more, whenever the publisher is found again, and by the clock.
///
/// A hint may be lost, late or sent twice. It carries the log's number, so that it is known what it
/// is worth, and what it is not worth is read all the same.
public final class Feed<Entry: LogEntry>: Sendable {
    private struct Page {
        let entries: [Entry]
        let pruned: Int64
        let newest: Int64?
    }

    /// The longest pause after a look that failed; the clock may be slower.
    private static var longestRetry: Duration { .seconds(1) }

    private let name: String
    private let read: @Sendable (_ after: Int64, _ limit: Int) async throws -> Page
    private let cursor: @Sendable () async throws -> Int64
    private let take: @Sendable ([Entry]) async throws -> Int64
    private let skip: @Sendable (FeedGap) async throws -> Int64
    private let hear: @Sendable (Feed, @escaping @Sendable () -> Void) async -> Void
    private let pause: Duration
    private let batch: Int
    private let log: Log
    private let state = Mutex(FeedStatus())

    /// `pause` is between two looks without a hint, `batch` the most entries of one look.
    public init<Source: LogMethod, Hint: LogHint, Consumer: FeedConsumer>(
        _: Source.Type, hints _: Hint.Type, of mesh: MeshClient, in directory: MeshDirectory,
        to consumer: Consumer, every pause: Duration, batch: Int = 500, log: Log
    ) where Source.Reply.Entry == Entry, Consumer.Entry == Entry, Hint.Service == Source.Service {
        name = "\(Source.Service.name) \(Source.name)"
        (self.pause, self.batch, self.log) = (pause, batch, log)
        read = { after, limit in
            let page = try await mesh.call(Source(after: after, limit: limit))
            return Page(entries: page.entries, pruned: page.pruned ?? 0, newest: page.newest)
        }
        (cursor, take, skip) = (consumer.cursor, consumer.take, consumer.skip)
        hear = { [name, log] feed, ring in
            do {
                let hints = try EventSubscription(Hint.self, in: directory, connected: ring)
                await hints.forEach { hint in
                    if feed.heard(hint.last) { ring() }
                }
            } catch {
                log.warning(
                    "no hints; the log is read by the clock",
                    ["feed": name, "error": "\(error)"])
            }
        }
    }

    public var status: FeedStatus { state.withLock { $0 } }

    /// Follows until its task is cancelled.
    public func run() async throws {
        // However many hints come while a batch is read, one more look answers them all.
        let (bell, bellPull) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let ring: @Sendable () -> Void = { bellPull.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.hear(self, ring) }
            group.addTask {
                while !Task.isCancelled {
                    ring()
                    try await Task.sleep(for: self.pause)
                }
            }
            group.addTask { try await self.follow(bell, ring) }
            try await group.waitForAll()
        }
    }

    private func follow(_ bell: AsyncStream<Void>, _ ring: () -> Void) async throws {
        var isFailing = false
        for await _ in bell {
            do {
                try await catchUp()
                if isFailing { log.info("the log is read again", ["feed": name]) }
                isFailing = false
            } catch {
                try Task.checkCancellation()
                state.withLock { $0.failures += 1 }
                // The owner may be starting: that is said once, and is no error.
                if !isFailing {
                    log.warning("the log waits", ["feed": name, "error": "\(error)"])
                }
                isFailing = true
                try await Task.sleep(
                    for: min(pause, Self.longestRetry) * Double.random(in: 0.5...1.5))
                ring()
            }
        }
    }

    /// Takes until the log has no more; answers with how far that was.
    @discardableResult
    public func catchUp() async throws -> Int64 {
        var last = try await cursor()
        var maySkip = true
        while true {
            try Task.checkCancellation()
            let page = try await read(last, batch)
            if let gap = Self.gap(in: page, after: last) {
                let next = try await skip(gap)
                // Once: who skips in vain would skip for ever.
                guard maySkip, next != last else { throw gap }
                (last, maySkip) = (next, false)
                log.warning("a part of the log is skipped", ["feed": name, "gap": "\(gap)"])
                continue
            }
            let cursor = page.entries.isEmpty ? last : try await take(page.entries)
            reached(cursor, page.newest)
            // A source that repeats itself must not keep this loop busy.
            guard cursor > last else { return last }
            if let newest = page.newest, cursor >= newest { return cursor }
            last = cursor
        }
    }

    private static func gap(in page: Page, after last: Int64) -> FeedGap? {
        if page.pruned > last { return .pruned(after: last, upTo: page.pruned) }
        if let newest = page.newest, newest < last {
            return .rewound(after: last, newest: newest)
        }
        return nil
    }

    private func reached(_ cursor: Int64, _ newest: Int64?) {
        state.withLock { state in
            state.cursor = cursor
            state.newest = max(state.newest, cursor, newest ?? 0)
        }
    }

    /// True when the hint tells of entries that were not taken yet.
    func heard(_ last: Int64) -> Bool {
        state.withLock { state in
            state.hints += 1
            guard last > state.newest else {
                state.stale += 1
                return last > state.cursor ?? 0
            }
            if last > state.newest + 1 { state.jumps += 1 }
            state.newest = last
            return true
        }
    }
}
