/// The request target taken apart (RFC 9112, 3.2): origin, absolute and asterisk form.
struct RequestTarget: Sendable {
    var path: String
    var query: [(name: String, value: String)] = []
    /// The host of the absolute form, which then counts instead of the `Host` field.
    var authority: String?

    init(_ raw: String, method: String) throws(Refusal) {
        guard method != "CONNECT" else { throw .unknownMethod }
        if raw == "*" {
            guard method == "OPTIONS" else { throw .badTarget }
            path = "*"
            return
        }
        if Self.isPlain(raw) {
            path = raw
            return
        }
        var rest = raw[...]
        if rest.utf8.first != Bytes.slash { authority = try Self.takeAuthority(&rest) }
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw .badTarget }
        let mark = rest.utf8.firstIndex(of: Bytes.question) ?? rest.endIndex
        path = try Self.path(rest[..<mark])
        guard mark < rest.endIndex else { return }
        query = try Self.query(rest[rest.utf8.index(after: mark)...])
    }

    /// Most targets: a path of characters that stand for themselves, without a query and without a
    /// segment that begins with a dot.
    private static func isPlain(_ raw: String) -> Bool {
        var before: UInt8 = 0
        for byte in raw.utf8 {
            switch byte {
            case Bytes.slash: break
            case Bytes.dot where before != Bytes.slash && before != 0: break
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"):
                guard before != 0 else { return false }
            default: return false
            }
            before = byte
        }
        return before != 0
    }

    private static func takeAuthority(_ rest: inout Substring) throws(Refusal) -> String {
        let colon = rest.utf8.firstIndex(of: Bytes.colon) ?? rest.endIndex
        let scheme = rest[..<colon].lowercased()
        guard scheme == "http" || scheme == "https", rest[colon...].hasPrefix("://") else {
            throw .badTarget
        }
        let after = rest[rest.utf8.index(colon, offsetBy: 3)...]
        let end = after.utf8.firstIndex { $0 == Bytes.slash || $0 == Bytes.question }
        let authority = String(after[..<(end ?? after.endIndex)])
        guard !authority.isEmpty, isHost(authority) else { throw .badTarget }
        rest = after[(end ?? after.endIndex)...]
        return authority
    }

    private static func path(_ raw: Substring) throws(Refusal) -> String {
        guard !raw.isEmpty else { return "/" }
        let bytes = try decode(raw, plus: false)
        // The escapes are undone first, so that %2e%2e and %2f cannot smuggle a segment in.
        for segment in bytes.split(separator: Bytes.slash) {
            let dots = segment.count <= 2 && segment.allSatisfy { $0 == Bytes.dot }
            guard !dots else { throw .badTarget }
        }
        guard !bytes.contains(where: { $0 < 32 || $0 == 127 }) else { throw .badTarget }
        return try text(bytes)
    }

    private static func query(
        _ raw: Substring
    ) throws(Refusal) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for part in raw.split(separator: "&") {
            let sign = part.firstIndex(of: "=") ?? part.endIndex
            let name = try text(decode(part[..<sign], plus: true))
            let value = try text(decode(part[sign...].dropFirst(), plus: true))
            found.append((name, value))
        }
        return found
    }

    private static func decode(_ raw: Substring, plus: Bool) throws(Refusal) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.utf8.count)
        var bytes = raw.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == Bytes.percent else {
                out.append(plus && byte == Bytes.plus ? Bytes.space : byte)
                continue
            }
            guard let high = bytes.next().flatMap(Bytes.hexValue),
                let low = bytes.next().flatMap(Bytes.hexValue)
            else { throw .badTarget }
            out.append(UInt8(high << 4 | low))
        }
        return out
    }

    private static func text(_ bytes: [UInt8]) throws(Refusal) -> String {
        // A NUL ends a C string early; no honest client sends one, in a path or in a query.
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw .badTarget
        }
        return text
    }

    /// Whether this can be `uri-host [ ":" port ]`: no user, no path, no list.
    static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            Bytes.isDigit(byte) || Bytes.isLetter(byte) || "-._~%!$&'()*+;=:[]".utf8.contains(byte)
        }
    }
}
