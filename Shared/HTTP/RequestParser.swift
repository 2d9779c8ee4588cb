/// A request head that has passed every check.
struct ParsedRequest: Sendable {
    var method: String
    var raw: String
    var target: RequestTarget
    var headers: HTTPHeaders
    var framing: Framing
}

/// Reads request heads from bytes in any pieces (RFC 9112), and refuses what two readers could
/// understand in two ways. It judges line by line, so the result does not depend on the pieces.
struct RequestParser: Sendable {
    private let maxHead: Int
    private let maxHeaders: Int

    private var line: [UInt8] = []
    private var size = 0
    private var blankSkipped = false
    private var requestLine: (method: String, raw: String, minor: Int)?
    private var headers = HTTPHeaders()

    init(limits: HTTPLimits) {
        maxHead = limits.maxHead
        maxHeaders = limits.maxHeaders
    }

    /// Whether a head has begun and not ended.
    var hasBegun: Bool { size > 0 }

    /// Takes what belongs to the head; answers how much that was, and the head when it is whole.
    /// After a refusal the connection cannot be understood any more.
    mutating func feed(
        _ input: Span<UInt8>
    ) throws(Refusal) -> (used: Int, request: ParsedRequest?) {
        var used = 0
        while used < input.count {
            let end = input.first(Bytes.lineFeed, from: used)
            let next = end.map { $0 + 1 } ?? input.count
            size += next - used
            guard size <= maxHead else { throw requestLine == nil ? .targetTooLong : .headTooLarge }
            guard end != nil, line.isEmpty else {
                line.append(contentsOf: input, used..<next)
                used = next
                guard end != nil else { break }
                let whole = line
                line.removeAll(keepingCapacity: true)
                if try take(whole.span) { return (used, try finish()) }
                continue
            }
            let piece = input.extracting(used..<next)
            used = next
            if try take(piece) { return (used, try finish()) }
        }
        return (used, nil)
    }

    /// One line with its end; true for the one that ends the head.
    private mutating func take(_ line: Span<UInt8>) throws(Refusal) -> Bool {
        let end = line.count - 2
        guard end >= 0, line[end] == Bytes.carriageReturn else { throw .badLineEnd }
        let content = line.extracting(0..<end)
        if requestLine == nil {
            // One empty line before a request is tolerated (RFC 9112, 2.2).
            if content.isEmpty && !blankSkipped {
                blankSkipped = true
            } else {
                try takeRequestLine(content)
            }
            return false
        }
        if content.isEmpty { return true }
        try takeField(content)
        return false
    }

    private mutating func takeRequestLine(_ line: Span<UInt8>) throws(Refusal) {
        var index = 0
        while index < line.count, Bytes.isToken(line[index]) { index += 1 }
        guard index > 0, index < line.count, line[index] == Bytes.space else {
            throw .badRequestLine
        }
        let start = index + 1
        index = start
        while index < line.count, line[index] > Bytes.space, line[index] < 127 { index += 1 }
        guard index > start, index < line.count, line[index] == Bytes.space else {
            throw .badRequestLine
        }
        let minor = try Self.minorVersion(line.text((index + 1)..<line.count))
        requestLine = (line.text(0..<(start - 1)), line.text(start..<index), minor)
    }

    private static func minorVersion(_ text: String) throws(Refusal) -> Int {
        if text == "HTTP/1.1" { return 1 }
        if text == "HTTP/1.0" { return 0 }
        let bytes = Array(text.utf8)
        let shaped = bytes.count == 8 && text.hasPrefix("HTTP/") && bytes[6] == Bytes.dot
        guard shaped, Bytes.isDigit(bytes[5]), Bytes.isDigit(bytes[7]) else {
            throw .badRequestLine
        }
        throw .badVersion
    }

    private mutating func takeField(_ line: Span<UInt8>) throws(Refusal) {
        guard headers.count < maxHeaders else { throw .tooManyHeaders }
        let (name, value) = try Self.field(line)
        headers.append(line.lowercasedText(name), line.text(value))
    }

    /// Where name and value are. A folded line begins with a blank and so has no name.
    static func field(
        _ line: Span<UInt8>
    ) throws(Refusal) -> (name: Range<Int>, value: Range<Int>) {
        var colon = 0
        while colon < line.count, Bytes.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == Bytes.colon else { throw .badHeader }
        var start = colon + 1
        var end = line.count
        while start < end, Bytes.isBlank(line[start]) { start += 1 }
        while end > start, Bytes.isBlank(line[end - 1]) { end -= 1 }
        for index in start..<end where !Bytes.isFieldContent(line[index]) { throw .badHeader }
        return (0..<colon, start..<end)
    }

    private mutating func finish() throws(Refusal) -> ParsedRequest {
        guard let (method, raw, minor) = requestLine else { throw .badRequestLine }
        var headers = self.headers
        let framing = try Framing(headers, minor: minor)
        let target = try RequestTarget(raw, method: method)
        if let authority = target.authority { headers.replace("host", with: authority) }
        size = 0
        blankSkipped = false
        requestLine = nil
        self.headers = HTTPHeaders()
        return ParsedRequest(
            method: method, raw: raw, target: target, headers: headers, framing: framing)
    }
}

extension [UInt8] {
    /// Appends a part of a span.
    mutating func append(contentsOf span: Span<UInt8>, _ range: Range<Int>) {
        span.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
