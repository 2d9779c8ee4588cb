import Certificates
import Glibc
import Synchronization
import Testing

@testable import TLS

/// The files behind private connections, and what is wrong with them.
@Suite("TLS files", .timeLimit(.minutes(1)))
struct ContextTests {
    private func refusal(_ options: TLSOptions) -> String {
        do {
            _ = try TLSContext(.server, options)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("what is wrong with a file is said in a sentence, without what is in it")
    func wrong() async throws {
        let (authority, host) = try await Authority.shared
        let other = try await aside { try authority.issue("other") }
        var options = TLSOptions(host, authority)
        #expect(refusal(options) == "none")
        options.certificate = "/nowhere/x.pem"
        #expect(refusal(options) == "/nowhere/x.pem: No such file or directory")
        options.certificate = host.key
        #expect(refusal(options).hasPrefix("\(host.key) holds no certificate in PEM"))
        options.certificate = host.certificate
        options.key = other.key
        #expect(refusal(options) == "\(other.key) is not the key of \(host.certificate)")
        options.key = host.certificate
        #expect(refusal(options).hasPrefix("\(host.certificate) holds no key without a password"))
        options.key = host.key
        options.authorities = host.key
        #expect(refusal(options).contains("holds no certificate of an authority"))
        let (open, closed) = try await aside {
            try run(["/bin/cp", host.key, host.key + ".open"])
            chmod(host.key + ".open", 0o644)
            // A password would be asked for on the terminal, and wait there for ever.
            try run([
                "/usr/bin/openssl", "ec", "-aes256", "-passout", "pass:x", "-in", host.key, "-out",
                host.key + ".closed",
            ])
            return (host.key + ".open", host.key + ".closed")
        }
        options.authorities = authority.file
        options.key = open
        #expect(refusal(options) == "\(open) may be read by everybody; chmod 600 it")
        options.key = closed
        #expect(refusal(options).hasPrefix("\(closed) holds no key without a password"))
    }

    @Test("new files are used for new connections; broken ones are reported, and not used")
    func reload() async throws {
        let (authority, host) = try await Authority.shared
        let (first, second) = try await aside {
            (try authority.issue("first.example"), try authority.issue("second.example"))
        }
        let troubles = Mutex<[TLSError]>([])
        let files = TLSOptions(first, authority)
        let server = try TLSContext(.server, files) { trouble in
            troubles.withLock { $0.append(trouble) }
        }
        let client = try TLSContext(.client, TLSOptions(host, authority))
        let before = try Pair(client, server, expecting: "first.example")
        #expect(before.shake().client == .done(0))
        try await aside {
            _ = try run(["/bin/cp", second.certificate, first.certificate])
        }
        // The certificate has changed, its key has not: somebody is in the middle of it.
        #expect(throws: TLSError.self) { try server.reload() }
        let meanwhile = try Pair(client, server, expecting: "first.example")
        #expect(meanwhile.shake().client == .done(0))
        _ = try await aside { try run(["/bin/cp", second.key, first.key]) }
        try server.reload()
        let after = try Pair(client, server, expecting: "second.example")
        #expect(after.shake().client == .done(0))
        #expect(before.client.give([1]) == .done(1))
    }

    @Test("files are looked at again by themselves, when somebody connects")
    func refresh() async throws {
        let (authority, host) = try await Authority.shared
        let first = try await aside { try authority.issue("first.example") }
        let troubles = Mutex<[TLSError]>([])
        let server = try TLSContext(.server, TLSOptions(first, authority)) { trouble in
            troubles.withLock { $0.append(trouble) }
        }
        let client = try TLSContext(.client, TLSOptions(host, authority))
        _ = try await aside { try run(["/bin/cp", host.key, first.certificate]) }
        let end = ContinuousClock.now + .seconds(20)
        while troubles.withLock(\.isEmpty), ContinuousClock.now < end {
            let pair = try Pair(client, server, expecting: "first.example")
            #expect(pair.shake().client == .done(0))
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(troubles.withLock { $0.count } == 1)
    }
}
