import CSQLite

/// The row under the cursor; valid only inside the closure that reads it.
///
/// A column that is NULL, or not there, reads as zero or as empty: ask with `...OrNil` where the
/// schema allows NULL.
public struct Row {
    let statement: OpaquePointer

    /// True for NULL and for a column that is not there.
    public func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// A whole number.
    public func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }

    /// A whole number, 64 bits on every machine.
    public func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// True for every number but zero.
    public func bool(_ column: Int32) -> Bool { int64(column) != 0 }

    /// A number with a fraction.
    public func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    /// Read with its length in bytes, so that a NUL inside ends nothing.
    public func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Bytes, copied out of the row.
    public func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Nil for NULL.
    public func intOrNil(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }

    /// Nil for NULL.
    public func int64OrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    /// Nil for NULL.
    public func boolOrNil(_ column: Int32) -> Bool? { isNull(column) ? nil : bool(column) }

    /// Nil for NULL.
    public func doubleOrNil(_ column: Int32) -> Double? { isNull(column) ? nil : double(column) }

    /// Nil for NULL.
    public func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// Nil for NULL.
    public func blobOrNil(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }
}
