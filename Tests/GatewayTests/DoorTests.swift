import Certificates
import Contracts
import EventLoop
import Fakes
import HTTP
import Lifecycle
import MeshContract
import REST
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The public port", .timeLimit(.minutes(1)))
struct DoorTests {
    @Test("limits come from settings, and nonsense is refused by name")
    func settings() throws {
        let plain = try HTTPSettings(Settings(environment: [:]))
        #expect(plain.limits.maxConnections == 12_000)
        #expect(plain.streams == 10_000)
        #expect(plain.certificate == nil)
        let names = [
            "HEAD_BYTES": 4_096, "HEADERS": 9, "BODY_BYTES": 5_000, "CONNECTIONS": 3,
            "READ_AHEAD_BYTES": 2_000, "WRITE_BYTES": 3_000, "HEAD_SECONDS": 4, "IDLE_SECONDS": 5,
            "ANSWER_SECONDS": 6, "BODY_RATE": 7, "BODY_GRACE_SECONDS": 8, "ANSWER_RATE": 9,
            "STALL_SECONDS": 10, "LINGER_SECONDS": 11, "STREAMS": 12, "FOLLOWED_RUNS": 13,
            "RING_BYTES": 2_048, "SLOW_SECONDS": 14, "DRAIN_SECONDS": 16, "MESSAGE_BYTES": 1_025,
            "PING_SECONDS": 17, "STOP_DELAY_SECONDS": 18,
        ]
        let environment = Dictionary(
            uniqueKeysWithValues: names.map { ("ATELIER_HTTP_\($0)", "\($1)") })
        let set = try HTTPSettings(Settings(environment: environment))
        #expect(set.limits.maxHead == 4_096 && set.limits.maxHeaders == 9)
        #expect(set.limits.maxBody == 5_000 && set.limits.maxConnections == 3)
        #expect(set.limits.maxReadAhead == 2_000 && set.limits.writeHighWater == 3_000)
        #expect(set.limits.headTimeout == .seconds(4) && set.limits.idleTimeout == .seconds(5))
        #expect(set.limits.answerTimeout == .seconds(6) && set.limits.minBodyRate == 7)
        #expect(set.limits.bodyGrace == .seconds(8) && set.limits.minAnswerRate == 9)
        #expect(set.limits.responseStall == .seconds(10))
        #expect(set.limits.lingerTimeout == .seconds(11))
        #expect(set.streams == 12 && set.feeds == 13 && set.ringBytes == 2_048)
        #expect(set.slowest == .seconds(14) && set.drain == .seconds(16))
        #expect(set.sockets.maxMessage == 1_025 && set.sockets.pingInterval == .seconds(17))
        #expect(set.stopDelay == .seconds(18))
        for name in names.keys {
            #expect(throws: Fault.self, "\(name)") {
                try HTTPSettings(Settings(environment: ["ATELIER_HTTP_\(name)": "-1"]))
            }
        }
        #expect(throws: Fault.self) {
            try HTTPSettings(Settings(environment: ["ATELIER_TLS_KEY": "x"]))
        }
    }

    @Test("the port speaks TLS when there is a certificate")
    func tls() async throws {
        let (authority, own) = try await Authority.shared
        let rig = try await Rig(
            billing: false,
            environment: [
                "ATELIER_TLS_CERTIFICATE": own.certificate, "ATELIER_TLS_KEY": own.key,
            ])
        let port = try #require(rig.gateway.port)
        let answer = try await aside {
            try run([
                "/usr/bin/curl", "-sS", "--cacert", authority.file,
                "https://localhost:\(port)/health",
            ])
        }
        #expect(answer.contains(#""status":"ok""#))
    }

    @Test("a certificate that cannot be used keeps the port shut, and says why")
    func noCertificate() async throws {
        let rig = try await Rig(billing: false)
        let config = try GatewayConfig(
            Settings(environment: [
                "ATELIER_TLS_CERTIFICATE": "/nowhere.pem", "ATELIER_TLS_KEY": "/nowhere.key",
            ]))
        let front = rig.gateway.front
        let door = FrontDoor(
            config: config, accounts: front.accounts, opening: rig.gateway.opening,
            ending: rig.gateway.ending, surface: rig.gateway.surface, providers: [],
            mesh: rig.mesh.client(as: "gateway"), loop: rig.mesh.loop, log: front.log)
        let fault = await #expect(throws: Fault.self) { try await door.job.start() }
        #expect(fault?.message.contains("/nowhere.pem") == true)
    }

    @Test("while it stops, health says so and streams are refused")
    func stopping() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        #expect(try await rig.send("GET", "/health").status == 200)
        rig.gateway.front.closing.close()
        let health = try await rig.send("GET", "/health")
        #expect(health.status == 503)
        #expect(health.json["status"]?.string == "stopping")
        let stream = try await rig.send("GET", "/api/v1/runs/\(id)/stream", as: token)
        #expect(stream.status == 503)
        #expect(try await rig.send("GET", "/api/v1/runs/\(id)", as: token).status == 200)
    }

    @Test("a cookie opens a WebSocket from our own page only")
    func origins() throws {
        let cookie = PageCookie(
            try GatewayConfig(Settings(environment: ["ALLOWED_ORIGINS": "https://a.example"])))
        func request(_ origin: String?, upgrade: Bool = true) -> HTTPRequest {
            var headers = [("Host", "localhost:8420")]
            if upgrade { headers.append(("Upgrade", "websocket")) }
            if let origin { headers.append(("Origin", origin)) }
            return HTTPRequest(
                method: "GET", target: "/ws", path: "/ws", headers: HTTPHeaders(headers))
        }
        for origin in ["http://localhost:8420", "https://a.example"] {
            try cookie.check(request(origin))
        }
        for origin in [nil, "null", "http://localhost:8421", "https://evil.example"] {
            #expect(throws: Fault.self) { try cookie.check(request(origin)) }
        }
        try cookie.check(request(nil, upgrade: false))
    }

    /// Serves one answer under the gateway's replies.
    private func serving(
        _ rig: Rig, _ answer: Answer, _ script: String
    ) async throws -> String {
        let front = rig.gateway.front
        let server = try HTTPServer(loops: [rig.mesh.loop], host: "127.0.0.1", port: 0) {
            request, _, writer in
            let marks = RequestMarks(request)
            _ = await Reply(
                door: front, request: request, marks: marks, notes: RequestNotes(), writer: writer
            ).give { answer }
        }
        let port = server.port
        let said = try await aside {
            try run(["/usr/bin/env", "python3", "-c", Self.client + script, "\(port)"])
        }
        await server.drain(within: .milliseconds(100))
        return said
    }

    private static let client = """
        import socket, struct, sys
        link = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
        def take(count):
            got = b""
            while len(got) < count:
                more = link.recv(count - len(got))
                if not more: break
                got += more
            return got
        def head():
            got = b""
            while not got.endswith(b"\\r\\n\\r\\n"): got += take(1)
            return got.decode()
        def upgrade():
            link.sendall(b"GET /ws HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: "
                b"Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n")
            print(head().split("\\r\\n")[0])
        def send(first, payload):
            link.sendall(bytes([first, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
        def read():
            first, size = take(2)
            return first, take(size)

        """

    @Test("a WebSocket is an answer like others; without the asking it is 426")
    func socket() async throws {
        let rig = try await Rig(billing: false)
        let echo = Answer.webSocket { session in
            while let message = try await session.receive() {
                if message == .text("fail") { throw Rig.Odd() }
                try await session.send(message)
            }
        }
        let said = try await serving(
            rig, echo,
            """
            upgrade()
            send(0x81, b"hello")
            print(read())
            send(0x88, b"\\x03\\xe8")
            print(read(), take(1))
            """)
        #expect(
            said == "HTTP/1.1 101 Switching Protocols\n(129, b'hello')\n"
                + "(136, b'\\x03\\xe8') b''\n")
        let failed = try await serving(
            rig, echo,
            """
            upgrade()
            send(0x81, b"fail")
            first, body = read()
            print(first, struct.unpack("!H", body[:2])[0])
            """)
        #expect(failed.hasSuffix("136 1011\n"))
        let plain = try await serving(
            rig, echo,
            """
            link.sendall(b"GET /ws HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            print(head())
            """)
        #expect(plain.hasPrefix("HTTP/1.1 426 Upgrade Required"))
        #expect(plain.contains("Sec-WebSocket-Version: 13"))
    }

    @Test("a watcher that is too slow is let go whole, with the number to go on after")
    func slow() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let watch = RunWatch(
            mesh: rig.mesh.client(as: "gateway"), feeds: RunFeeds(most: 1, ringBytes: 1_024),
            user: "usr_ada", run: id, after: 3)
        let stream = EventStream(watch, slowest: .zero)
        let said = try await serving(
            rig, .watched(headers: [], stream),
            """
            link.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
            print(take(100000).decode())
            """)
        #expect(said.contains("id: 4\n"))
        #expect(said.contains(#""reason":"slow""#))
        #expect(said.contains("event: reconnect\nretry: "))
        #expect(said.contains("\r\n0\r\n\r\n"), "its end is no broken line")
    }
}
