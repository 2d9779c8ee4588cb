import Testing

/// One of the requests that servers are known to disagree about, and what we do with it.
struct Probe: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// The statuses on the wire, in order.
    let statuses: [Int]
    /// The code of the problem document, or the body of the last answer.
    let ending: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ statuses: [Int], _ ending: String) {
        self.name = name
        bytes = Array(text.utf8)
        self.statuses = statuses
        self.ending = ending
    }

    private static let well = #"{"status":"ok"}"#

    private static func get(_ rest: String, target: String = "/health") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(rest)\r\n"
    }

    private static func post(_ fields: String, _ body: String) -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String {
        post("Transfer-Encoding: chunked", body)
    }

    /// The server of the live tests allows bodies of 1 MiB.
    static let all: [Probe] = good + lengths + heads + targets

    private static let good = [
        Probe("plain GET", get(""), [200], well),
        Probe("HTTP/1.0", "GET /health HTTP/1.0\r\n\r\n", [200], well),
        Probe("three in a row", get("") + get("") + get(""), [200, 200, 200], well),
        Probe("HEAD", "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n", [200], ""),
        Probe("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [200], well),
        Probe("one empty line before", "\r\n" + get(""), [200], well),
        Probe("header of 7 KB", get("X: \(String(repeating: "a", count: 7000))\r\n"), [200], well),
        Probe("chunked", chunked("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"), [200], "helloabc"),
        Probe("chunk extensions", chunked("5;a=b;c\r\nhello\r\n0;d\r\n\r\n"), [200], "hello"),
        Probe("trailers", chunked("5\r\nhello\r\n0\r\nX: a\r\nY: b\r\n\r\n"), [200], "hello"),
        Probe(
            "a request after chunks", chunked("2\r\nhi\r\n0\r\n\r\n") + get(""), [200, 200], well),
    ]

    private static let lengths = [
        Probe("chunk size 0x5", chunked("0x5\r\nhello\r\n0\r\n\r\n"), [400], "bad-chunk"),
        Probe("chunk size negative", chunked("-5\r\nhello\r\n0\r\n\r\n"), [400], "bad-chunk"),
        Probe("chunk size overlong", chunked("000000005\r\nhello\r\n"), [400], "bad-chunk"),
        Probe("chunk size empty", chunked("\r\nhello\r\n0\r\n\r\n"), [400], "bad-chunk"),
        Probe("chunk with bare LF", chunked("5\nhello\n0\n\n"), [400], "bad-chunk"),
        Probe("chunk too long", chunked("5\r\nhello!\r\n0\r\n\r\n"), [400], "bad-chunk"),
        Probe("trailer without name", chunked("0\r\n: a\r\n\r\n"), [400], "bad-chunk"),
        Probe(
            "TE and CL",
            post("Content-Length: 4\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
            [400], "ambiguous-length"),
        Probe(
            "two CL, differing", post("Content-Length: 5\r\nContent-Length: 3", "hello"), [400],
            "bad-content-length"),
        Probe(
            "two CL, equal", post("Content-Length: 5\r\nContent-Length: 5", "hello"), [400],
            "bad-content-length"),
        Probe("CL list", post("Content-Length: 5, 5", "hello"), [400], "bad-content-length"),
        Probe("CL +5", post("Content-Length: +5", "hello"), [400], "bad-content-length"),
        Probe("CL -1", post("Content-Length: -1", "hello"), [400], "bad-content-length"),
        Probe("CL 5x", post("Content-Length: 5x", "hello"), [400], "bad-content-length"),
        Probe("CL 1 5", post("Content-Length: 1 5", "hello"), [400], "bad-content-length"),
        Probe("CL empty", post("Content-Length:", "hello"), [400], "bad-content-length"),
        Probe("CL before a colon", post("Content-Length : 5", "hello"), [400], "bad-header"),
        Probe(
            "TE xchunked", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), [400],
            "bad-transfer-encoding"),
        Probe(
            "TE chunked, identity", post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
            [400], "bad-transfer-encoding"),
        Probe(
            "TE gzip", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), [501],
            "unknown-coding"),
        Probe(
            "two TE", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
            [400], "bad-transfer-encoding"),
        Probe(
            "TE on HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [400], "bad-transfer-encoding"),
        Probe("body over the limit", post("Content-Length: 2000000", ""), [413], "body-too-large"),
        Probe(
            "length beyond numbers", post("Content-Length: 99999999999999999999", ""), [413],
            "body-too-large"),
    ]

    private static let heads = [
        Probe("folded line", get("X: a\r\n b\r\n"), [400], "bad-header"),
        Probe("bare LF", "GET /health HTTP/1.1\nHost: a\n\n", [400], "bad-line-end"),
        Probe("bare CR", get("X: a\rb\r\n"), [400], "bad-header"),
        Probe("NUL in a header", get("X: a\0b\r\n"), [400], "bad-header"),
        Probe("no name", get(": a\r\n"), [400], "bad-header"),
        Probe("no Host", "GET /health HTTP/1.1\r\n\r\n", [400], "bad-host"),
        Probe("two Hosts", get("Host: b\r\n"), [400], "bad-host"),
        Probe("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", [400], "bad-host"),
        Probe("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", [505], "bad-version"),
        Probe("HTTP/x", "GET / HTTP/x\r\nHost: a\r\n\r\n", [400], "bad-request-line"),
        Probe("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", [400], "bad-request-line"),
        Probe("only a path", "GET /\r\n\r\n", [400], "bad-request-line"),
        Probe("two empty lines before", "\r\n\r\n" + get(""), [400], "bad-request-line"),
        Probe("TLS hello", "\u{16}\u{3}\u{1}\n", [400], "bad-line-end"),
        Probe(
            "header of 20 KB", get("X: \(String(repeating: "a", count: 20_000))\r\n"), [431],
            "head-too-large"),
        Probe(
            "target of 20 KB", get("", target: "/\(String(repeating: "a", count: 20_000))"), [414],
            "target-too-long"),
        Probe(
            "1,000 headers", get((0..<1000).map { "X\($0): a\r\n" }.joined()), [431],
            "too-many-headers"),
        Probe("unknown expectation", get("Expect: cake\r\n"), [417], "bad-expectation"),
    ]

    private static let targets = [
        Probe("absolute form", get("", target: "http://b/health"), [200], well),
        Probe("absolute form, ftp", get("", target: "ftp://b/health"), [400], "bad-target"),
        Probe("absolute form, user", get("", target: "http://u@b/health"), [400], "bad-target"),
        Probe("asterisk of GET", get("", target: "*"), [400], "bad-target"),
        Probe("CONNECT", "CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", [501], "unknown-method"),
        Probe("dot segments", get("", target: "/../../health"), [400], "bad-target"),
        Probe("dot segments in escapes", get("", target: "/a/%2e%2E/b"), [400], "bad-target"),
        Probe("slash and dots in escapes", get("", target: "/a%2f..%2fb"), [400], "bad-target"),
        Probe("NUL in escapes", get("", target: "/a%00b"), [400], "bad-target"),
        Probe("NUL in the query", get("", target: "/a?b=%00"), [400], "bad-target"),
        Probe("line break in escapes", get("", target: "/a%0d%0ab"), [400], "bad-target"),
        Probe("half an escape", get("", target: "/a%4"), [400], "bad-target"),
        Probe("not UTF-8", get("", target: "/a%ff"), [400], "bad-target"),
        Probe("fragment", get("", target: "/a#b"), [400], "bad-target"),
    ]
}
