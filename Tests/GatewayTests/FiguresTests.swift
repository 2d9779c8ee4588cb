import Contracts
import Curl
import EventLoop
import Fakes
import FoundationEssentials
import Mesh
import REST
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Figures, logs and the reference's page", .timeLimit(.minutes(1)))
struct FiguresTests {
    @Test("the figures of every service are gathered, and a missing one is said to be missing")
    func metrics() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        _ = try await rig.makeSession(as: token)
        let answer = try await rig.send("GET", "/metrics")
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(answer.text.split(separator: "\n").map(String.init))
        #expect(lines.contains(#"atelier_up{service="orchestrator"} 1"#))
        #expect(lines.contains(#"atelier_up{service="gateway"} 1"#))
        #expect(lines.contains(#"atelier_up{service="analytics"} 0"#))
        let created = #"{service="orchestrator",method="create-session"}"#
        #expect(lines.contains("atelier_calls_total\(created) 1"))
        #expect(lines.contains("atelier_call_seconds_count\(created) 1"))
        #expect(lines.contains("# TYPE atelier_call_seconds histogram"))
        #expect(lines.contains(#"atelier_http_requests_total{status="2xx"} 1"#))
        #expect(answer.text.contains(#"atelier_process_resident_bytes{service="billing"} "#))
    }

    @Test("who comes from elsewhere needs the token or an administrator's key")
    func access() async throws {
        let rig = try await Rig(
            billing: false, environment: ["ATELIER_METRICS_TOKEN": "a-token-for-prometheus"])
        let proxied = [("X-Forwarded-For", "192.0.2.7")]
        func status(_ token: String?) async throws -> Int {
            try await rig.send("GET", "/metrics", as: token, headers: proxied).status
        }
        #expect(try await status(nil) == 403)
        #expect(try await status(try await rig.user()) == 403)
        #expect(try await status("a-token-for-prometheuz") == 403)
        #expect(try await status("a-token-for-prometheus") == 200)
        #expect(try await status(try rig.owner) == 200)
        // What a key may not do it does not get for its person's role.
        let accounts = rig.gateway.accounts
        let owner = try #require(try await accounts.store.find(email: OwnerAccount.email))
        for (scopes, answer) in [([.models], 403), ([.read], 200), ([.write], 200)]
            as [(Set<Scope>, Int)]
        {
            let made = try await accounts.makeKey(for: owner.id, name: "k", scopes: scopes)
            #expect(try await status(made.key) == answer, "\(scopes)")
        }
        #expect(try await rig.send("GET", "/metrics").status == 200)
    }

    @Test("a histogram tells how many were within a bound, and names are those of Prometheus")
    func text() {
        var histogram = Histogram()
        for time in [1_000, 70_000, 2_000_000, 5_000_000_000] as [UInt64] { histogram.note(time) }
        #expect(histogram.count(within: 1 << 16) == 1)
        #expect(histogram.count(within: 1 << 18) == 2)
        #expect(histogram.count(within: 1 << 33) == 4)
        #expect(histogram.count(within: 0) == 0)
        let duration = PrometheusText.name("gen_ai.client.operation.duration", unit: "s")
        #expect(duration == "gen_ai_client_operation_duration_seconds")
        #expect(
            PrometheusText.name("gen_ai.client.token.usage", unit: "{token}")
                == "gen_ai_client_token_usage")
        #expect(PrometheusText.label("9.x-ü") == "_9_x__")
        var out = PrometheusText()
        out.family("a", .gauge, "says \\ and\nmore")
        out.family("none", .gauge, "of which there is none")
        out.add("a", [("l", "q\"\\\n")], 0.5)
        #expect(
            out.text == "# HELP a says \\\\ and\\nmore\n# TYPE a gauge\na{l=\"q\\\"\\\\\\n\"} 0.5\n"
        )
    }

    @Test("the access log names routes, users and times, and no path, query or secret")
    func accessLog() async throws {
        let rig = try await Rig(billing: false, environment: ["ATELIER_ACCESS_LOG": "on"])
        let token = try await rig.user()
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        try await rig.send(
            "GET", "/api/v1/artifacts/secret-id?token=secret-query", as: token,
            headers: [("X-Request-Id", "request-1"), ("traceparent", trace)])
        try await rig.send("POST", "/nowhere?x=secret-query")
        let log = try #require(rig.gateway.surface.accessLog)
        var lines: [WireValue] = []
        _ = try await soon {
            await log.flush()
            let text = (try? rig.file("logs/access.log")) ?? ""
            #expect(!text.contains("secret") && !text.contains(token))
            lines = try text.split(separator: "\n").map { try WireValue(json: Array($0.utf8)) }
            return lines.count >= 2
        }
        let first = try #require(lines.first { $0["request"]?.string == "request-1" })
        #expect(first["route"]?.string == "/api/v1/artifacts/{id}")
        #expect(first["status"]?.int == 404 && first["method"]?.string == "GET")
        #expect(first["user"]?.string == "usr_ada" && first["key"] == .null)
        #expect(first["bytes"]?.int ?? 0 > 100 && first["ms"]?.number ?? 0 > 0)
        #expect(first["trace"]?.string == trace && first["remote"]?.string == "127.0.0.1")
        let second = try #require(lines.first { $0["status"]?.int == 404 && $0["route"] == .null })
        #expect(second["method"]?.string == "POST" && second["user"] == .null)
        #expect(rig.mode(of: "logs/access.log") == 0o600)
    }

    @Test("the reference's page is ours alone: its policy lets nothing from outside run")
    func docs() async throws {
        let rig = try await Rig(billing: false)
        let page = try await rig.send("GET", "/docs")
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
        #expect(!page.text.contains("://") && !page.text.contains("onclick"))
        for (path, type) in [("/docs/page.js", "text/javascript"), ("/docs/page.css", "text/css")] {
            #expect(page.text.contains(path))
            let part = try await rig.send("GET", path)
            #expect(part.headers["content-type"] == "\(type); charset=utf-8")
            #expect(!part.text.contains("innerHTML") && !part.text.contains("://"))
            let tag = try #require(part.headers["etag"])
            let known = try await rig.send("GET", path, headers: [("If-None-Match", tag)])
            #expect(known.status == 304)
        }
    }

    @Test("a stack is told from another by its instance, which its folder has as well")
    func instance() async throws {
        let rig = try await Rig(billing: false)
        #expect(await soon { (try? rig.file("run/instance")) != nil })
        let instance = try rig.file("run/instance")
        #expect(instance.hasPrefix("ins_"))
        for path in ["/health", "/api/v1/health", "/ready"] {
            let answer = try await rig.send("GET", path)
            #expect(answer.json["instance"]?.string == instance)
        }
    }

    @Test("request id and trace reach the services, however deep")
    func marks() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let answer = try await rig.send(
            "POST", "/api/v1/references", ["name": "a", "content": "b"], as: token,
            headers: [("X-Request-Id", "request-7"), ("traceparent", trace)])
        #expect(answer.headers["x-request-id"] == "request-7")
        #expect(answer.headers["traceparent"] == trace)
        #expect(rig.storage.heard == [.init(id: "request-7", trace: trace)])
        // The orchestrator asks storage in its turn.
        let made = try await rig.send(
            "POST", "/api/v1/sessions",
            ["draft": "x", "references": [["id": .text(answer.json["id"]?.string ?? "")]]],
            as: token, headers: [("X-Request-Id", "request-8"), ("traceparent", trace)])
        #expect(made.status == 201, "\(made.text)")
        #expect(rig.storage.heard.last == .init(id: "request-8", trace: trace))
    }
}
