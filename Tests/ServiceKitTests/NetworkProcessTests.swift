import Certificates
import EventLoop
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing

/// A service's process on the network.
@Suite("A service's process on the network", .timeLimit(.minutes(1)))
struct NetworkProcessTests {
    @Test("it answers in private whoever has a certificate and a key, through a change of keys")
    func privately() async throws {
        let scratch = Scratch()
        let data = try scratch.data()
        let (authority, host) = try await Authority.shared
        let settings = [
            "ATELIER_MESH_BILLING": "tls+tcp://localhost:\(try freePort())",
            "ATELIER_MESH_TLS_CERT": host.certificate, "ATELIER_MESH_TLS_KEY": host.key,
            "ATELIER_MESH_TLS_CA": authority.file,
        ]
        let service = try Child(
            "atelier-billing", ["serve", "--data", scratch.path], settings: settings)
        let loop = EventLoop()
        defer { loop.stop() }
        let transport = SocketTransport(try data.directory(settings, as: "admin"), on: loop)
        defer { transport.close() }
        let mesh = MeshClient(transport, as: "admin")
        #expect(await mesh.ping("billing", within: .seconds(30)))
        // The command line is `admin`, too.
        let call = ["call", "status", "--data", scratch.path, "--account", "nobody"]
        let (_, output) = try await Child("atelier-billing", call, settings: settings).end()
        #expect(output.contains("not-found") || output.contains("plan"), "\(output)")
        // A new key while both run: the service follows.
        let key = try MeshKeys(data).rotate("admin")
        let other = SocketTransport(try data.directory(settings, as: "admin"), on: loop)
        defer { other.close() }
        try await MeshClient(other, as: "admin").reach("billing", within: .seconds(30))
        #expect(try MeshKeys(data).signs("admin") == key.id)
        // Who is not known is told so, and so is who has no certificate.
        let stranger = Scratch()
        var (code, words) = try await Child(
            "atelier-billing", call.map { $0 == scratch.path ? stranger.path : $0 },
            settings: settings
        ).end()
        #expect(code == 77 && words.contains("by a key that does not count"), "\(words)")
        (code, words) = try await Child(
            "atelier-billing", call,
            settings: ["ATELIER_MESH_BILLING": settings["ATELIER_MESH_BILLING"] ?? ""]
        ).end()
        #expect(code == 65 && words.contains("ATELIER_MESH_TLS_CERT"), "\(words)")
        let stats = try await mesh.stats("billing")
        #expect(stats.turnedAway["hellos"] == 1)
        service.signal(SIGTERM)
        #expect(try await service.end().code == 0)
    }
}

/// A port that nobody has at the moment, as the system gives it.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { raw in
        raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    try #require(result)
    return Int(UInt16(bigEndian: address.sin_port))
}
