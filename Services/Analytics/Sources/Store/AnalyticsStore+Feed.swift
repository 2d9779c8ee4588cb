import Contracts
import Database
import Mesh

/// The providers' usage log is taken entry by entry, each once.
extension AnalyticsStore: FeedConsumer {
    func take(_ entries: [Providers.UsageEntry]) async throws -> Int64 {
        try await count(entries)
    }

    /// What the providers have forgotten is missing here, and the rest still counts. A log that is
    /// another one is not mixed with what was counted: its numbers are taken.
    func skip(_ gap: FeedGap) async throws -> Int64 {
        guard case .pruned(_, let upTo) = gap else { throw gap }
        return try await database.transaction { db in
            let cursor = max(try FeedCursor.read(Self.feed, in: db), upTo)
            try FeedCursor.move(Self.feed, to: cursor, in: db)
            return cursor
        }
    }
}
