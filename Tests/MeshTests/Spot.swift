import Certificates
import EventLoop
import FoundationEssentials
import Nng
import SP
import TLS
import Testing

/// A loop and a place on it, below the mesh.
final class Spot: Sendable {
    let loop = EventLoop()
    let url: String
    let address: SPAddress
    /// What both ends of a private connection need; nil on the other ways.
    let client: TLSContext?
    let server: TLSContext?
    let security: RawPeerSecurity?
    private let folder: String

    init(_ way: Way) async throws {
        folder = try scratchFolder()
        switch way {
        case _ where way.isFile: url = "ipc://\(folder)/x"
        case .tls: url = "tls+tcp://localhost:\(try freePort())"
        default: url = "tcp://127.0.0.1:\(try freePort())"
        }
        address = try #require(SPAddress(url))
        guard way == .tls else {
            (client, server, security) = (nil, nil, nil)
            return
        }
        let (authority, host) = try await Authority.shared
        // Debian's libnng stands on mbedTLS 2.28, which speaks TLS 1.2.
        let options = TLSOptions(host, authority, minimum: .tls12)
        client = try TLSContext(.client, options)
        server = try TLSContext(.server, options)
        security = RawPeerSecurity(
            certificate: try text(host.certificate), key: try text(host.key),
            authority: try text(authority.file), name: "localhost")
    }

    deinit {
        loop.stop()
        removeFolder(folder)
    }
}

private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
}

extension TLSOptions {
    /// For both ends.
    init(_ host: Certificate, _ authority: Authority, minimum: Version = .tls13) {
        self.init(
            certificate: host.certificate, key: host.key, authorities: authority.file,
            requiresPeer: true, minimum: minimum)
    }
}
