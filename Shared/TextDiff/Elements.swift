/// A text cut into what is compared: its bytes, and where each element ends.
struct Elements {
    let bytes: [UInt8]
    /// Of element i; it begins where the one before ends.
    let ends: [Int32]

    var count: Int { ends.count }

    init(linesOf text: String) {
        bytes = Array(text.utf8)
        ends = Self.cut(bytes, most: .max) { _, previous in previous == Self.newline } ?? []
    }

    /// nil for more than `most` words and blanks.
    init?(wordsOf text: String, most: Int) {
        bytes = Array(text.utf8)
        let ends = Self.cut(bytes, most: most) { byte, previous in
            Self.isWord(byte) != Self.isWord(previous)
                || Self.isSpace(byte) != Self.isSpace(previous)
                || byte == Self.newline && previous == Self.newline
                || !Self.isWord(byte) && !Self.isSpace(byte)
        }
        guard let ends else { return nil }
        self.ends = ends
    }

    init(_ parts: [Substring]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.utf8.count })
        ends = parts.map { part in
            bytes += part.utf8
            return Int32(clamping: bytes.count)
        }
        self.bytes = bytes
    }

    func range(_ elements: Range<Int>) -> Range<Int> {
        start(elements.lowerBound)..<start(elements.upperBound)
    }

    func bytes(_ element: Int) -> ArraySlice<UInt8> { bytes[range(element..<element + 1)] }

    func text(_ elements: Range<Int>) -> String {
        String(decoding: bytes[range(elements)], as: UTF8.self)
    }

    private func start(_ element: Int) -> Int { element == 0 ? 0 : Int(ends[element - 1]) }

    /// The text cut before each byte at which `begins` holds. Cuts lie at ASCII bytes or next to
    /// one, so never within a character's bytes.
    private static func cut(
        _ bytes: [UInt8], most: Int, where begins: (UInt8, UInt8) -> Bool
    ) -> [Int32]? {
        // Beyond, nothing is compared.
        guard bytes.count < Int32.max, !bytes.isEmpty else {
            return bytes.isEmpty ? [] : [Int32.max]
        }
        var ends: [Int32] = []
        for index in 1..<bytes.count where begins(bytes[index], bytes[index - 1]) {
            guard ends.count < most else { return nil }
            ends.append(Int32(index))
        }
        ends.append(Int32(bytes.count))
        return ends.count > most ? nil : ends
    }

    private static let newline = UInt8(ascii: "\n")

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte >= 0x80
    }
}

extension Elements {
    /// Equal elements get equal numbers, which compare faster than text. By bytes: texts that only
    /// look the same differ.
    static func numbered(_ old: Elements, _ new: Elements) -> (old: [Int32], new: [Int32]) {
        var room = 16
        while room < 2 * (old.count + new.count) { room *= 2 }
        // Open addressing: an element's place among both texts', one more, so that 0 is free.
        var table = [Int32](repeating: 0, count: room)
        var numbers: [Int32] = []
        numbers.reserveCapacity(old.count + new.count)
        var known: Int32 = 0
        func content(_ element: Int) -> ArraySlice<UInt8> {
            element < old.count ? old.bytes(element) : new.bytes(element - old.count)
        }
        for element in 0..<old.count + new.count {
            let bytes = content(element)
            // Seeded by chance: nobody can choose words that all fall together.
            var hasher = Hasher()
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            var place = hasher.finalize() & (room - 1)
            while table[place] != 0, !bytes.elementsEqual(content(Int(table[place]) - 1)) {
                place = (place + 1) & (room - 1)
            }
            if table[place] == 0 {
                table[place] = Int32(element + 1)
                numbers.append(known)
                known += 1
            } else {
                numbers.append(numbers[Int(table[place]) - 1])
            }
        }
        return (Array(numbers[..<old.count]), Array(numbers[old.count...]))
    }
}
