/// An answer that the core gives by itself, as a problem document (RFC 9457).
package struct Refusal: Error, Equatable, Sendable {
    let status: Int
    let code: String
    let title: String

    static let badRequestLine = Refusal(400, "bad-request-line", "Malformed request line")
    static let badTarget = Refusal(400, "bad-target", "Malformed request target")
    static let badLineEnd = Refusal(400, "bad-line-end", "Lines must end with CRLF")
    static let badHeader = Refusal(400, "bad-header", "Malformed header")
    static let badHost = Refusal(400, "bad-host", "Exactly one valid Host is required")
    static let badLength = Refusal(400, "bad-content-length", "Malformed Content-Length")
    static let badCoding = Refusal(400, "bad-transfer-encoding", "Malformed Transfer-Encoding")
    static let ambiguousLength = Refusal(400, "ambiguous-length", "Ambiguous message length")
    static let badChunk = Refusal(400, "bad-chunk", "Malformed chunked body")
    static let headTimeout = Refusal(408, "head-timeout", "The request took too long")
    static let bodyTimeout = Refusal(408, "body-timeout", "The body was sent too slowly")
    static let bodyTooLarge = Refusal(413, "body-too-large", "The body is too large")
    static let targetTooLong = Refusal(414, "target-too-long", "The request line is too long")
    static let badExpectation = Refusal(417, "bad-expectation", "Unknown expectation")
    static let headTooLarge = Refusal(431, "head-too-large", "The head is too large")
    static let tooManyHeaders = Refusal(431, "too-many-headers", "Too many headers")
    static let noAnswer = Refusal(500, "no-answer", "The request was not answered")
    static let unknownCoding = Refusal(501, "unknown-coding", "Unknown transfer coding")
    static let unknownMethod = Refusal(501, "unknown-method", "The method is not supported")
    static let tooBusy = Refusal(503, "too-busy", "Too many connections")
    static let answerTimeout = Refusal(504, "answer-timeout", "The answer took too long")
    static let badVersion = Refusal(505, "bad-version", "The HTTP version is not supported")

    private init(_ status: Int, _ code: String, _ title: String) {
        self.status = status
        self.code = code
        self.title = title
    }

    /// The texts above are plain ASCII without quotes, so nothing needs escaping.
    func body(requestID: String) -> [UInt8] {
        let kind = #""type":"urn:atelier:problem:\#(code)","code":"\#(code)""#
        let words = #""title":"\#(title)","detail":"\#(title)""#
        return Array(
            #"{\#(kind),\#(words),"status":\#(status),"request_id":"\#(requestID)"}"#.utf8)
    }

    /// A name for a request that was never one: its own cannot be trusted.
    static func makeID() -> String {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var bits = UInt64.random(in: 0 ... .max)
        var text: [UInt8] = []
        for _ in 0..<11 {
            text.append(digits[Int(bits & 31)])
            bits >>= 5
        }
        return "req_" + String(decoding: text, as: UTF8.self)
    }
}
