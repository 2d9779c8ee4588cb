import EventStream
import Console
import FoundationEssentials
import Glibc
import Testing

@testable import AtelierTools

/// A folder that ends with the test.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = "/tmp/atelier-tools-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        chmod(file, mode)
        return file
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }
}

@Suite("Documents that go in and out")
struct DocumentFileTests {
    private func refusal(_ path: String) -> Refusal? {
        do throws(Refusal) {
            _ = try DocumentFile(reading: path)
            return nil
        } catch {
            return error
        }
    }

    @Test("each way of being unfit has its own message and exit code")
    func refusals() throws {
        let scratch = try Scratch()
        let cases: [([UInt8]?, ExitCode, String)] = [
            (nil, .noInput, "no such file"),
            ([], .badInput, "is empty"),
            (Array(" \n\t\n".utf8), .badInput, "is empty"),
            (Array("ab".utf8) + [0xFF], .badInput, "offset 2"),
            (Array("ab".utf8) + [0], .badInput, "NUL byte at offset 2"),
            ([UInt8](repeating: 97, count: DocumentFile.limit + 1), .badInput, "2,097,153 bytes"),
        ]
        for (index, (bytes, code, words)) in cases.enumerated() {
            var path = "\(scratch.path)/missing"
            if let bytes { path = try scratch.write("\(index).md", bytes) }
            let found = refusal(path)
            #expect(found?.code == code)
            #expect(found?.description.contains(words) == true, "\(String(describing: found))")
        }
        #expect(refusal(scratch.path)?.description.contains("is a folder") == true)
        #expect(refusal("/dev/null")?.description.contains("no regular file") == true)
        mkfifo("\(scratch.path)/pipe", 0o600)
        #expect(refusal("\(scratch.path)/pipe")?.description.contains("no regular file") == true)
    }

    @Test("a document of the largest size is taken, its byte order mark is not")
    func accepted() throws {
        let scratch = try Scratch()
        let most = [UInt8](repeating: 97, count: DocumentFile.limit)
        #expect(refusal(try scratch.write("most.md", most)) == nil)
        let marked = try scratch.write(
            "bom.md", [0xEF, 0xBB, 0xBF] + Array("# Über Bienen\nx".utf8))
        let file = try DocumentFile(reading: marked)
        #expect(file.text == "# Über Bienen\nx" && file.title == "Über Bienen")
    }

    @Test(
        "the offset of the first byte that is not UTF-8 is exact",
        arguments: [
            ([0xC0, 0xAF], 0), ([0x61, 0xE2, 0x82], 1), ([0xED, 0xA0, 0x80], 0),
            ([0xF4, 0x90, 0x80, 0x80], 0), ([0x61, 0x80], 1), ([0xE2, 0x82, 0xAC, 0xFF], 3),
            ([0xF0, 0x9F, 0x90, 0x9D], nil), ([0xC3, 0xBC], nil),
        ] as [([UInt8], Int?)])
    func offsets(bytes: [UInt8], offset: Int?) {
        #expect(DocumentFile.firstInvalidByte(bytes) == offset)
    }

    @Test("the output lies beside the input under a name of its own")
    func names() {
        #expect(OutputFile.path(beside: "a/paper.md") == "a/paper.refined.md")
        #expect(OutputFile.path(beside: "paper") == "paper.refined.md")
        #expect(OutputFile.path(beside: "/x/a.b.txt") == "/x/a.b.refined.md")
        #expect(OutputFile.path(beside: ".hidden") == ".hidden.refined.md")
        #expect(OutputFile.path(beside: "paper.refined.md") == "paper.refined.refined.md")
    }

    @Test("an input is never written over, not even through a link")
    func neverOver() throws {
        let scratch = try Scratch()
        let draft = try DocumentFile(reading: try scratch.write("a.md", Array("text".utf8)))
        symlink("\(scratch.path)/a.md", "\(scratch.path)/link.md")
        for place in ["\(scratch.path)/a.md", "\(scratch.path)/link.md", scratch.path] {
            #expect(throws: Refusal.self) {
                try OutputFile(place, draft: draft, references: [])
            }
        }
        #expect(throws: Refusal.self) {
            try OutputFile("\(scratch.path)/none/x.md", draft: draft, references: [])
        }
    }

    @Test("an output replaces the last one whole, and is as private as the draft")
    func output() throws {
        let scratch = try Scratch()
        let path = try scratch.write("a.md", Array("text".utf8), mode: 0o640)
        let draft = try DocumentFile(reading: path)
        let output = try OutputFile(OutputFile.path(beside: path), draft: draft, references: [])
        try output.write("first, which is long", mode: draft.mode)
        try output.write("second", mode: draft.mode)
        #expect(try scratch.read("a.refined.md") == "second")
        var info = stat()
        #expect(stat(output.path, &info) == 0 && info.st_mode & 0o777 == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 2)
    }

    @Test("words are what stands between blanks")
    func words() {
        #expect(DocumentFile.words(in: " one\ntwo\u{A0}three  ") == 3)
        #expect(DocumentFile.words(in: "") == 0)
    }
}
