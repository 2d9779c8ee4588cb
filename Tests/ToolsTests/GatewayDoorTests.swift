import Certificates
import Curl
import EventLoop
import FoundationEssentials
import HTTP
import ServiceKit
import TLS
import Testing

@testable import AtelierTools

@Suite("The door of a stack's gateway", .timeLimit(.minutes(1)))
struct GatewayDoorTests {
    private func door(
        _ environment: [String: String] = [:], said: String? = nil, isRunning: Bool = false
    ) throws -> GatewayDoor {
        let scratch = try Scratch()
        let data = try DataFolder("\(scratch.path)/d")
        if let said {
            try DataFolder.write(Array(said.utf8), to: GatewayDoor.file(in: data.path))
        }
        let door = try GatewayDoor(
            data: data, environment: environment, isRunning: isRunning)
        // Not before it was looked at is the folder taken away.
        _ = scratch.path
        return door
    }

    @Test("what a running gateway says counts, and before it runs its settings")
    func places() async throws {
        let (_, own) = try await Authority.shared
        let tls = ["ATELIER_TLS_CERTIFICATE": own.certificate]
        #expect(try door().address(8420) == "http://127.0.0.1:8420")
        #expect(try door(tls).address(8420) == "https://127.0.0.1:8420")
        #expect(try door(tls, said: "", isRunning: true) == .open)
        #expect(try door(said: own.certificate, isRunning: true).certificate == own.certificate)
        // What an earlier one has left says nothing of the next.
        #expect(try door(said: own.certificate) == .open)
        #expect(try door(tls, isRunning: true).certificate == own.certificate)
    }

    @Test("it is reached by a name that its certificate has, or the reason why not is told")
    func names() async throws {
        let (local, public_) = try await aside { () -> (Certificate, Certificate) in
            let authority = try Authority()
            return (try authority.issue("localhost"), try authority.issue("studio.example"))
        }
        #expect(
            try door(["ATELIER_TLS_CERTIFICATE": local.certificate]).address(1)
                == "https://localhost:1")
        let named = [
            "ATELIER_TLS_CERTIFICATE": public_.certificate,
            "ATELIER_PUBLIC_URL": "https://studio.example/",
        ]
        #expect(try door(named).address(1) == "https://studio.example:1")
        let nameless = ["ATELIER_TLS_CERTIFICATE": public_.certificate]
        #expect(throws: AtelierTools.Refusal.self) { try door(nameless) }
        #expect(throws: AtelierTools.Refusal.self) {
            try door(["ATELIER_TLS_CERTIFICATE": "/nowhere.pem"])
        }
    }

    /// Asks a gateway that speaks TLS by one certificate, trusting another or the same.
    private func isReady(_ own: Certificate, trusting trust: String) async throws -> Bool {
        let (serving, asking) = (EventLoop(), EventLoop())
        defer {
            serving.stop()
            asking.stop()
        }
        let tls = try TLSContext(
            .server, TLSOptions(certificate: own.certificate, key: own.key))
        let server = try HTTPServer(loops: [serving], host: "127.0.0.1", port: 0, tls: tls) {
            _, _, writer in
            try? await writer.send(status: 200, body: Array("{}".utf8))
        }
        var limits = HTTPClient.Limits()
        limits.trust = trust
        var door = GatewayDoor.open
        (door.certificate, door.host) = (trust, "127.0.0.1")
        let probe = ReadyProbe(http: HTTPClient(on: asking, limits: limits), door: door)
        return await probe.isReady(port: server.port)
    }

    @Test("its own certificate is enough to believe it, and another's never is")
    func verified() async throws {
        let (authority, own) = try await Authority.shared
        let other = try await aside {
            try authority.issue("localhost", "127.0.0.1")
        }
        #expect(try await isReady(own, trusting: own.certificate))
        #expect(try await !isReady(own, trusting: other.certificate))
        let elsewhere = try await aside { try authority.issue("studio.example") }
        // Believed, but for another name.
        #expect(try await !isReady(elsewhere, trusting: elsewhere.certificate))
    }
}
