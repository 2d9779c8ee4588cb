/// The few CBOR items (RFC 8949) that an envelope is made of, written in their shortest form.
///
/// Readers here take that form only and answer nil to all else, which then goes to the decoder.
extension [UInt8] {
    /// Bytes of the largest head of a body: no message has four gigabytes.
    private static var widest: Int { 5 }

    private static func width(_ value: Int) -> Int {
        value < 24 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : 5
    }

    /// Appends the head of one major type around a number below 2³².
    mutating func append(head major: UInt8, _ value: Int) {
        let place = count
        for _ in 0..<Self.width(value) { append(0) }
        set(head: major, value, at: place)
    }

    private mutating func set(head major: UInt8, _ value: Int, at place: Int) {
        let width = Self.width(value)
        guard width > 1 else {
            self[place] = major | UInt8(truncatingIfNeeded: value)
            return
        }
        self[place] = major | (width == 2 ? 24 : width == 3 ? 25 : 26)
        for index in 1..<width {
            self[place + index] = UInt8(truncatingIfNeeded: value >> ((width - 1 - index) * 8))
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
        set(head: 0x40, length, at: start)
        // Only a short body moves: a long one has the widest head.
        removeSubrange(start + Self.width(length)..<start + Self.widest)
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
            let text = UnsafeBufferPointer(rebasing: bytes[place..<at])
            // Names are ASCII. What is not goes to the decoder, which knows UTF-8.
            guard text.allSatisfy({ $0 < 0x80 }) else { return nil }
            return String(decoding: text, as: UTF8.self)
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
