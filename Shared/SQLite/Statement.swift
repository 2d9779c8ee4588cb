import CSQLite

/// A prepared statement and the order in which it wants its values.
struct Statement {
    let raw: OpaquePointer
    /// For each of SQLite's slots the place of its value: `$2` may come first in the text.
    let places: [Int]
    /// How many values the text asks for.
    let values: Int

    /// Reads the numbers out of the placeholders' names. SQLite takes `$2` for a name, PostgreSQL
    /// for a number; this is what lets one text run on both.
    init(raw: OpaquePointer, sql: String) throws(SQLiteError) {
        var places: [Int] = []
        let slots = sqlite3_bind_parameter_count(raw)
        for slot in 0..<slots {
            let name = sqlite3_bind_parameter_name(raw, slot + 1).map { String(cString: $0) } ?? "?"
            guard name.first == "$", let number = Int(name.dropFirst()), number > 0 else {
                sqlite3_finalize(raw)
                throw SQLiteError(
                    code: SQLITE_MISUSE, message: "\(name): placeholders are $1, $2, ...", sql: sql)
            }
            places.append(number - 1)
        }
        (self.raw, self.places) = (raw, places)
        values = (places.max() ?? -1) + 1
    }

    func bind(_ given: [any Bindable]) -> Int32 {
        guard given.count == values else { return SQLITE_RANGE }
        for (slot, place) in places.enumerated() {
            let code = bind(given[place].sqlValue, at: Int32(slot + 1))
            if code != SQLITE_OK { return code }
        }
        return SQLITE_OK
    }

    private func bind(_ value: Value, at slot: Int32) -> Int32 {
        // SQLITE_TRANSIENT: SQLite makes its own copy before the call returns.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null:
            return sqlite3_bind_null(raw, slot)
        case .integer(let integer):
            return sqlite3_bind_int64(raw, slot, integer)
        case .real(let real):
            return sqlite3_bind_double(raw, slot, real)
        case .text(var text):
            guard !text.isEmpty else { return sqlite3_bind_text(raw, slot, "", 0, copied) }
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text64(
                        raw, slot, characters.baseAddress, UInt64(bytes.count), copied,
                        UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(raw, slot, 0) }
            return sqlite3_bind_blob64(raw, slot, bytes, UInt64(bytes.count), copied)
        }
    }
}
