import HTTP
import Testing

@Suite("Framing probes against a live server", .timeLimit(.minutes(1)))
struct ProbeTests {
    @Test("every probe gets its answer, whole or byte by byte", arguments: Probe.all)
    func probes(_ probe: Probe) async throws {
        try await withServer(limits: .with { $0.maxBody = 1 << 20 }) { server in
            let port = server.port
            let whole = try await onThread { try Self.answers(probe, port, piece: .max) }
            #expect(whole.statuses == probe.statuses)
            #expect(whole.ending == probe.ending)
            guard probe.bytes.count < 2000 else { return }
            let split = try await onThread { try Self.answers(probe, port, piece: 1) }
            #expect(split.statuses == probe.statuses)
            #expect(split.ending == probe.ending)
        }
    }

    /// Reads until the server closes, which a last request asks for where the probe is good.
    private static func answers(
        _ probe: Probe, _ port: Int, piece: Int
    ) throws -> (statuses: [Int], ending: String) {
        let client = try RawClient(port: port)
        var rest = probe.bytes[...]
        while !rest.isEmpty, client.send(Array(rest.prefix(piece))) { rest = rest.dropFirst(piece) }
        let isHead = probe.bytes.starts(with: "HEAD".utf8)
        var statuses: [Int] = []
        var last = RawClient.Response()
        repeat {
            last = try client.readResponse(toHead: isHead)
            statuses.append(last.status)
        } while statuses.count < probe.statuses.count
        if last.status != 200 {
            #expect(try client.readToEnd() == "", "closed after a refusal")
            #expect(last.headers["connection"] == "close")
            #expect(last.headers["content-type"] == "application/problem+json")
            let id = last.headers["x-request-id"] ?? ""
            #expect(id.hasPrefix("req_") && last.text.contains("\"request_id\":\"\(id)\""))
            #expect(last.text.contains("\"type\":\"urn:atelier:problem:"))
            let code = last.text.components(after: #""code":""#)
            return (statuses, code)
        }
        return (statuses, last.text)
    }

    @Test("a body over the limit in flight does not hide the 413")
    func bodyInFlight() async throws {
        try await withServer(limits: .with { $0.maxBody = 1 << 20 }) { server in
            let port = server.port
            let declared = try await onThread {
                let client = try RawClient(port: port)
                client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
                #expect(client.send([UInt8](repeating: 120, count: 2_000_000)))
                return try client.readResponse()
            }
            #expect(declared.status == 413)
            let chunked = try await onThread {
                let client = try RawClient(port: port)
                client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk =
                    Array("10000\r\n".utf8) + [UInt8](repeating: 120, count: 65_536) + [13, 10]
                for _ in 0..<24 { #expect(client.send(chunk)) }
                return try client.readResponse()
            }
            #expect(chunked.status == 413)
        }
    }
}

extension String {
    /// What stands between `mark` and the next quote.
    fileprivate func components(after mark: String) -> String {
        guard let start = firstRange(of: mark)?.upperBound else { return "" }
        return String(self[start...].prefix { $0 != "\"" })
    }
}
