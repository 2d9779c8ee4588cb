import CSQLite

/// One connection with its prepared statements. It is not `Sendable`: it stays on the thread of its
/// owner, who lends it to synchronous closures, so no `await` can fall inside a transaction.
public final class Connection {
    /// What a connection may do.
    public enum Mode: Sendable {
        case readWrite, readOnly
    }

    /// The most statements kept prepared; a text beyond them is prepared anew at each use.
    public static let statementLimit = 256

    private var raw: OpaquePointer?
    private var idle: [String: Statement] = [:]

    /// Opens the file, which a `readWrite` connection creates, and applies `pragmas` in order.
    public init(path: String, mode: Mode = .readWrite, pragmas: [String] = []) throws(SQLiteError) {
        let access =
            mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        try check(sqlite3_open_v2(path, &raw, flags, nil), "open \(path)")
        for pragma in pragmas { try execute("PRAGMA \(pragma)") }
    }

    deinit { close() }

    /// Finalises the statements and closes the file. Every later call throws.
    public func close() {
        for statement in idle.values { sqlite3_finalize(statement.raw) }
        idle = [:]
        sqlite3_close_v2(raw)
        raw = nil
    }

    /// Runs any number of statements that take no values, such as a migration.
    public func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(try opened(sql), sql, nil, nil, nil), sql)
    }

    /// Runs one statement and answers with the number of rows it inserted, changed or deleted.
    @discardableResult
    public func run(_ sql: String, _ values: any Bindable...) throws(SQLiteError) -> Int {
        try run(sql, values: values)
    }

    /// The same, for a number of values that is not known before.
    @discardableResult
    public func run(_ sql: String, values: [any Bindable]) throws(SQLiteError) -> Int {
        let before = sqlite3_total_changes64(try opened(sql))
        let statement = try begin(sql, values)
        defer { end(statement, sql) }
        while try step(statement, sql) {}
        return sqlite3_total_changes64(raw) == before ? 0 : Int(sqlite3_changes64(raw))
    }

    /// The first row, or nil. The statement runs to its end, so `RETURNING` changes all its rows.
    public func first<T>(
        _ sql: String, _ values: any Bindable..., read: (Row) throws -> T
    ) throws -> T? {
        let statement = try begin(sql, values)
        defer { end(statement, sql) }
        guard try step(statement, sql) else { return nil }
        let value = try read(Row(statement: statement.raw))
        if sqlite3_stmt_readonly(statement.raw) == 0 {
            while try step(statement, sql) {}
        }
        return value
    }

    /// All rows, in the statement's order. What is unbounded belongs behind a `LIMIT`.
    public func all<T>(
        _ sql: String, _ values: any Bindable..., read: (Row) throws -> T
    ) throws -> [T] {
        let statement = try begin(sql, values)
        defer { end(statement, sql) }
        var rows: [T] = []
        while try step(statement, sql) { rows.append(try read(Row(statement: statement.raw))) }
        return rows
    }

    /// The number of the row that was inserted last, of any table; 0 before the first.
    public var lastInsertedRow: Int64 { raw.map { sqlite3_last_insert_rowid($0) } ?? 0 }

    /// True between `BEGIN` and the end of the transaction, whoever ended it: SQLite rolls back by
    /// itself when the disk is full or fails.
    public var isInTransaction: Bool { raw.map { sqlite3_get_autocommit($0) == 0 } ?? false }

    /// True while a deferred foreign key is broken, which only the commit would refuse.
    public var hasBrokenReference: Bool {
        guard let raw else { return false }
        var (now, peak): (Int32, Int32) = (0, 0)
        return sqlite3_db_status(raw, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &peak, 0) == SQLITE_OK
            && now != 0
    }

    /// The statement is taken out of the cache while it runs, so a closure may run the same text.
    private func begin(_ sql: String, _ values: [any Bindable]) throws(SQLiteError) -> Statement {
        let statement: Statement
        if let kept = idle.removeValue(forKey: sql) {
            statement = kept
        } else {
            statement = try prepare(sql)
        }
        let code = statement.bind(values)
        if code == SQLITE_OK { return statement }
        end(statement, sql)
        guard code == SQLITE_RANGE else { throw failure(code, sql) }
        let count = "\(statement.values) values wanted, \(values.count) given"
        throw SQLiteError(code: code, message: count, sql: sql)
    }

    private func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let persistent = UInt32(SQLITE_PREPARE_PERSISTENT)
        try check(
            sqlite3_prepare_v3(try opened(sql), sql, -1, persistent, &statement, nil), sql)
        guard let statement else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "no statement in the text", sql: sql)
        }
        return try Statement(raw: statement, sql: sql)
    }

    private func step(_ statement: Statement, _ sql: String) throws(SQLiteError) -> Bool {
        switch sqlite3_step(statement.raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code, sql)
        }
    }

    private func end(_ statement: Statement, _ sql: String) {
        // What it returns is the failure of the last step, which has been thrown.
        _ = sqlite3_reset(statement.raw)
        sqlite3_clear_bindings(statement.raw)
        if raw == nil || idle[sql] != nil || idle.count >= Connection.statementLimit {
            sqlite3_finalize(statement.raw)
        } else {
            idle[sql] = statement
        }
    }

    private func opened(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        guard let raw else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "the connection is closed", sql: sql)
        }
        return raw
    }

    private func check(_ code: Int32, _ sql: String) throws(SQLiteError) {
        if code != SQLITE_OK { throw failure(code, sql) }
    }

    private func failure(_ code: Int32, _ sql: String) -> SQLiteError {
        let text = raw.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let message = text.map { String(cString: $0) } ?? "code \(code)"
        return SQLiteError(code: code, message: message, sql: sql)
    }
}
