import Contracts
import Database

extension AnalyticsStore {
    /// The most slices of one kind in a report: the dearest models, the latest days.
    static let sliceLimit = 1_000

    /// Sums in one snapshot. Whole days come from the sums that are kept; the part of a day that
    /// `since` begins in, from its rows.
    func usage(
        of user: String?, in run: String?, for project: String?, since: Int64?
    ) async throws -> Analytics.UsageReport {
        let moment = since ?? 0
        let day = Day(containing: moment)
        let firstWhole = moment == day.start ? day : day.next
        return try await database.read { db in
            let picked = Self.picked(
                byUser: user != nil, byRun: run != nil, byProject: project != nil)
            let totals = try db.first(
                "\(picked) SELECT \(Self.sums) FROM picked", firstWhole.number, moment,
                firstWhole.start, user, run, project
            ) { Self.totals($0, from: 0) }
            let models = try db.all(
                """
                \(picked) SELECT provider, model, \(Self.sums) FROM picked
                GROUP BY provider, model ORDER BY SUM(cost) DESC, provider, model
                LIMIT \(Self.sliceLimit)
                """, firstWhole.number, moment, firstWhole.start, user, run, project
            ) { row in
                Analytics.Slice(
                    name: "\(row.text(0))/\(row.text(1))", totals: Self.totals(row, from: 2))
            }
            let days = try db.all(
                """
                \(picked) SELECT day, \(Self.sums) FROM picked
                GROUP BY day ORDER BY day DESC LIMIT \(Self.sliceLimit)
                """, firstWhole.number, moment, firstWhole.start, user, run, project
            ) { row in
                Analytics.Slice(
                    name: Day(number: row.int64(0)).name, totals: Self.totals(row, from: 1))
            }
            return Analytics.UsageReport(
                totals: totals ?? .zero, models: models, days: days.reversed())
        }
    }

    /// The rows to sum: $1 is the first whole day, $2 and $3 the moments of the part before it.
    private static func picked(byUser: Bool, byRun: Bool, byProject: Bool) -> String {
        // Each text compares what is asked for directly, so that an index can serve it.
        let user = byUser ? "user_id = $4" : "CAST($4 AS TEXT) IS NULL"
        let run = byRun ? "run = $5" : "CAST($5 AS TEXT) IS NULL"
        let project = byProject ? "project = $6" : "CAST($6 AS TEXT) IS NULL"
        return """
            WITH picked AS (
                SELECT day, provider, model, turns, failures, input_tokens, output_tokens, cost,
                    duration
                FROM rollup WHERE day >= $1 AND \(user) AND \(run) AND \(project)
                UNION ALL
                SELECT at / \(Day.milliseconds), provider, model, 1, failed, input_tokens,
                    output_tokens, COALESCE(cost, 0), duration
                FROM usage WHERE at >= $2 AND at < $3 AND \(user) AND \(run) AND \(project)
            )
            """
    }

    private static let sums =
        """
        COALESCE(SUM(turns), 0), COALESCE(SUM(failures), 0), COALESCE(SUM(input_tokens), 0),
        COALESCE(SUM(output_tokens), 0), COALESCE(SUM(cost), 0), COALESCE(SUM(duration), 0)
        """

    private static func totals(_ row: Row, from column: Int32) -> Analytics.Totals {
        Analytics.Totals(
            turns: row.int(column), failures: row.int(column + 1),
            inputTokens: row.int(column + 2), outputTokens: row.int(column + 3),
            costMicroUSD: row.int64(column + 4), durationMilliseconds: row.int64(column + 5))
    }
}
