/// A media type's form: `type/subtype`, perhaps with parameters (RFC 9110, section 8.3.1). What it
/// names need not exist.
enum ContentType {
    static let maxBytes = 200

    /// What is wrong with `text`, or nil.
    static func fault(_ text: String) -> String? {
        if text.utf8.count > maxBytes { return "has more than \(maxBytes) bytes" }
        var rest = Array(text.utf8)[...]
        let isType = takeToken(&rest) && take(UInt8(ascii: "/"), &rest) && takeToken(&rest)
        guard isType else { return "is no media type: type/subtype is wanted" }
        while !rest.isEmpty {
            skipSpace(&rest)
            let isSeparated = take(UInt8(ascii: ";"), &rest)
            skipSpace(&rest)
            let isNamed = takeToken(&rest) && take(UInt8(ascii: "="), &rest)
            guard isSeparated, isNamed, takeToken(&rest) || takeQuoted(&rest) else {
                return "has a parameter that is not name=value"
            }
        }
        return nil
    }

    private static func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private static func skipSpace(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop { $0 == 32 || $0 == 9 }
    }

    private static func takeToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let after = rest.drop(while: isTokenByte)
        defer { rest = after }
        return after.startIndex > rest.startIndex
    }

    /// A quoted string; a backslash takes the next byte as it is.
    private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
        guard take(UInt8(ascii: "\""), &rest) else { return false }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte < 32 && byte != 9 || byte == 127 { return false }
            if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
        }
        return false
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
