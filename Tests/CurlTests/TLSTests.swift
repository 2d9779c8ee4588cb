import Curl
import EventLoop
import Glibc
import Testing

@Suite struct TLSTests {
    @Test("a certificate that nobody vouches for is refused, and one that is trusted is not")
    func verification() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        try await withClient { client, _ in
            await #expect(throws: HTTPClientError.tls) {
                try await client.send(ClientRequest(url: server.url(host: "localhost")))
            }
        }
        var limits = HTTPClient.Limits()
        limits.trust = server.certificate
        try await withClient(limits: limits) { client, _ in
            let response = try await client.send(
                ClientRequest(url: server.url(host: "localhost")))
            #expect(response.status == 200 && !response.body.isEmpty)
            // The same certificate, for a name it does not hold.
            await #expect(throws: HTTPClientError.tls) {
                try await client.send(ClientRequest(url: server.url(host: "127.0.0.1")))
            }
        }
    }

    @Test("a server that speaks no TLS is a failed handshake")
    func noTLS() async throws {
        let server = ScriptedServer { peer in
            _ = peer.read()
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            await #expect(throws: HTTPClientError.tls) {
                try await client.send(
                    ClientRequest(url: "https://127.0.0.1:\(server.port)/"))
            }
        }
    }
}

/// The `openssl` program as a server, with a certificate that it has signed itself.
private final class TLSServer {
    let certificate: String
    private let directory: String
    private let port: Int
    private let process: pid_t

    init() throws {
        var template = Array("/tmp/curl-tls-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        certificate = directory + "/cert.pem"
        let key = directory + "/key.pem"
        let made = try Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-days", "2",
            "-addext", "subjectAltName=DNS:localhost",
        ])
        var status: Int32 = 0
        waitpid(made.process, &status, 0)
        close(made.output)
        try #require(status == 0)
        let server = try Self.run([
            "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ])
        process = server.process
        port = try #require(Self.port(server.output))
    }

    func url(host: String) -> String { "https://\(host):\(port)/" }

    func stop() {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        for name in ["/cert.pem", "/key.pem", ""] { remove(directory + name) }
    }

    /// Waits for the line that says where it listens: `ACCEPT 127.0.0.1:12345`.
    private static func port(_ output: Int32) -> Int? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return nil }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
            for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1) {
                guard line.hasPrefix("ACCEPT"), let number = line.split(separator: ":").last
                else { continue }
                return Int(number)
            }
        }
    }

    private static func run(_ arguments: [String]) throws -> (process: pid_t, output: Int32) {
        var pair: [Int32] = [0, 0]
        try #require(pipe(&pair) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pair[1], 1)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Closes what it inherits first, or it would hold the other tests' connections open.
        let script = """
            for name in /proc/self/fd/*; do
                number=${name##*/}
                if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
            done
            exec openssl "$@"
            """
        var words = (["bash", "-c", script, "openssl"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let code = posix_spawnp(&process, "bash", &actions, nil, &words, nil)
        close(pair[1])
        try #require(code == 0)
        return (process, pair[0])
    }
}
