import Certificates
import HTTP
import ServiceKit
import Testing

@testable import GatewayService

@Suite("Strict transport security")
struct TransportSecurityTests {
    private static let year = "max-age=31536000"

    private func header(
        _ environment: [String: String], host: String?, isSecure: Bool
    ) throws -> String? {
        let headers = HTTPHeaders(host.map { [("Host", $0)] } ?? [])
        let request = HTTPRequest(
            method: "GET", target: "/", path: "/", headers: headers, isSecure: isSecure)
        return try GatewayConfig(Settings(environment: environment)).transport
            .header(for: request)?.1
    }

    private static let own = ["ATELIER_TLS_CERTIFICATE": "a.pem", "ATELIER_TLS_KEY": "a.key"]
    private static let front = ["ATELIER_PUBLIC_URL": "https://Studio.example:8443/app"]

    @Test("it is told over our own TLS, and where TLS ends before us for the public name")
    func told() throws {
        #expect(try header(Self.own, host: "studio.example:8420", isSecure: true) == Self.year)
        #expect(try header(Self.front, host: "STUDIO.example", isSecure: false) == Self.year)
        #expect(try header(Self.own, host: "studio.example", isSecure: false) == nil)
        #expect(try header(Self.front, host: "other.example", isSecure: false) == nil)
        #expect(try header([:], host: "studio.example", isSecure: false) == nil)
        let plain = ["ATELIER_PUBLIC_URL": "http://studio.example"]
        #expect(try header(plain, host: "studio.example", isSecure: false) == nil)
    }

    @Test(
        "this machine and addresses never get it, which would shut their other ports",
        arguments: [
            "localhost:8420", "a.localhost", "127.0.0.1:8420", "[::1]:8420", "10.0.0.1", "", nil,
        ] as [String?])
    func local(host: String?) throws {
        #expect(try header(Self.own, host: host, isSecure: true) == nil)
    }

    @Test("the operator sets for how long, or that not at all")
    func set() throws {
        func told(_ seconds: String) throws -> String? {
            try header(
                Self.front.merging(["ATELIER_HTTP_STRICT_SECONDS": seconds]) { $1 },
                host: "studio.example", isSecure: false)
        }
        #expect(try told("60") == "max-age=60")
        #expect(try told("0") == nil)
    }

    @Test("over TLS answers have it, cookies are for TLS alone, and the command line is told how")
    func served() async throws {
        let (authority, own) = try await Authority.shared
        let rig = try await Rig(
            billing: false,
            environment: [
                "ATELIER_TLS_CERTIFICATE": own.certificate, "ATELIER_TLS_KEY": own.key,
            ])
        _ = try await rig.user()
        let port = try #require(rig.gateway.port)
        let answer = try await aside {
            try run([
                "/usr/bin/curl", "-sS", "-i", "--cacert", authority.file, "-H",
                "Host: studio.example", "-H", "Origin: https://studio.example", "--json",
                #"{"email": "ada@example.org", "password": "\#(Rig.password)"}"#,
                "https://localhost:\(port)/api/v1/auth/session",
            ])
        }
        #expect(answer.contains("HTTP/1.1 200"), "\(answer)")
        #expect(answer.contains("Strict-Transport-Security: \(Self.year)"))
        #expect(answer.contains("; Secure"))
        #expect(try rig.file("run/gateway.tls") == own.certificate)
    }
}
