/// How the end of an answer is told to the peer.
enum AnswerLength: Equatable {
    /// No body at all: 204 and 304.
    case none
    case known(Int)
    case chunked
    /// By closing, for peers of HTTP/1.0.
    case untilClose
    /// None: a WebSocket follows, whose proof this is.
    case upgrade(String)
}

/// Status line and fields of an answer.
struct ResponseHead {
    var status: Int
    var headers: [(String, String)]
    /// The length the handler declared itself, where it may.
    private(set) var declared: Int?
    /// Whether the handler wants the connection closed.
    private(set) var closes = false
    private var hasDate = false

    /// Checks what the handler gives: a line break in a value would let it write a second answer.
    init(status: Int, headers: [(String, String)]) throws(HTTPError) {
        guard (200...599).contains(status) || status == 101 else {
            throw .misuse("status \(status)")
        }
        self.status = status
        self.headers = []
        self.headers.reserveCapacity(headers.count)
        for (name, value) in headers { try add(name, value) }
    }

    /// For a problem document (RFC 9457).
    init(problem status: Int, requestID: String) {
        self.status = status
        headers = [
            ("Content-Type", "application/problem+json"), ("X-Request-Id", requestID),
            ("X-Content-Type-Options", "nosniff"),
        ]
    }

    private mutating func add(_ name: String, _ value: String) throws(HTTPError) {
        guard !name.isEmpty, Self.all(name, Bytes.isToken), Self.all(value, Bytes.isFieldContent)
        else { throw .invalidHeader(name) }
        // The core's own names have these lengths; most headers are none of them.
        switch name.utf8.count {
        case 4, 10, 14, 17: if try isOurs(name.lowercased(), name, value) { return }
        default: break
        }
        headers.append((name, value))
    }

    /// True for what the core writes itself.
    private mutating func isOurs(
        _ lower: String, _ name: String, _ value: String
    ) throws(HTTPError) -> Bool {
        switch lower {
        case "content-length":
            guard declared == nil, value.utf8.allSatisfy(Bytes.isDigit), let length = Int(value)
            else { throw .invalidHeader(name) }
            declared = length
            return true
        case "transfer-encoding": throw .invalidHeader(name)
        case "connection":
            guard value.lowercased() == "close" else { throw .invalidHeader(name) }
            closes = true
            return true
        case "date": hasDate = true
        default: break
        }
        return false
    }

    private static func all(_ text: String, _ isGood: (UInt8) -> Bool) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes where !isGood(byte) { return false }
            return true
        } ?? text.utf8.allSatisfy(isGood)
    }

    /// The bytes; `room` is reserved behind them for a body.
    func encode(
        _ length: AnswerLength, keepAlive: Bool, minor: Int, date: String, room: Int = 0
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(192 + headers.count * 48 + room)
        Self.put(status == 200 ? "HTTP/1.1 200 OK\r\n" : Self.line(status), &out)
        for (name, value) in headers {
            Self.put(name, &out)
            Self.put(": ", &out)
            Self.put(value, &out)
            Self.put("\r\n", &out)
        }
        switch length {
        case .known(let count):
            Self.put("Content-Length: ", &out)
            Self.put(String(count), &out)
            Self.put("\r\n", &out)
        case .chunked: Self.put("Transfer-Encoding: chunked\r\n", &out)
        case .upgrade(let proof):
            Self.put("Upgrade: websocket\r\nConnection: Upgrade\r\n", &out)
            Self.put("Sec-WebSocket-Accept: \(proof)\r\n", &out)
        case .none, .untilClose: break
        }
        if case .upgrade = length {
            // Said already.
        } else if !keepAlive {
            Self.put("Connection: close\r\n", &out)
        } else if minor == 0 {
            Self.put("Connection: keep-alive\r\n", &out)
        }
        if !hasDate {
            Self.put("Date: ", &out)
            Self.put(date, &out)
            Self.put("\r\n", &out)
        }
        Self.put("\r\n", &out)
        return out
    }

    private static func line(_ status: Int) -> String {
        "HTTP/1.1 \(status) \(reason(status))\r\n"
    }

    /// In one copy, where the text lies in one piece.
    @inline(__always)
    private static func put(_ text: String, _ out: inout [UInt8]) {
        let isPut: Void? = text.utf8.withContiguousStorageIfAvailable { out.append(contentsOf: $0) }
        if isPut == nil { out += text.utf8 }
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
