import Console
import MeshContract
import Testing

@Suite("What a command prints")
struct RenderTests {
    struct Entry: Codable {
        var id: Int
        var kind: String
        var note: String?
    }

    struct Page: Codable {
        var account: String
        var isOpen: Bool
        var next: Int?
        var tags: [String]
        var entries: [Entry]
    }

    @Test("a record is a line for each field, its names in one column")
    func record() throws {
        let page = Page(account: "ada", isOpen: true, next: nil, tags: ["a", "b"], entries: [])
        #expect(
            try Render.text(page) == """
                account  ada
                isOpen   true
                tags     a, b
                entries  \("")
                """)
    }

    @Test("records in a list are a table, and a missing cell is empty")
    func table() throws {
        let page = Page(
            account: "ada", isOpen: false, next: 7, tags: [],
            entries: [
                Entry(id: 1, kind: "grant", note: "first"), Entry(id: 200, kind: "hold", note: nil),
            ])
        #expect(
            try Render.text(page) == """
                account  ada
                isOpen   false
                next     7
                tags     \("")
                entries:
                  id   kind   note
                  1    grant  first
                  200  hold   \("")
                """)
    }

    @Test("columns are as wide as their widest cell, and the last has no tail")
    func columns() {
        #expect(
            Render.table([["a", "bb"], ["ccc", "d"], ["e"]]) == ["a    bb", "ccc  d", "e"])
        #expect(Render.table([]).isEmpty)
    }

    @Test("long or many-lined text is cut, and nothing in it reaches the terminal as a command")
    func hostile() throws {
        struct Note: Codable { var text: String }
        #expect(try Render.text(Note(text: "one\ntwo")) == "text  one …")
        #expect(try Render.text(Note(text: "one\r\ntwo")) == "text  one …")
        #expect(try Render.text(Note(text: "\u{1B}[2J\u{9B}2Jx\u{7F}")) == "text  ?[2J?2Jx?")
        let long = try Render.text(Note(text: String(repeating: "x", count: 5_000)))
        #expect(long.count == "text  ".count + 202)
    }

    @Test("JSON has sorted keys and plain slashes, on one line")
    func json() throws {
        let entry = Entry(id: 1, kind: "a/b", note: nil)
        #expect(try Render.json(entry) == #"{"id":1,"kind":"a/b"}"#)
    }

    @Test(
        "each fault ends a command with its code",
        arguments: [
            (Fault.Code.invalid, 65), (.notFound, 1), (.conflict, 1), (.unauthenticated, 77),
            (.denied, 77), (.noCredits, 78), (.capped, 78), (.unavailable, 69), (.upstream, 69),
            (.overloaded, 75), (.limited, 75), (.timedOut, 75), (.internal, 70),
            (Fault.Code(rawValue: "of-the-future"), 1),
        ] as [(Fault.Code, Int32)])
    func exitCodes(code: Fault.Code, number: Int32) {
        #expect(ExitCode(Fault(code, "x")).rawValue == number)
    }
}
