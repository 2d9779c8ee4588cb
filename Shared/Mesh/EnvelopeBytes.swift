/// The few CBOR items (RFC 8949) that an envelope is made of, written in their shortest form.
///
/// Readers here take that form only and answer nil to all else, which then goes to the decoder.
extension [UInt8] {
    /// Bytes of the largest head of a body: no message has four gigabytes.
    private static var widest: Int { 5 }

    mutating func append(head major: UInt8, _ value: Int) {
        switch value {
        case ..<24: append(major | UInt8(truncatingIfNeeded: value))
        case ..<0x100: append(head: major | 24, value, bytes: 1)
        case ..<0x1_0000: append(head: major | 25, value, bytes: 2)
        case ..<0x1_0000_0000: append(head: major | 26, value, bytes: 4)
        default: append(head: major | 27, value, bytes: 8)
        }
    }

    private mutating func append(head: UInt8, _ value: Int, bytes: Int) {
        append(head)
        for place in stride(from: (bytes - 1) * 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> place))
        }
    }

    mutating func append(key: UInt8, text: String) {
        append(key)
        append(head: 0x60, text.utf8.count)
        append(contentsOf: text.utf8)
    }

    /// Appends a byte string that `write` writes where it stays: its head comes afterwards, when
    /// its length is known.
    mutating func appendBody<Failure: Error>(
        key: UInt8, _ write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        append(key)
        let start = count
        for _ in 0..<Self.widest { append(0) }
        try write(&self)
        let length = count - start - Self.widest
        precondition(length < 1 << 32, "a body of four gigabytes")
        var head: [UInt8] = []
        head.append(head: 0x40, length)
        // Only a short body moves: a long one has the widest head.
        replaceSubrange(start..<start + Self.widest, with: head)
    }

    /// The value of a head of one major type.
    func head(_ major: UInt8, _ at: inout Int) -> Int? {
        guard at < count else { return nil }
        let first = self[at]
        guard first & 0xE0 == major else { return nil }
        let info = Int(first & 31)
        guard info >= 24 else {
            at += 1
            return info
        }
        guard info <= 26 else { return nil }
        let width = 1 << (info - 24)
        guard count - at > width else { return nil }
        var value = 0
        for index in 1...width { value = value << 8 | Int(self[at + index]) }
        guard value >= (width == 1 ? 24 : 1 << (width * 4)) else { return nil }
        at += 1 + width
        return value
    }

    func text(key: UInt8, _ at: inout Int) -> String? {
        guard at < count, self[at] == key else { return nil }
        var place = at + 1
        guard let length = head(0x60, &place), length <= count - place else { return nil }
        at = place + length
        return withUnsafeBufferPointer { bytes in
            String(validating: bytes[place..<place + length], as: UTF8.self)
        }
    }

    /// The byte string that ends the message.
    func body(key: UInt8, _ at: inout Int) -> Range<Int>? {
        guard at < count, self[at] == key else { return nil }
        at += 1
        guard let length = head(0x40, &at), length == count - at else { return nil }
        return at..<count
    }
}
