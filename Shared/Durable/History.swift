internal import Database
import FoundationEssentials

/// Everything that a replay of one run needs, as a value: to be kept as test data and run against
/// the code of another day.
public struct History: Codable, Sendable {
    /// One row of the journal. Values are in base 64, for they are whatever the step returned.
    struct Row: Codable, Sendable {
        let path: String
        let kind: String
        let digest: Int64
        let number: Int64
        let value: String?
        let failureCode: String?
        let failure: String?
        let input: String?
        let own: Int?
    }

    /// The name of the code that ran it.
    public let workflow: String
    /// And its version.
    public let version: Int
    /// The id under which it ran.
    public let run: String
    /// Where it stood when this was taken.
    public let state: RunState
    let input: String
    let result: String?
    let code: String?
    let reason: String?
    let life: Int64
    let rows: [Row]

    /// How many rows its journal has.
    public var count: Int { rows.count }

    func entries() throws -> [Entry] { try rows.map { try Entry($0) } }

    static func bytes(_ text: String) throws -> [UInt8] {
        guard let data = Data(base64Encoded: text) else { throw Unreadable(what: "base 64") }
        return Array(data)
    }

    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

extension Entry {
    fileprivate init(_ row: History.Row) throws {
        guard let kind = Kind(rawValue: row.kind) else {
            throw Unreadable(what: "kind \(row.kind) at \(row.path)")
        }
        let failure = row.failure.map {
            Outcome.failure(
                StepFailure(path: row.path, code: row.failureCode ?? "", message: $0))
        }
        self.init(
            path: row.path, kind: kind, digest: row.digest,
            outcome: try row.value.map { .value(try History.bytes($0)) } ?? failure,
            input: try row.input.map(History.bytes), number: row.number, isRedone: row.own == 2)
    }
}

extension Engine {
    /// A run's history as it stands; nil when there is no run of this id.
    public func history(_ run: String) async throws -> History? {
        try await read { journal in
            let rows = try journal.db.all(
                """
                SELECT path, kind, digest, n, value, failure_code, failure, input, own
                FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1) ORDER BY n
                """, run
            ) { row in
                History.Row(
                    path: row.text(0), kind: row.text(1), digest: row.int64(2),
                    number: row.int64(3), value: row.blobOrNil(4).map(History.text),
                    failureCode: row.textOrNil(5), failure: row.textOrNil(6),
                    input: row.blobOrNil(7).map(History.text),
                    own: row.int(8) == 0 ? nil : row.int(8))
            }
            return try journal.db.first(
                """
                SELECT workflow, version, key, state, input, result, code, reason, life
                FROM durable_run WHERE key = $1
                """, run
            ) { row in
                History(
                    workflow: row.text(0), version: row.int(1), run: row.text(2),
                    state: try RunState(journaled: row.text(3)), input: History.text(row.blob(4)),
                    result: row.blobOrNil(5).map(History.text), code: row.textOrNil(6),
                    reason: row.textOrNil(7), life: row.int64(8), rows: rows)
            }
        }
    }

    /// The ids of all runs, oldest first, after `id`: for what goes through all of them.
    public func runs(after id: String? = nil, limit: Int = 1_000) async throws -> [String] {
        try await read { journal in
            try journal.db.all(
                """
                SELECT key FROM durable_run
                WHERE id > coalesce((SELECT id FROM durable_run WHERE key = $1), 0)
                ORDER BY id LIMIT $2
                """, id, max(limit, 0)
            ) { $0.text(0) }
        }
    }
}
