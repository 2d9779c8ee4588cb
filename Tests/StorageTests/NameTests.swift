import Contracts
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

@Suite("Names and types")
struct NameTests {
    @Test(
        "a name that could mislead a file system is refused",
        arguments: [
            "", ".", "..", "../secret", "a/b", "a\\b", "a..b", "a\u{0}b", "a\nb", "a\u{7f}",
            "a\u{202e}b", " a", "a ", String(repeating: "é", count: 101),
        ])
    func badNames(name: String) {
        #expect(DocumentName.fault(name) != nil)
    }

    @Test(
        "a name in anyone's language is taken",
        arguments: [
            "plan.md", "Überblick 2.pdf", "計画.txt", ".env", String(repeating: "a", count: 200),
        ])
    func goodNames(name: String) {
        #expect(DocumentName.fault(name) == nil)
    }

    @Test(
        "a content type is type/subtype with parameters",
        arguments: [
            ("text/plain", true), ("text/plain; charset=utf-8", true),
            ("multipart/x; boundary=\"a b\\\"c\"", true), ("application/vnd.a+json", true),
            ("", false), ("text", false), ("text/", false), ("/plain", false),
            ("text/plain;", false), ("text/plain charset=a", false), ("text/pl\nain", false),
            ("text/plain; a=\"b", false), ("text/plain; a=\"\r\n\"", false), ("täxt/plain", false),
        ])
    func contentTypes(text: String, isGood: Bool) {
        #expect((ContentType.fault(text) == nil) == isGood)
    }

    @Test("only 64 lower-case hexadecimal digits are a hash", arguments: ["", "../../etc/passwd"])
    func hashes(text: String) {
        #expect(throws: BlobError.misnamed) { try BlobHash(text) }
        #expect(throws: BlobError.misnamed) { try BlobHash(String(repeating: "A", count: 64)) }
    }

    @Test("every field at fault is told of, by its pointer")
    func pointers() async throws {
        let rig = try await Rig()
        let refused = await fault {
            _ = try await rig.client.call(
                Storage.PutDocument(
                    owner: "", run: "", name: "a/../b", contentType: "x", content: [], key: ""))
        }
        #expect(refused?.code == .invalid)
        let pointers = refused?.fields?.map(\.pointer)
        #expect(pointers == ["/owner", "/run", "/name", "/contentType", "/key"])
    }

    @Test("a content above the limit is refused")
    func size() async throws {
        let rig = try await Rig()
        let request = Storage.PutDocument(
            owner: "a", run: nil, name: "n", contentType: "a/b",
            content: [UInt8](repeating: 0, count: Storage.maxDocumentBytes + 1), key: "k")
        let refused = await fault { _ = try await rig.client.call(request) }
        #expect(refused?.fields?.map(\.pointer) == ["/content"])
    }

    @Test("a name may lie in folders of its tree, and leads nowhere else")
    func paths() {
        for path in ["a", "src/main.py", "a/b/c/.gitignore"] {
            #expect(DocumentName.pathFault(path) == nil)
        }
        let deep = String(repeating: "d/", count: 32) + "f"
        for path in ["/a", "a/", "a//b", "../a", "a/../b", "./a", "a/\u{1}", deep, "a\\b"] {
            #expect(DocumentName.pathFault(path) != nil, "\(path)")
        }
    }
}
