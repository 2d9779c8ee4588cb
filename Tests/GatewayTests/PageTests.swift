import Contracts
import Curl
import Fakes
import FoundationEssentials
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The web page", .serialized, .timeLimit(.minutes(1)))
struct PageTests {
    private static let files = [
        "index.html": "<!doctype html><title>Atelier</title>", "assets/app-1a2b.js": "run()",
        "assets/app-1a2b.js.br": "BR", "assets/app-1a2b.js.gz": "GZ", "notes.doc": "no",
        ".hidden.html": "no",
    ]

    private func rig(_ files: [String: String] = files) async throws -> (Rig, TemporaryPage) {
        let folder = try TemporaryPage(files)
        return (try await Rig(environment: ["ATELIER_WEB": folder.path]), folder)
    }

    @Test("the application answers at its addresses, and nowhere in the way of the interface")
    func addresses() async throws {
        let (rig, folder) = try await rig()
        defer { folder.remove() }
        for path in ["/", "/runs/run_1", "/settings/api-keys", "/index.html"] {
            let answer = try await rig.send("GET", path)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.text == Self.files["index.html"])
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(answer.headers["cache-control"] == "no-cache")
        }
        for path in [
            "/api/v1/nothing", "/assets/none.js", "/v1/none", "/favicon.ico", "/notes.doc",
            "/.hidden.html", "/links/none/more", "/../owner.token", "/owner.token",
        ] {
            let answer = try await rig.send("GET", path)
            #expect([400, 404].contains(answer.status), "\(path) \(answer.status)")
        }
        #expect(try await rig.send("POST", "/runs/run_1").status == 404)
        #expect(try await rig.send("HEAD", "/runs").body.isEmpty)
    }

    @Test("a page may run what we serve, and nothing else")
    func policy() async throws {
        let (rig, folder) = try await rig()
        defer { folder.remove() }
        let headers = try await rig.send("GET", "/").headers
        let policy = try #require(headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("script-src 'self';"))
        #expect(policy.contains("style-src 'self';"))
        #expect(!policy.contains("unsafe"))
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(headers["x-content-type-options"] == "nosniff")
        #expect(headers["referrer-policy"] == "no-referrer")
    }

    @Test("what names its content is kept for good, in the coding that the browser takes")
    func assets() async throws {
        let (rig, folder) = try await rig()
        defer { folder.remove() }
        func get(_ accepted: String?, tag: String? = nil) async throws -> Rig.Answer {
            var headers = accepted.map { [("Accept-Encoding", $0)] } ?? []
            if let tag { headers.append(("If-None-Match", tag)) }
            return try await rig.send("GET", "/assets/app-1a2b.js", headers: headers)
        }
        for (accepted, coding, text) in [
            ("gzip, deflate, br", "br", "BR"), ("gzip;q=0.5", "gzip", "GZ"),
            ("br;q=0, gzip", "gzip", "GZ"), ("identity", nil, "run()"),
            ("gzip;q=0.0", nil, "run()"),
        ] as [(String, String?, String)] {
            let answer = try await get(accepted)
            #expect(answer.headers["content-encoding"] == coding, "\(accepted)")
            #expect(answer.text == text)
            #expect(answer.headers["vary"]?.contains("Accept-Encoding") == true)
            #expect(
                answer.headers["cache-control"] == "public, max-age=31536000, immutable")
            let tag = try #require(answer.headers["etag"])
            let again = try await get(accepted, tag: tag)
            // A browser takes a policy that comes with it for the page it has.
            #expect(again.status == 304 && again.headers["content-security-policy"] == nil)
            #expect(try await get("zstd, x", tag: coding == nil ? "\"x\"" : tag).status == 200)
        }
    }

    @Test("a gateway without its page says so, and serves all else")
    func pageless() async throws {
        let rig = try await Rig(environment: ["ATELIER_WEB": "/nonexistent"])
        let answer = try await rig.send("GET", "/")
        #expect(answer.status == 200)
        #expect(answer.text.contains("tools/page"))
        #expect(try await rig.send("GET", "/runs").status == 404)
        #expect(try await rig.send("GET", "/health").status == 200)
    }
}

/// A folder with a built page in it.
private struct TemporaryPage {
    let path: String

    init(_ files: [String: String]) throws {
        path = FileManager.default.temporaryDirectory.path + "/page-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path + "/assets", withIntermediateDirectories: true)
        for (name, text) in files {
            #expect(
                FileManager.default.createFile(
                    atPath: "\(path)/\(name)", contents: Data(text.utf8)))
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
