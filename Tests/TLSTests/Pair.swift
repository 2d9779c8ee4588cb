import Certificates
import Glibc
import Testing

@testable import TLS

/// Two ends of one connection, driven in turn.
final class Pair {
    let descriptors: [Int32]
    let client: TLSSession
    let server: TLSSession

    init(_ client: TLSContext, _ server: TLSContext, expecting name: String = "localhost") throws {
        descriptors = try Self.sockets()
        self.client = try client.session(over: descriptors[0], expecting: name)
        self.server = try server.session(over: descriptors[1])
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    static func sockets() throws -> [Int32] {
        var ends: [Int32] = [0, 0]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        try #require(socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0)
        return ends
    }

    /// Goes on with both until neither has anything to do; what became of each.
    func shake() -> (client: TLSSession.Outcome, server: TLSSession.Outcome) {
        var (first, second) = (client.handshake(), server.handshake())
        for _ in 0..<20 { (first, second) = (client.handshake(), server.handshake()) }
        return (first, second)
    }
}

extension TLSSession {
    func take(_ count: Int = 65_536) -> (Outcome, [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: count)
        let outcome = buffer.withUnsafeMutableBytes { read(into: $0) }
        guard case .done(let got) = outcome else { return (outcome, []) }
        return (outcome, Array(buffer[..<got]))
    }

    func give(_ bytes: [UInt8]) -> Outcome { bytes.withUnsafeBytes { write($0) } }
}

extension TLSOptions {
    init(_ host: Certificate, _ authority: Authority, minimum: Version = .tls13) {
        self.init(
            certificate: host.certificate, key: host.key, authorities: authority.file,
            requiresPeer: true, minimum: minimum)
    }
}
