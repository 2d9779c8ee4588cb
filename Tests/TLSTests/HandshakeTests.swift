import Certificates
import Glibc
import Testing

@testable import TLS

/// Who is believed, and what is said.
@Suite("TLS between two ends", .timeLimit(.minutes(1)))
struct HandshakeTests {
    @Test("both ends present themselves, speak TLS 1.3 and say farewell")
    func speaks() async throws {
        let (authority, host) = try await Authority.shared
        let pair = try Pair(
            TLSContext(.client, TLSOptions(host, authority)),
            TLSContext(.server, TLSOptions(host, authority)))
        let (client, server) = pair.shake()
        #expect(client == .done(0) && server == .done(0))
        #expect(pair.client.version == "TLSv1.3" && pair.server.version == "TLSv1.3")
        #expect(pair.client.take().0 == .wantsRead)
        #expect(pair.client.give(Array("hello".utf8)) == .done(5))
        // Less than what came: the rest is pending, and no readiness would tell.
        #expect(pair.server.take(2).1 == Array("he".utf8))
        #expect(pair.server.hasPending)
        #expect(pair.server.take().1 == Array("llo".utf8))
        #expect(!pair.server.hasPending)
        pair.server.shutdown()
        #expect(pair.client.take().0 == .ended)
    }

    @Test("a megabyte arrives as it left, however little there is room for")
    func large() async throws {
        let (authority, host) = try await Authority.shared
        let pair = try Pair(
            TLSContext(.client, TLSOptions(host, authority)),
            TLSContext(.server, TLSOptions(host, authority)))
        _ = pair.shake()
        let sent = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var (left, got, waits) = (sent[...], [UInt8](), 0)
        while got.count < sent.count {
            let outcome = pair.client.give(Array(left))
            if case .done(let count) = outcome { left = left.dropFirst(count) }
            if outcome == .wantsWrite || left.isEmpty {
                waits += 1
                while case (.done, let bytes) = pair.server.take() { got += bytes }
            }
        }
        #expect(got == sent && waits > 1)
    }

    @Test("an end that vanishes is no farewell, and stays an end")
    func gone() async throws {
        let (authority, host) = try await Authority.shared
        let pair = try Pair(
            TLSContext(.client, TLSOptions(host, authority)),
            TLSContext(.server, TLSOptions(host, authority)))
        _ = pair.shake()
        Glibc.shutdown(pair.descriptors[1], Int32(SHUT_RDWR))
        #expect(pair.client.take().0 == .failed(.gone))
        #expect(pair.client.give([1]) == .failed(.gone))
        #expect(pair.client.failure == .gone)
    }

    @Test("whoever is not believed hears why, and so do we")
    func refused() async throws {
        let (authority, host) = try await Authority.shared
        let (other, expired) = try await aside {
            let other = try Authority()
            return (
                (other, try other.issue("localhost", "127.0.0.1")),
                try authority.issue("localhost", days: -1)
            )
        }
        let good = TLSOptions(host, authority)
        func client(
            _ mine: TLSOptions, _ theirs: TLSOptions, name: String = "localhost"
        ) throws -> (TLSSession.Outcome, TLSSession.Outcome) {
            let pair = try Pair(
                TLSContext(.client, mine), TLSContext(.server, theirs), expecting: name)
            let (first, second) = pair.shake()
            // With TLS 1.3 the client is done before the server has judged; what it reads tells.
            return (first == .done(0) ? pair.client.take().0 : first, second)
        }
        var (mine, theirs) = try client(good, good, name: "elsewhere")
        #expect(mine == .failed(.untrusted("hostname mismatch")))
        #expect(theirs == .failed(.refused("sslv3 alert bad certificate")))
        (mine, theirs) = try client(good, good, name: "127.0.0.1")
        #expect(mine == .wantsRead && theirs == .done(0))
        (mine, theirs) = try client(good, good, name: "127.0.0.2")
        #expect(mine == .failed(.untrusted("IP address mismatch")))
        (mine, _) = try client(good, TLSOptions(expired, authority))
        #expect(mine == .failed(.untrusted("certificate has expired")))
        (mine, theirs) = try client(TLSOptions(expired, authority), good)
        #expect(theirs == .failed(.untrusted("certificate has expired")))
        #expect(mine == .failed(.refused("sslv3 alert certificate expired")))
        // Another authority's, on either side.
        (mine, theirs) = try client(good, TLSOptions(other.1, authority))
        #expect(mine == .failed(.untrusted("unable to get local issuer certificate")))
        (mine, theirs) = try client(TLSOptions(other.1, authority), good)
        #expect(theirs == .failed(.untrusted("unable to get local issuer certificate")))
        #expect(mine == .failed(.refused("tlsv1 alert unknown ca")))
        // None at all.
        (mine, theirs) = try client(TLSOptions(authorities: authority.file), good)
        #expect(theirs == .failed(.untrusted("it has none")))
        #expect(mine == .failed(.refused("tlsv13 alert certificate required")))
    }

    @Test("a certificate that signed itself is not believed")
    func selfSigned() async throws {
        let (authority, host) = try await Authority.shared
        let own = try await aside {
            let path = authority.file.dropLast("authority.pem".count) + "own"
            try run([
                "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(path).key", "-out",
                "\(path).pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ])
            return Certificate(certificate: "\(path).pem", key: "\(path).key")
        }
        let pair = try Pair(
            TLSContext(.client, TLSOptions(host, authority)),
            TLSContext(.server, TLSOptions(own, authority)))
        #expect(pair.shake().client == .failed(.untrusted("self-signed certificate")))
    }

    @Test("garbage and an old protocol are no TLS, and neither ends the process")
    func garbage() async throws {
        let (authority, host) = try await Authority.shared
        let server = try TLSContext(.server, TLSOptions(host, authority))
        for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 600)] {
            let ends = try Pair.sockets()
            defer { for end in ends { close(end) } }
            let session = try server.session(over: ends[1])
            _ = bytes.withUnsafeBytes { send(ends[0], $0.baseAddress, $0.count, 0) }
            guard case .failed(.broken) = session.handshake() else {
                Issue.record("taken for a handshake")
                continue
            }
        }
        // TLS 1.2 is spoken where that is allowed, and nowhere else.
        let old = TLSOptions(host, authority, minimum: .tls12)
        let pair = try Pair(TLSContext(.client, old), TLSContext(.server, old))
        #expect(pair.shake().server == .done(0))
        // The other end is gone: no signal, but an error.
        let ends = try Pair.sockets()
        let session = try TLSContext(.client, old).session(over: ends[0], expecting: "localhost")
        close(ends[1])
        #expect(session.handshake() == .failed(.gone))
        close(ends[0])
    }
}
