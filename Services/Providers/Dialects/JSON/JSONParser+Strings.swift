extension JSONParser {
    /// Reads a text whose first quote is next.
    mutating func string() throws(JSONError) -> String {
        place += 1
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case 0x22:
                let text = try validated(bytes[start..<place], at: start)
                place += 1
                return text
            case 0x5C: return try escaped(from: start)
            case 0..<0x20: throw failure()
            default: place += 1
            }
        }
        throw failure(.ends)
    }

    private func validated(
        _ slice: some Collection<UInt8>, at start: Int
    ) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONError(kind: .encoding, offset: start)
        }
        return text
    }

    /// The rest of a text in which an escape was found.
    private mutating func escaped(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case 0x22:
                place += 1
                return try validated(text, at: start)
            case 0x5C:
                place += 1
                try escape(into: &text)
            case 0..<0x20: throw failure()
            default:
                text.append(byte)
                place += 1
            }
        }
        throw failure(.ends)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard place < bytes.count else { throw failure(.ends) }
        let byte = bytes[place]
        place += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75: text += Array(String(try scalar()).utf8)
        default:
            place -= 1
            throw failure()
        }
    }

    /// One character of one or two escapes. Half a pair, as servers send it that cut a text
    /// between its halves, becomes the replacement character.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let after = place
        guard first < 0xDC00, after + 6 <= bytes.count, bytes[after] == 0x5C,
            bytes[after + 1] == 0x75
        else { return "\u{FFFD}" }
        place += 2
        let second = try unit()
        guard (0xDC00..<0xE000).contains(second) else {
            place = after
            return "\u{FFFD}"
        }
        let code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        guard place + 4 <= bytes.count else {
            place = bytes.count
            throw failure(.ends)
        }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Self.digit(bytes[place]) else { throw failure() }
            unit = unit << 4 | digit
            place += 1
        }
        return unit
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x37)
        case 0x61...0x66: UInt32(byte - 0x57)
        default: nil
        }
    }
}
