/// Arbitrary bytes as a connection's requests: they mean the same in any pieces, nothing that was
/// refused comes through, and a head that is written down again is the same head.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let (bytes, piece) = Law.pieces(UnsafeBufferPointer(start: start, count: count))
    let whole = Requests.read(bytes, piece: max(bytes.count, 1))
    let split = Requests.read(bytes, piece: piece)
    if whole != split { Law.broken("pieces change the meaning: \(whole) and \(split)") }
    return 0
}

/// Requests one behind the other, in words.
struct Requests {
    private static let mostBody = 1 << 16

    private var limits = HTTPLimits()
    private var parser: RequestParser
    private var input = InputBuffer()
    private var body: BodyDecoder?
    private var content: [UInt8] = []
    private var lines: [String] = []

    private init() {
        limits.maxBody = Self.mostBody
        limits.maxHead = 2_048
        limits.maxHeaders = 16
        parser = RequestParser(limits: limits)
    }

    static func read(_ bytes: [UInt8], piece: Int) -> [String] {
        var reader = Requests()
        do throws(Refusal) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let next = Array(rest.prefix(piece))
                rest = rest.dropFirst(piece)
                next.withUnsafeBytes { reader.input.append($0) }
                while try reader.step() {}
            }
        } catch {
            reader.lines.append("refused \(error.code)")
        }
        return reader.lines
    }

    /// True while there is something to do without more input.
    private mutating func step() throws(Refusal) -> Bool {
        if body != nil { return try readBody() }
        let found = try input.take { span throws(Refusal) in
            let (used, request) = try parser.feed(span)
            if used > span.count { Law.broken("more was taken than there is") }
            return (used, request)
        }
        guard let found else { return false }
        judge(found)
        lines.append("\(found.method) \(found.target.path) \(found.headers.count)")
        body = try BodyDecoder(found.framing.body, limits: limits)
        return true
    }

    private mutating func readBody() throws(Refusal) -> Bool {
        guard var decoder = body else { return false }
        let before = (input.count, content.count)
        try input.take { span throws(Refusal) in
            (try decoder.decode(span, into: &content, room: 333), ())
        }
        if content.count > Self.mostBody { Law.broken("a body past its limit") }
        body = decoder
        guard decoder.isComplete else {
            return input.count < before.0 || content.count > before.1
        }
        lines.append("body \(content.count) \(content.reduce(0) { ($0 &* 31) &+ Int($1) })")
        (body, content) = (nil, [])
        return true
    }

    private func judge(_ request: ParsedRequest) {
        let path = request.target.path
        guard path == "*" || path.hasPrefix("/") else { Law.broken("the path \(path)") }
        for part in path.split(separator: "/") where part == "." || part == ".." {
            Law.broken("a segment of dots in \(path)")
        }
        if path.utf8.contains(where: { $0 < 32 || $0 == 127 }) { Law.broken("a control character") }
        if request.headers.count > limits.maxHeaders { Law.broken("too many headers") }
        for field in request.headers {
            let isName = field.name.utf8.allSatisfy { Bytes.isToken($0) && Bytes.lower($0) == $0 }
            let isValue = field.value.utf8.allSatisfy(Bytes.isFieldContent)
            if field.name.isEmpty || !isName || !isValue { Law.broken("the field \(field)") }
        }
        let hosts = request.headers.all("host")
        if hosts.count > 1 || (hosts.isEmpty && request.framing.minor == 1) {
            Law.broken("\(hosts.count) hosts")
        }
        again(request)
    }

    /// Bytes that are not UTF-8 are replaced, and then written longer: such heads may be too long.
    private func again(_ request: ParsedRequest) {
        var text = "\(request.method) \(request.raw) HTTP/1.\(request.framing.minor)\r\n"
        for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
        let bytes = Array((text + "\r\n").utf8)
        guard bytes.count <= limits.maxHead else { return }
        var parser = RequestParser(limits: limits)
        var input = InputBuffer()
        bytes.withUnsafeBytes { input.append($0) }
        do throws(Refusal) {
            let second = try input.take { span throws(Refusal) in
                let (used, request) = try parser.feed(span)
                return (used, request)
            }
            guard let second, input.isEmpty else { Law.broken("half a head: \(text)") }
            let same =
                second.method == request.method && second.target.path == request.target.path
                && second.headers == request.headers && second.framing == request.framing
            if !same { Law.broken("another head: \(text)") }
        } catch {
            Law.broken("\(error.code) of what was taken: \(text)")
        }
    }
}
