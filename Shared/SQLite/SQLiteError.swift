import CSQLite

/// What SQLite refused, and what was attempted. It never holds a bound value.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The extended result code (https://sqlite.org/rescode.html).
    public let code: Int32
    /// SQLite's own words: names of tables and columns, no values.
    public let message: String
    /// The statement, or what was done instead of one.
    public let sql: String

    /// For the modules that speak to SQLite on a caller's behalf.
    public init(code: Int32, message: String, sql: String) {
        (self.code, self.message, self.sql) = (code, message, sql)
    }

    /// True when a rule of the schema refused the row: the caller's mistake, not the disk's.
    public var isConstraint: Bool { code & 0xff == SQLITE_CONSTRAINT }

    /// True when the row is there already, so that a caller can answer "exists" instead of failing.
    public var isUnique: Bool {
        code == SQLITE_CONSTRAINT | 8 << 8 || code == SQLITE_CONSTRAINT | 6 << 8
    }

    /// True when another connection has what was needed: later it may be free.
    public var isBusy: Bool { code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED }

    public var description: String { "\(sql): \(message) (\(code))" }
}
