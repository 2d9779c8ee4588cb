import Contracts
import Curl
import Fakes
import Mesh
import Testing
import Testkit
import Wire

@testable import GatewayService

/// Downloads, exports and links, with the real storage behind.
@Suite("Downloads", .serialized, .timeLimit(.minutes(1)))
struct DownloadTests {
    let rig: Rig
    let token: String
    let artifact: Storage.Artifact
    let content: [UInt8]

    init() async throws {
        rig = try await Rig(realStorage: true)
        token = try await rig.user()
        let me = try await rig.send("GET", "/api/v1/auth/me", as: token).json["id"]?.string
        content = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) }
        artifact = try await rig.mesh.client(as: "gateway").call(
            Storage.PutDocument(
                owner: try #require(me), run: nil, name: "big.bin",
                contentType: "application/octet-stream", content: content, key: "k"))
    }

    private var url: String { "/api/v1/artifacts/\(artifact.id)/content" }

    private func part(_ range: String, _ more: [(String, String)] = []) async throws -> Rig.Answer {
        try await rig.send("GET", url, as: token, headers: [("Range", range)] + more)
    }

    @Test(
        "a part is sent as one, with its place in the whole",
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=1048570-1048580", 1_048_570..<1_048_581),
            ("bytes=-5", 2_499_995..<2_500_000), ("bytes=2499999-", 2_499_999..<2_500_000),
            ("bytes=5-99999999", 5..<2_500_000), ("bytes=-99999999", 0..<2_500_000),
        ])
    func parts(range: String, expected: Range<Int>) async throws {
        let answer = try await part(range)
        #expect(answer.status == 206)
        #expect(answer.body == Array(content[expected]))
        #expect(
            answer.headers["content-range"]
                == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/2500000")
    }

    @Test(
        "what is no range is passed over, and one outside is told the length",
        arguments: [
            "bytes=5-4", "bytes=a-b", "bytes=", "bytes=-", "items=0-1", "bytes=0-1,4-5",
            "bytes=1-2-3", "bytes=+1-2", "bytes=0-99999999999999999999",
        ])
    func odd(range: String) async throws {
        let answer = try await part(range)
        #expect(answer.status == 200)
        #expect(answer.body.count == content.count)
    }

    @Test(
        "a range behind the end is refused with the length",
        arguments: ["bytes=2500000-", "bytes=-0"])
    func outside(range: String) async throws {
        let answer = try await part(range)
        #expect(answer.status == 416)
        #expect(answer.headers["content-range"] == "bytes */2500000")
    }

    @Test("a download goes on only with what it was begun with")
    func conditions() async throws {
        let tag = try #require(try await part("bytes=0-1").headers["etag"])
        #expect(try await part("bytes=2-3", [("If-Range", tag)]).status == 206)
        #expect(try await part("bytes=2-3", [("If-Range", "\"other\"")]).status == 200)
        #expect(try await part("bytes=2-3", [("If-None-Match", tag)]).status == 304)
    }

    @Test("a link opens for anybody, until it is revoked; others learn nothing")
    func links() async throws {
        let path = "/api/v1/artifacts/\(artifact.id)/links"
        let made = try await rig.send("POST", path, ["seconds": 60], as: token)
        #expect(made.status == 201)
        let url = try #require(made.json["url"]?.string)
        let opened = try await rig.send("GET", url)
        #expect(opened.status == 200)
        #expect(opened.body == content)
        #expect(opened.headers["content-security-policy"] == "sandbox")
        let other = try await rig.user("bob")
        #expect(try await rig.send("GET", path, as: other).status == 404)
        #expect(try await rig.send("POST", path, ["seconds": 60], as: other).status == 404)
        let id = try #require(made.json["id"]?.string)
        _ = try await rig.send("DELETE", "/api/v1/links/\(id)", as: other)
        #expect(try await rig.send("GET", url).status == 200)
        #expect(try await rig.send("DELETE", "/api/v1/links/\(id)", as: token).status == 204)
        #expect(try await rig.send("GET", url).status == 404)
        #expect(try await rig.send("GET", "/links/lnk_none.AAAA").status == 404)
        let long = try await rig.send("POST", path, ["seconds": 604_801], as: token)
        #expect(long.status == 400)
    }

    @Test("a run's documents leave as Word, as HTML and together as a zip file")
    func exports() async throws {
        let run = try await rig.completeSession(as: token)
        let list = try await rig.send("GET", "/api/v1/runs/\(run)/artifacts", as: token).json
        let id = try #require(list["items"]?[0]?["id"]?.string)
        let path = "/api/v1/artifacts/\(id)/export?format="
        let word = try await rig.send("GET", path + "docx", as: token)
        #expect(word.headers["content-type"]?.hasSuffix("wordprocessingml.document") == true)
        #expect(word.body.starts(with: [0x50, 0x4B, 3, 4]))
        #expect(try await rig.send("GET", path + "html", as: token).text.contains("<p>Text by"))
        #expect(try await rig.send("GET", path + "pdf", as: token).status == 400)
        let zip = try await rig.send("GET", "/api/v1/runs/\(run)/download", as: token)
        #expect(zip.headers["content-type"] == "application/zip")
        #expect(zip.text.contains("document.md"))
        let other = try await rig.user("bob")
        for path in ["/api/v1/runs/\(run)/download", path + "docx"] {
            #expect(try await rig.send("GET", path, as: other).status == 404)
        }
    }

    @Test("an artifact is forgotten by its owner alone, and no longer counted")
    func forget() async throws {
        let path = "/api/v1/artifacts/\(artifact.id)"
        let other = try await rig.user("bob")
        #expect(try await rig.send("DELETE", path, as: other).status == 404)
        let before = try await rig.send("GET", "/api/v1/users/me/storage", as: token).json
        #expect(before["bytes"]?.int == 2_500_000)
        #expect(try await rig.send("DELETE", path, as: token).status == 204)
        #expect(try await rig.send("GET", path, as: token).status == 404)
        let after = try await rig.send("GET", "/api/v1/users/me/storage", as: token).json
        #expect(after["bytes"]?.int == 0)
    }

    @Test("two versions of a document are compared by words, as data and as text")
    func compared() async throws {
        let me = artifact.owner
        var id = ""
        for (text, author) in [
            ("It is very good.\n", "agent:Ada"), ("It is good now.\n", "user:1"),
        ] {
            id = try await rig.mesh.client(as: "gateway").call(
                Storage.PutDocument(
                    owner: me, run: nil, name: "d.md", contentType: "text/markdown",
                    content: Array(text.utf8), key: author, author: author)
            ).id
        }
        let path = "/api/v1/artifacts/\(id)/diff"
        let json = try await rig.send("GET", path, as: token).json
        #expect(json["from"]?["version"]?.int == 1 && json["to"]?["version"]?.int == 2)
        #expect(json["from"]?["author"]?.string == "agent:Ada")
        #expect(
            json["pieces"]?.list.map {
                ($0["kind"]?.string ?? "") + ":" + ($0["text"]?.string ?? "")
            }
                == ["same:It is ", "removed:very ", "same:good", "added: now", "same:.\n"])
        #expect(json["words_added"]?.int == 1 && json["coarse"]?.bool == false)
        let text = try await rig.send("GET", path + "?from=1&to=2&format=text", as: token)
        #expect(text.text == "It is [-very -]good{+ now+}.\n")
        let back = try await rig.send("GET", path + "?from=2&to=1&format=unified", as: token)
        #expect(back.text.contains("-It is good now.\n+It is very good.\n"))
        #expect(try await rig.send("GET", path + "?from=7", as: token).pointers == ["/from"])
        #expect(try await rig.send("GET", path + "?from=x", as: token).status == 400)
        let other = try await rig.user("eve")
        #expect(try await rig.send("GET", path, as: other).status == 404)
    }
}
