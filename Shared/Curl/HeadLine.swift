/// One line of a response's head, taken apart (RFC 9112, 4 and 5). It holds nothing of its own.
enum HeadLine {
    typealias Text = Slice<UnsafeRawBufferPointer>

    /// The version without its name, as in `1.1`; the code is zero when it is none.
    case status(Int, version: Text)
    /// The blanks around the value are left to who reads it.
    case field(Text, Text)
    case end
    case other

    /// Takes a line with its end.
    init(_ line: UnsafeRawBufferPointer) {
        let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
        if text.isEmpty {
            self = .end
        } else if text.starts(with: "HTTP/".utf8) {
            let version = text.dropFirst(5).prefix { $0 != 0x20 }
            self = .status(Self.code(text[version.endIndex...].dropFirst()), version: version)
        } else if let colon = text.firstIndex(of: 0x3A) {
            self = .field(text[..<colon], text[(colon + 1)...])
        } else {
            self = .other
        }
    }

    private static func code(_ text: Text) -> Int {
        let digits = text.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return 0 }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// True for two names of one field, which have no case.
    static func sameName(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
