/// Where the body ends and what happens to the connection, read from the head (RFC 9112, 6).
struct Framing: Sendable, Equatable {
    enum Body: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    var body = Body.none
    var minor: Int
    var keepAlive: Bool
    var expectsContinue = false

    /// Two fields that could disagree are refused even when they agree: whoever stands in front may
    /// have chosen the other one, and that is how requests are smuggled.
    init(_ headers: HTTPHeaders, minor: Int) throws(Refusal) {
        self.minor = minor
        keepAlive = minor == 1
        var hosts = 0
        var coded = false
        var closes = false
        var length: Int?
        for field in headers {
            switch field.name {
            case "host":
                hosts += 1
                guard RequestTarget.isHost(field.value) else { throw .badHost }
            case "content-length":
                guard length == nil else { throw .badLength }
                length = try Self.length(field.value)
            case "transfer-encoding":
                guard !coded, minor == 1 else { throw .badCoding }
                try Self.checkCoding(field.value)
                coded = true
            case "connection":
                for option in Self.list(field.value) {
                    if option == "close" { closes = true }
                    if option == "keep-alive" { keepAlive = true }
                }
            case "expect" where minor == 1:
                guard field.value.lowercased() == "100-continue" else { throw .badExpectation }
                expectsContinue = true
            default: break
            }
        }
        guard hosts == 1 || (hosts == 0 && minor == 0) else { throw .badHost }
        guard !(coded && length != nil) else { throw .ambiguousLength }
        if closes { keepAlive = false }
        if coded { body = .chunked }
        if let length, length > 0 { body = .length(length) }
        if body == .none { expectsContinue = false }
    }

    private static func length(_ value: String) throws(Refusal) -> Int {
        guard !value.isEmpty, value.utf8.allSatisfy(Bytes.isDigit) else { throw .badLength }
        // What does not fit is in any case more than any limit.
        guard value.utf8.count <= 18, let length = Int(value) else { throw .bodyTooLarge }
        return length
    }

    /// Only `chunked`, alone. Anything else last leaves the length unknown (RFC 9112, 6.3).
    private static func checkCoding(_ value: String) throws(Refusal) {
        let codings = list(value)
        guard codings.last == "chunked" else { throw .badCoding }
        guard codings.count == 1 else { throw .unknownCoding }
        guard value.utf8.count == "chunked".utf8.count else { throw .badCoding }
    }

    private static func list(_ value: String) -> [String] {
        value.lowercased().split(separator: ",").map { item in
            String(decoding: item.utf8.trimmingBlanks(), as: UTF8.self)
        }
    }
}

extension Substring.UTF8View {
    fileprivate func trimmingBlanks() -> Substring.UTF8View {
        var rest = self
        while let byte = rest.first, Bytes.isBlank(byte) { rest = rest.dropFirst() }
        while let byte = rest.last, Bytes.isBlank(byte) { rest = rest.dropLast() }
        return rest
    }
}
