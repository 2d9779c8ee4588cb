import Testing

@testable import HTTP

@Suite("Request parser")
struct RequestParserTests {
    /// What a stream of requests means, in words: a line per head, body and refusal.
    private struct Reader {
        var limits = HTTPLimits()
        var parser: RequestParser
        var input = InputBuffer()
        var body: BodyDecoder?
        var content: [UInt8] = []
        var lines: [String] = []

        init() {
            limits.maxBody = 1 << 20
            parser = RequestParser(limits: limits)
        }

        /// True while there is something to do without more input.
        mutating func step() throws(Refusal) -> Bool {
            let before = input.count
            if var decoder = body {
                try input.take { span throws(Refusal) in
                    (try decoder.decode(span, into: &content, room: 7), ())
                }
                body = decoder
                guard decoder.isComplete else { return input.count < before }
                lines.append("body \(String(decoding: content, as: UTF8.self))")
                content = []
                body = nil
                return true
            }
            let found = try input.take { span throws(Refusal) in
                let (used, request) = try parser.feed(span)
                return (used, request)
            }
            guard let found else { return false }
            lines.append("\(found.method) \(found.target.path)")
            body = try BodyDecoder(found.framing.body, limits: limits)
            return true
        }
    }

    static func transcript(_ bytes: [UInt8], piece: () -> Int) -> [String] {
        var reader = Reader()
        var rest = bytes[...]
        do throws(Refusal) {
            while !rest.isEmpty {
                let next = rest.prefix(piece())
                rest = rest.dropFirst(next.count)
                next.withUnsafeBytes { reader.input.append($0) }
                while try reader.step() {}
            }
        } catch {
            reader.lines.append("refused \(error.code)")
        }
        return reader.lines
    }

    @Test("a probe means the same whole, byte by byte and in any pieces", arguments: Probe.all)
    func pieces(_ probe: Probe) {
        let whole = Self.transcript(probe.bytes) { .max }
        #expect(whole == Self.transcript(probe.bytes) { 1 })
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let split = Self.transcript(probe.bytes) { Int.random(in: 1...40, using: &random) }
            #expect(split == whole)
        }
        let refused = (probe.statuses.last ?? 0) >= 400
        #expect(whole.last == "refused \(probe.ending)" || !refused)
    }

    @Test("noise and flipped bytes are refused or read, never trapped on")
    func noise() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<3000 {
            var bytes = Probe.all[round % Probe.all.count].bytes
            if bytes.count > 4000 { continue }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                default: bytes.removeSubrange(at...)
                }
                if bytes.isEmpty { break }
            }
            let whole = Self.transcript(bytes) { .max }
            let split = Self.transcript(bytes) { 1 }
            #expect(whole == split, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private func parse(_ text: String) throws -> ParsedRequest {
        var parser = RequestParser(limits: HTTPLimits())
        return try #require(try parser.feed(Array(text.utf8).span).request)
    }

    @Test("a head is taken apart")
    func head() throws {
        let request = try parse(
            "GET /a%20b/%C3%A9?q=1+2&q=%26&empty&=x HTTP/1.1\r\n"
                + "Host: a\r\nX-One:  1 \r\nx-one:2\r\n\r\n"
        )
        #expect(request.target.path == "/a b/é")
        #expect(request.target.query.map(\.name) == ["q", "q", "empty", ""])
        #expect(request.target.query.map(\.value) == ["1 2", "&", "", "x"])
        #expect(request.headers["X-ONE"] == "1")
        #expect(request.headers.all("x-One") == ["1", "2"])
        #expect(request.headers["x-on"] == nil)
        #expect(request.framing.keepAlive)
    }

    @Test("the host of an absolute target counts instead of the field")
    func absolute() throws {
        let request = try parse("GET HTTP://b:81?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.headers.all("host") == ["b:81"])
        #expect(request.target.path == "/")
        #expect(request.target.query.first?.value == "1")
    }

    @Test("the connection is kept or closed as both versions say")
    func keepAlive() throws {
        func keeps(_ version: String, _ fields: String) throws -> Bool {
            try parse("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n").framing.keepAlive
        }
        #expect(try keeps("1.1", ""))
        #expect(try !keeps("1.1", "Connection: Close\r\n"))
        #expect(try !keeps("1.1", "Connection: keep-alive\r\nConnection: x, close\r\n"))
        #expect(try !keeps("1.0", ""))
        #expect(try keeps("1.0", "Connection: Keep-Alive\r\n"))
    }

    @Test("a head of exactly the limit is read, one byte more is refused")
    func limit() throws {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
        func head(_ size: Int) -> String {
            let filler = String(repeating: "a", count: size - frame.utf8.count)
            return "GET / HTTP/1.1\r\nHost: a\r\nX: \(filler)\r\n\r\n"
        }
        #expect(try parse(head(16_384)).method == "GET")
        #expect(throws: Refusal.headTooLarge) { try parse(head(16_385)) }
    }
}
