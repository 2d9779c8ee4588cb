import Contracts
import Database

/// The rows of the feeds, the sums made of them and how far each feed was read: always changed
/// together, so that nothing is counted twice and nothing is left out.
struct AnalyticsStore: Sendable {
    static let feed = "usage"

    let database: Database

    /// The last number of the usage log that is counted.
    func cursor() async throws -> Int64 {
        try await database.read { db in try FeedCursor.read(Self.feed, in: db) }
    }

    /// Counts what was not counted before and answers with how far the feed is read now. Entries up
    /// to there are passed over, whoever sends them again.
    @discardableResult
    func count(_ entries: [Providers.UsageEntry]) async throws -> Int64 {
        try await database.transaction { db in
            let last = try FeedCursor.read(Self.feed, in: db)
            var rollup = Rollup()
            var newest = last
            for entry in entries where entry.seq > last {
                let entry = entry.bounded
                newest = max(newest, entry.seq)
                if try insert(entry, in: db) { rollup.add(entry) }
            }
            for (key, sum) in rollup.sums { try add(sum, to: key, in: db) }
            try FeedCursor.move(Self.feed, to: newest, in: db)
            return newest
        }
    }

    /// False when the entry is there already.
    private func insert(_ entry: Providers.UsageEntry, in db: Connection) throws -> Bool {
        try db.run(
            """
            INSERT INTO usage (
                seq, at, user_id, run, agent, provider, model, offline, outcome, failed, duration,
                input_tokens, output_tokens, cached_tokens, estimated, cost,
                project)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            ON CONFLICT (seq) DO NOTHING
            """, entry.seq, entry.at, entry.user, entry.run, entry.agent, entry.provider,
            entry.model, entry.isOffline, entry.outcome, Outcome.isFailure(entry.outcome),
            entry.durationMilliseconds, entry.usage.inputTokens, entry.usage.outputTokens,
            entry.usage.cachedTokens, entry.usage.isEstimated, entry.usage.costMicroUSD,
            entry.project ?? "") == 1
    }

    private func add(
        _ sum: Analytics.Totals, to key: Rollup.Key, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO rollup (
                day, user_id, run, provider, model, turns, failures, input_tokens, output_tokens,
                cost, duration, project)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (day, user_id, run, provider, model, project) DO UPDATE SET
                turns = rollup.turns + excluded.turns,
                failures = rollup.failures + excluded.failures,
                input_tokens = rollup.input_tokens + excluded.input_tokens,
                output_tokens = rollup.output_tokens + excluded.output_tokens,
                cost = rollup.cost + excluded.cost,
                duration = rollup.duration + excluded.duration
            """, key.day.number, key.user, key.run, key.provider, key.model, sum.turns,
            sum.failures, sum.inputTokens, sum.outputTokens, sum.costMicroUSD,
            sum.durationMilliseconds, key.project)
    }
}
