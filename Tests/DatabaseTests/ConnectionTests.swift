import SQLite
import Testing

@Suite struct ConnectionTests {
    let db: Connection

    init() throws {
        db = try Connection(path: ":memory:")
        try db.run("CREATE TABLE item (id INTEGER PRIMARY KEY, a ANY, b ANY) STRICT")
    }

    @Test("a placeholder's number, not its place in the text, picks the value")
    func placeholders() throws {
        let text = try db.first("SELECT $2 || $1 || $2", "a", "b") { $0.text(0) }
        #expect(text == "bab")
        #expect(try db.first("SELECT $3, $1", 1, 2, 3) { [$0.int(0), $0.int(1)] } == [3, 1])
    }

    @Test("a text that PostgreSQL would not take, and a wrong number of values, are refused")
    func refusals() throws {
        for sql in ["SELECT ?", "SELECT ?1", "SELECT :a", "SELECT $a", "SELECT $0"] {
            #expect(throws: SQLiteError.self) { try db.run(sql, 1) }
        }
        #expect(throws: SQLiteError.self) { try db.run("SELECT $1, $2", 1) }
        #expect(throws: SQLiteError.self) { try db.run("SELECT $1", 1, 2) }
        #expect(throws: SQLiteError.self) { try db.run("") }
        #expect(throws: SQLiteError.self) { try db.run("SELEC") }
    }

    @Test("each kind of value comes back as it went in")
    func kinds() throws {
        let text = "a\u{0}b\u{1F600}"
        let none: String? = nil
        let read = try db.first(
            "SELECT $1, $2, $3, $4, $5, $6, $7, $8", Int64.min, 7, 0.5, text, [0, 255] as [UInt8],
            true, none, "" as String?
        ) { row in
            #expect(row.int64(0) == .min)
            #expect(row.int(1) == 7)
            #expect(row.double(2) == 0.5)
            #expect(row.text(3) == text)
            #expect(row.blob(4) == [0, 255])
            #expect(row.bool(5))
            #expect(row.isNull(6) && row.textOrNil(6) == nil && row.blobOrNil(6) == nil)
            #expect(row.textOrNil(7) == "")
            return true
        }
        #expect(read == true)
        #expect(try db.first("SELECT typeof($1)", [] as [UInt8]) { $0.text(0) } == "blob")
    }

    @Test("run answers with the rows it changed, and with none for what changes none")
    func changes() throws {
        #expect(try db.run("INSERT INTO item (a) VALUES ($1), ($2)", 1, 2) == 2)
        #expect(try db.run("UPDATE item SET a = 3 WHERE a = 9") == 0)
        #expect(try db.run("CREATE TABLE other (id INTEGER)") == 0)
        #expect(try db.run("DELETE FROM item WHERE a > $1", 0) == 2)
    }

    @Test("first runs a statement that changes rows to its end")
    func returning() throws {
        try db.run("INSERT INTO item (a) VALUES (1), (2), (3)")
        #expect(try db.first("UPDATE item SET b = 1 RETURNING a") { $0.int(0) } == 1)
        #expect(try db.first("SELECT count(*) FROM item WHERE b = 1") { $0.int(0) } == 3)
        #expect(try db.first("SELECT a FROM item WHERE a = 9") { $0.int(0) } == nil)
    }

    @Test("a closure may run the very statement it reads, and may throw")
    func nesting() throws {
        struct Stop: Error {}
        try db.run("INSERT INTO item (a) VALUES (1), (2)")
        let sql = "SELECT a FROM item WHERE a >= $1 ORDER BY a"
        let pairs = try db.all(sql, 1) { row in
            try db.all(sql, row.int(0)) { $0.int(0) }
        }
        #expect(pairs == [[1, 2], [2]])
        #expect(throws: Stop.self) { try db.all(sql, 1) { _ in throw Stop() } }
        #expect(try db.all(sql, 2) { $0.int(0) } == [2])
    }

    @Test("an error names the rule and the statement, never the values")
    func errors() throws {
        try db.run("INSERT INTO item (id, a) VALUES (1, $1)", "secret")
        #expect {
            try db.run("INSERT INTO item (id, a) VALUES (1, $1)", "secret")
        } throws: { error in
            guard let error = error as? SQLiteError else { return false }
            return error.isUnique && error.isConstraint && !"\(error)".contains("secret")
        }
    }

    @Test("a closed connection throws")
    func closed() throws {
        db.close()
        #expect(throws: SQLiteError.self) { try db.run("SELECT 1") }
    }
}
