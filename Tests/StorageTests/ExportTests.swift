import Contracts
import Mesh
import MeshContract
import ServiceKit
import Testing

@testable import StorageService

@Suite("Exports and trees")
struct ExportTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    private func export(_ id: String, _ format: String) async throws -> Storage.Exported {
        try await rig.client.call(Storage.Export(id: id, format: format, preview: "In short"))
    }

    @Test("a document leaves as Markdown, HTML, Word and letter, the same bytes each time")
    func formats() async throws {
        let artifact = try await rig.put("# Plan\n\n- a\n- b", name: "docs/plan.v2.md")
        let expected = [
            ("md", "plan.v2.md", "# Plan"), ("html", "plan.v2.html", "<h1>Plan</h1>"),
            ("letter", "plan.v2.html", "In short</div>"),
        ]
        for (format, name, part) in expected {
            let exported = try await export(artifact.id, format)
            #expect(exported.name == name)
            #expect(String(decoding: exported.content, as: UTF8.self).contains(part))
            #expect(try await export(artifact.id, format) == exported)
        }
        let word = try await export(artifact.id, "docx")
        #expect(word.name == "plan.v2.docx")
        #expect(word.content.starts(with: [0x50, 0x4B, 3, 4]))
        #expect(try await export(artifact.id, "docx") == word)
    }

    @Test("an unknown form and a content that is no text are refused")
    func refusals() async throws {
        let artifact = try await rig.put("text")
        let unknown = await fault { _ = try await export(artifact.id, "pdf") }
        #expect(unknown?.fields?.first?.pointer == "/format")
        let binary = try await rig.client.call(
            Storage.PutDocument(
                owner: "ada", run: nil, name: "b", contentType: "a/b", content: [0xFF, 0xFE],
                key: "binary"))
        #expect(await fault { _ = try await export(binary.id, "html") }?.code == .invalid)
    }

    /// The whole zip file in pieces of `length` bytes.
    private func zip(_ run: String, by length: Int) async throws -> [UInt8] {
        let tree = try await rig.client.call(Storage.GetTree(run: run))
        var bytes: [UInt8] = []
        repeat {
            let piece = try await rig.client.call(
                Storage.ReadTree(run: run, tag: tree.tag, offset: bytes.count, length: length))
            #expect(piece.total == tree.bytes)
            bytes += piece.content
        } while bytes.count < tree.bytes
        return bytes
    }

    @Test("a run is one zip file of its newest versions, the same by any pieces")
    func tree() async throws {
        for (name, text) in [("a.txt", "old"), ("src/b.txt", "b"), ("a.txt", "new")] {
            _ = try await rig.put(text, name: name)
        }
        let large = [UInt8](repeating: 7, count: 2_200_000)
        _ = try await rig.client.call(
            Storage.PutDocument(
                owner: "ada", run: "run_1", name: "src/large", contentType: "a/b",
                content: large, key: "large"))
        let whole = try await zip("run_1", by: 1 << 20)
        #expect(try await zip("run_1", by: 777_777) == whole)
        let text = String(decoding: whole.filter { $0 != 7 }, as: UTF8.self)
        #expect(text.contains("new") && !text.contains("old"))
        #expect(text.contains("src/large"))
    }

    @Test("a tree that has changed is told, instead of mixed with the old one")
    func changed() async throws {
        _ = try await rig.put("one", name: "a")
        let tag = String(repeating: "0", count: 64)
        let other = await fault {
            _ = try await rig.client.call(
                Storage.ReadTree(run: "run_1", tag: tag, offset: 0, length: 10))
        }
        #expect(other?.code == .conflict)
    }

    @Test("what is kept elsewhere is written in the same forms")
    func rendered() async throws {
        func render(_ name: String, _ format: String) async throws -> Storage.Exported {
            try await rig.client.call(
                Storage.Render(
                    name: name, content: Array("# Plan\n\n- a".utf8), format: format,
                    preview: "In short", modifiedAt: 1_767_225_600_000))
        }
        let page = try await render("Plan v1.2", "html")
        #expect(page.name == "Plan v1.2.html")
        #expect(String(decoding: page.content, as: UTF8.self).contains("<h1>Plan</h1>"))
        #expect(try await render("p", "docx") == render("p", "docx"))
        #expect(
            await fault { _ = try await render("p", "pdf") }?.fields?.first?.pointer == "/format")
        #expect(
            await fault { _ = try await render("a/b", "md") }?.fields?.first?.pointer == "/name")
    }

    @Test("versions are compared with the one before, or with any other")
    func compared() async throws {
        var ids: [String] = []
        for text in ["one two\n", "one 2\n", "1 two\n"] { ids.append(try await rig.put(text).id) }
        func compare(_ id: String, _ from: Int?, _ to: Int?) async throws -> [String] {
            let found = try await rig.client.call(
                Storage.CompareVersions(id: id, from: from, to: to))
            return ["\(found.from.version)-\(found.to.version)"]
                + found.pieces.filter { $0.kind != "same" }.map(\.text)
        }
        #expect(try await compare(ids[2], nil, nil) == ["2-3", "one", "1", "2", "two"])
        #expect(try await compare(ids[0], nil, nil) == ["1-1"])
        #expect(try await compare(ids[0], 1, 2) == ["1-2", "two", "2"])
        #expect(try await compare(ids[1], 3, 1) == ["3-1", "1", "one"])
        let absent = await fault { _ = try await compare(ids[0], 1, 9) }
        #expect(absent?.fields?.first?.pointer == "/to")
        let binary = try await rig.client.call(
            Storage.PutDocument(
                owner: "ada", run: "run_1", name: "plan.md", contentType: "a/b", content: [0xFF],
                key: "binary"))
        #expect(await fault { _ = try await compare(binary.id, 1, nil) }?.code == .invalid)
    }
}
