import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The surface", .serialized, .timeLimit(.minutes(1)))
struct SurfaceTests {
    @Test("an artifact is downloaded by its owner, and not sent twice to who has it")
    func download() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let list = try await rig.send("GET", "/api/v1/runs/\(id)/artifacts", as: token).json
        let artifact = try #require(list["items"]?[0])
        let url = try #require(artifact["url"]?.string)
        let whole = try await rig.send("GET", url, as: token)
        #expect(whole.status == 200)
        #expect(whole.text == "Text by the writer")
        #expect(whole.headers["content-length"] == "18")
        #expect(whole.headers["content-type"] == "text/markdown; charset=utf-8")
        #expect(whole.headers["x-content-type-options"] == "nosniff")
        #expect(whole.headers["content-security-policy"] == "sandbox")
        #expect(whole.headers["content-disposition"] == #"attachment; filename="document.md""#)
        let tag = try #require(whole.headers["etag"])
        #expect(tag == "\"\(artifact["sha256"]?.string ?? "")\"")
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let again = try await rig.send(
                "GET", url, as: token, headers: [("If-None-Match", known)])
            #expect(again.status == 304, "\(known)")
            #expect(again.headers["etag"] == tag)
            #expect(again.body.isEmpty)
        }
        let other = try await rig.send("GET", url, as: token, headers: [("If-None-Match", "\"x\"")])
        #expect(other.status == 200)
        let head = try await rig.send("HEAD", url, as: token)
        #expect(head.status == 200)
        #expect(head.headers["content-length"] == "18")
        #expect(head.body.isEmpty)
        #expect(try await rig.send("GET", url).status == 401)
    }

    @Test("somebody else's artifact cannot be told from none")
    func foreignArtifact() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let artifact = try #require(rig.storage.artifacts.first { $0.run == id }?.id)
        let other = try await rig.user("bob")
        for end in ["", "/content"] {
            let headers = [("X-Request-Id", "the-same-one")]
            let foreign = try await rig.send(
                "GET", "/api/v1/artifacts/\(artifact)\(end)", as: other, headers: headers)
            let absent = try await rig.send(
                "GET", "/api/v1/artifacts/art_none\(end)", as: other, headers: headers)
            #expect(foreign.status == 404)
            #expect(foreign.body == absent.body)
        }
        let owner = try await rig.send("GET", "/api/v1/artifacts/\(artifact)", as: try rig.owner)
        #expect(owner.status == 200)
    }

    @Test("a large artifact comes whole, and one that breaks off is not taken for whole")
    func largeArtifact() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let me = try await rig.send("GET", "/api/v1/auth/me", as: token).json["id"]?.string
        let content = (0..<(3 << 20) + 17).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) }
        let artifact = try await rig.mesh.client(as: "gateway").call(
            Storage.PutDocument(
                owner: try #require(me), run: nil, name: "gr\"oß/\n.bin",
                contentType: "application/octet-stream", content: content, key: "k"))
        let url = "/api/v1/artifacts/\(artifact.id)/content"
        let whole = try await rig.send("GET", url, as: token)
        #expect(whole.body == content)
        #expect(
            whole.headers["content-disposition"] == #"attachment; filename="gr_o___.bin""#)
        rig.storage.truncate(at: 2 << 20)
        await #expect(throws: (any Error).self) { try await rig.send("GET", url, as: token) }
    }

    @Test("only pages of allowed origins are let in, whatever the slash behind their address")
    func cors() async throws {
        let rig = try await Rig(environment: [
            "ALLOWED_ORIGINS": "https://a.example, https://b.example:8443/",
            "FRONTEND_URL": "http://localhost:3000/app",
        ])
        func preflight(_ origin: String) async throws -> Rig.Answer {
            try await rig.send(
                "OPTIONS", "/api/v1/sessions",
                headers: [("Origin", origin), ("Access-Control-Request-Method", "POST")])
        }
        for origin in ["https://a.example", "https://b.example:8443", "http://localhost:3000"] {
            let answer = try await preflight(origin)
            #expect(answer.status == 204)
            #expect(answer.headers["access-control-allow-origin"] == origin)
            #expect(answer.headers["access-control-allow-methods"]?.contains("POST") == true)
            #expect(
                answer.headers["access-control-allow-headers"]?.contains("Idempotency-Key") == true)
            let get = try await rig.send("GET", "/health", headers: [("Origin", origin)])
            #expect(get.headers["access-control-allow-origin"] == origin)
            #expect(get.headers["vary"] == "Origin")
        }
        for origin in ["https://evil.example", "null", "https://a.example.evil", "*"] {
            let answer = try await preflight(origin)
            #expect(answer.status == 405)
            #expect(answer.headers["access-control-allow-origin"] == nil)
            let get = try await rig.send("GET", "/health", headers: [("Origin", origin)])
            #expect(get.status == 200)
            #expect(get.headers["access-control-allow-origin"] == nil)
        }
        let none = try await Rig()
        let answer = try await none.send(
            "GET", "/health", headers: [("Origin", "https://a.example")])
        #expect(answer.headers["access-control-allow-origin"] == nil)
    }

    @Test("a sane request id comes back, another is replaced")
    func requestIDs() async throws {
        let rig = try await Self.shared.get()
        func id(_ given: String?) async throws -> String? {
            try await rig.send(
                "GET", "/health", headers: given.map { [("X-Request-Id", $0)] } ?? []
            )
            .headers["x-request-id"]
        }
        #expect(try await id("abc-DEF_123.4") == "abc-DEF_123.4")
        for bad in [
            nil, "short", String(repeating: "x", count: 65), "with space", "with\"quote",
            "back\\slash",
            "ünïcode-id",
        ] {
            let made = try #require(try await id(bad))
            #expect(made.hasPrefix("req_") && made.utf8.count == 15, "\(bad ?? "none")")
        }
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for (given, back) in [(trace, trace as String?), ("00-xyz-1-01", nil), (trace + "-x", nil)]
        {
            let answer = try await rig.send("GET", "/health", headers: [("traceparent", given)])
            #expect(answer.headers["traceparent"] == back)
        }
    }

    @Test("paths and methods that are not there are told apart, as problems")
    func wrongPaths() async throws {
        let rig = try await Self.shared.get()
        let absent = try await rig.send("GET", "/api/v1/nothing")
        #expect(absent.status == 404)
        #expect(absent.code == "not-found")
        let method = try await rig.send("DELETE", "/api/v1/runs")
        #expect(method.status == 405)
        #expect(method.headers["allow"] == "GET, HEAD")
        #expect(method.json["status"]?.int == 405)
        #expect(method.headers["content-type"] == "application/problem+json")
        #expect(try await rig.send("GET", "/runs").status == 404)
        #expect(try await rig.send("GET", "/api/runs/", as: try rig.owner).status == 200)
        let long = try await rig.send("GET", "/" + String(repeating: "x", count: 5_000))
        #expect(long.status == 404)
        #expect(long.body.count < 1_000)
    }

    @Test("a body past its limit is 413, read or declared, also where none is expected")
    func limits() async throws {
        let rig = try await Self.shared.get()
        let json = [("Content-Type", "application/json")]
        let large = [UInt8](repeating: 32, count: 20_000)
        let register = try await rig.send(
            "POST", "/api/v1/auth/register", headers: json, bytes: large)
        #expect(register.status == 413)
        let chunked = try await rig.send(
            "POST", "/api/v1/auth/register", headers: json + [("Transfer-Encoding", "chunked")],
            bytes: large)
        #expect(chunked.status == 413)
        let act = try await rig.send(
            "POST", "/api/v1/runs/x/pause", as: try rig.owner, headers: json, bytes: large)
        #expect(act.status == 413)
        // Who may not ask is told that first.
        let stranger = try await rig.send(
            "POST", "/api/v1/sessions", headers: json, bytes: [UInt8](repeating: 32, count: 1 << 20)
        )
        #expect(stranger.status == 401)
        // The connections are fit for the next request.
        #expect(try await rig.send("GET", "/health").status == 200)
    }

    @Test("HEAD is a GET without its body")
    func head() async throws {
        let rig = try await Self.shared.get()
        let get = try await rig.send("GET", "/health")
        let head = try await rig.send("HEAD", "/health")
        #expect(head.status == 200)
        #expect(head.headers["content-length"] == get.headers["content-length"])
        #expect(head.body.isEmpty)
        #expect(get.json["status"]?.string == "ok")
        #expect(get.headers["content-security-policy"]?.contains("sandbox") == true)
        #expect(get.headers["x-content-type-options"] == "nosniff")
        let refused = try await rig.send("GET", "/api/v1/runs")
        #expect(refused.headers["content-security-policy"]?.contains("sandbox") == true)
    }

    @Test("the reference has every path that is served, and health, readiness and figures answer")
    func operations() async throws {
        let rig = try await Self.shared.get()
        let reference = try await rig.send("GET", "/openapi.json").json
        #expect(reference["openapi"]?.string == "3.1.0")
        let paths = try #require(reference["paths"]).fields
        #expect(paths["/api/v1/sessions"]?["post"] != nil)
        #expect(paths["/metrics"]?["get"] != nil)
        for (path, methods) in paths {
            for method in methods.fields.keys {
                // Whoever asks for a link is told nothing else than that there is none.
                if path == "/links/{token}" { continue }
                let real = path.replacing("{id}", with: "x")
                let answer = try await rig.send(method.uppercased(), real, bytes: [])
                #expect(answer.status != 404 && answer.status != 405, "\(method) \(path)")
                #expect(answer.status < 500 || path == "/ready", "\(method) \(path)")
            }
        }
        let ready = try await rig.send("GET", "/ready")
        #expect(ready.status == 503)
        let states = ready.json["services"]?.list.map {
            "\($0["service"]?.string ?? ""): \($0["up"]?.bool ?? false)"
        }
        #expect(states?.contains("billing: true") == true)
        #expect(states?.contains("analytics: false") == true)
        let metrics = try await rig.send("GET", "/metrics").text
        #expect(metrics.contains("atelier_http_requests_total{status=\"2xx\"}"))
        #expect(try await rig.send("GET", "/api/v1/health").status == 200)
    }

    @Test("every path that is not for anyone wants a token")
    func locked() async throws {
        let rig = try await Self.shared.get()
        let paths = try #require(try await rig.send("GET", "/openapi.json").json["paths"]).fields
        var locked = 0
        for (path, methods) in paths {
            for (method, operation) in methods.fields where operation["security"]?.list.count == 1 {
                // Whoever asks for a link is told nothing else than that there is none.
                if path == "/links/{token}" { continue }
                let real = path.replacing("{id}", with: "x")
                let answer = try await rig.send(method.uppercased(), real)
                #expect(answer.status == 401, "\(method) \(path)")
                locked += 1
            }
        }
        #expect(locked > 20)
    }

    /// One gateway for the tests that leave no trace.
    private static let shared = Once { try await Rig() }
}
