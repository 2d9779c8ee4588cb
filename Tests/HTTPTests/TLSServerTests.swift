import Certificates
import Glibc
import HTTP
import TLS
import Testing

@Suite("Over TLS", .timeLimit(.minutes(1)))
struct TLSServerTests {
    /// Runs a private server; `body` has its port and the file of its authority.
    private func withPrivate<Value: Sendable>(
        _ handler: @escaping Handler = plainHandler,
        _ body: @escaping @Sendable (Int, String) throws -> Value
    ) async throws -> Value {
        let (authority, own) = try await Authority.shared
        let tls = try TLSContext(
            .server, TLSOptions(certificate: own.certificate, key: own.key))
        return try await withServer(tls: tls, handler: handler) { server in
            let port = server.port
            return try await onThread { try body(port, authority.file) }
        }
    }

    private static func curl(_ file: String, _ words: String...) throws -> String {
        try run(["/usr/bin/curl", "-sS", "--max-time", "5", "--cacert", file] + words)
    }

    @Test("an independent client is served, over one connection, and knows that it is private")
    func curl() async throws {
        let handler: Handler = { request, body, writer in
            guard request.path == "/secure" else {
                return await plainHandler(request, body, writer)
            }
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array("\(request.isSecure)".utf8))
            }
        }
        let answers = try await withPrivate(handler) { port, file in
            let url = "https://localhost:\(port)"
            return [
                try Self.curl(file, "-w", "%{num_connects} ", "\(url)/health", "\(url)/health"),
                try Self.curl(file, "\(url)/secure"),
                try Self.curl(file, "--tlsv1.2", "--tls-max", "1.2", "\(url)/secure"),
            ]
        }
        #expect(answers[0] == #"{"status":"ok"}1 {"status":"ok"}0 "#)
        #expect(answers[1...] == ["true", "true"])
    }

    @Test("large bodies go in and out whole, many records at a time")
    func large() async throws {
        let text = String(repeating: "0123456789abcdef", count: 60_000)
        let path = "/tmp/atelier-tls-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
        defer { unlink(path) }
        let answer = try await withPrivate { port, file in
            try Self.curl(file, "--data-binary", "@\(path)", "https://localhost:\(port)/echo")
        }
        #expect(answer == text)
    }

    @Test("who speaks no TLS, or an old one, gets nothing, and others are served")
    func strangers() async throws {
        let end = try await withPrivate { port, file in
            let plain = try RawClient(port: port)
            plain.send(ConnectionTests.get)
            let end = try plain.readToEnd()
            #expect(throws: (any Error).self) {
                try Self.curl(file, "--tls-max", "1.1", "https://localhost:\(port)/health")
            }
            let silent = try RawClient(port: port)
            let answer = try Self.curl(file, "https://localhost:\(port)/health")
            #expect(answer == #"{"status":"ok"}"#)
            silent.close()
            return end
        }
        #expect(!end.contains("HTTP"))
    }

    @Test("a new certificate counts for who connects after it")
    func renewed() async throws {
        let authority = try Authority()
        let names = try await onThread {
            (try authority.issue("localhost"), try authority.issue("other.example"))
        }
        let (first, second) = names
        let tls = try TLSContext(
            .server, TLSOptions(certificate: first.certificate, key: first.key))
        let seen = try await withServer(tls: tls) { server -> [String] in
            let port = server.port
            return try await onThread { () -> [String] in
                let url = "https://localhost:\(port)/health"
                let before = try Self.curl(authority.file, url)
                guard rename(second.certificate, first.certificate) == 0,
                    rename(second.key, first.key) == 0
                else { return [] }
                try tls.reload()
                let other = "other.example:\(port)"
                let after = try Self.curl(
                    authority.file, "--resolve", "\(other):127.0.0.1", "https://\(other)/health")
                #expect(throws: (any Error).self) { try Self.curl(authority.file, url) }
                return [before, after]
            }
        }
        #expect(seen == [#"{"status":"ok"}"#, #"{"status":"ok"}"#])
    }

    @Test("a stream over TLS makes its writer wait, and a peer that goes is noticed")
    func streams() async throws {
        let failed = Box<HTTPError>()
        let handler: Handler = { _, _, writer in
            do throws(HTTPError) {
                try await writer.start(status: 200)
                while true { try await writer.write([UInt8](repeating: 97, count: 65_536)) }
            } catch {
                failed.set(error)
            }
        }
        let got = try await withPrivate(handler) { port, file in
            try run([
                "/bin/sh", "-c",
                "curl -sS --cacert \(file) https://localhost:\(port)/ | head -c 3000000 | wc -c",
            ])
        }
        try #require(got.contains("3000000"))
        #expect(await failed.wait() == .closed)
    }
}
