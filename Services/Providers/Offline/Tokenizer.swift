/// Cuts running Markdown text into tokens, so that what must not be edited is one token.
///
/// Every search forward for a closing sign has a limit, which keeps the time linear.
struct Tokenizer {
    private let bytes: [UInt8]
    private var at = 0
    private var tokens: [Token] = []
    /// Lengths of runs of backticks that have no second run of that length ahead.
    private var lonelyTicks: Set<Int> = []

    /// For each pattern searched in vain, where that search ended.
    private var emptyUntil: [String: Int] = [:]

    private static let reach = 400

    static func tokens(of text: String) -> [Token] {
        var tokenizer = Tokenizer(bytes: Array(text.utf8))
        while tokenizer.at < tokenizer.bytes.count { tokenizer.next() }
        return tokenizer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() {
        let byte = bytes[at]
        if Byte.isSpace(byte) {
            return add(.space, to: end(from: at) { Byte.isSpace($0) })
        }
        switch byte {
        case UInt8(ascii: "`"): return code()
        case UInt8(ascii: "\\"):
            guard at + 1 < bytes.count else { break }
            return add(.kept, to: at + 1 + scalarLength(at + 1))
        case UInt8(ascii: "!") where peek(1) == UInt8(ascii: "["):
            if let close = find("](", from: at), let end = find(")", from: close) {
                return add(.kept, to: end + 1)
            }
        case UInt8(ascii: "["):
            // Only the text of a link with an address is text; any other bracket may be a name.
            if let close = find("]", from: at), peek(close - at + 1) != UInt8(ascii: "(") {
                return add(.kept, to: close + 1)
            }
        case UInt8(ascii: "]") where peek(1) == UInt8(ascii: "("):
            if let end = find(")", from: at) { return add(.kept, to: end + 1) }
        case UInt8(ascii: "<"):
            let second = peek(1)
            if Byte.isLetter(second) || second == UInt8(ascii: "/") || second == UInt8(ascii: "!"),
                let end = find(">", from: at)
            {
                return add(.kept, to: codeElementEnd(from: at) ?? end + 1)
            }
        case UInt8(ascii: "\""): if quotation(closing: "\"") { return }
        case 0xE2 where matches([0xE2, 0x80, 0x9C], at: at):
            if quotation(closing: "\u{201D}") { return }
        default: break
        }
        run()
    }

    private mutating func add(_ kind: Token.Kind, to end: Int) {
        tokens.append(Token(kind, Byte.string(bytes[at..<end])))
        at = end
    }

    private func peek(_ offset: Int) -> UInt8 {
        at + offset < bytes.count ? bytes[at + offset] : 0
    }

    private func end(from start: Int, while matches: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, matches(bytes[end]) { end += 1 }
        return end
    }

    private func matches(_ pattern: [UInt8], at index: Int) -> Bool {
        guard index + pattern.count <= bytes.count else { return false }
        for offset in pattern.indices where bytes[index + offset] != pattern[offset] {
            return false
        }
        return true
    }

    /// Where the pattern begins, after `start` and within reach.
    private mutating func find(_ pattern: String, from start: Int) -> Int? {
        let bytesOfPattern = Array(pattern.utf8)
        let limit = min(bytes.count, start + Self.reach)
        // What an earlier search found empty is not searched again.
        var index = max(start + 1, emptyUntil[pattern] ?? 0)
        while index < limit {
            if bytes[index] == bytesOfPattern[0], matches(bytesOfPattern, at: index) {
                return index
            }
            index += 1
        }
        emptyUntil[pattern] = max(limit, emptyUntil[pattern] ?? 0)
        return nil
    }

    private mutating func code() {
        let length = end(from: at) { $0 == UInt8(ascii: "`") } - at
        guard !lonelyTicks.contains(length) else { return add(.mark, to: at + length) }
        var index = at + length
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "`") else {
                index += 1
                continue
            }
            let stop = end(from: index) { $0 == UInt8(ascii: "`") }
            if stop - index == length { return add(.kept, to: stop) }
            index = stop
        }
        lonelyTicks.insert(length)
        add(.mark, to: at + length)
    }

    /// The end of an HTML element that holds code.
    private mutating func codeElementEnd(from start: Int) -> Int? {
        for name in ["code", "kbd", "samp", "var", "pre"]
        where matches(Array("<\(name)>".utf8), at: start) {
            let closing = "</\(name)>"
            return find(closing, from: start).map { $0 + closing.utf8.count }
        }
        return nil
    }

    private mutating func quotation(closing: String) -> Bool {
        let before = at == 0 ? Byte.space : bytes[at - 1]
        guard Byte.isSpace(before) || "(*_[".utf8.contains(before) else { return false }
        guard let close = find(closing, from: at) else { return false }
        let end = close + closing.utf8.count
        guard end == bytes.count || !Byte.isWord(bytes[end]) else { return false }
        add(.quote, to: end)
        return true
    }

    /// A run without blanks and brackets: a word, or one thing to keep such as a path, or a mark.
    private mutating func run() {
        let stop = end(from: at) { !Byte.isSpace($0) && !"`[]()*\"<>!".utf8.contains($0) }
        var last = stop
        while last > at, ".,;:?'_~-".utf8.contains(bytes[last - 1]) { last -= 1 }
        let wordStart = at < bytes.count && (Byte.isWord(bytes[at]) && !isPunctuation(at))
        if last > at, !"_'~-.,;:?".utf8.contains(bytes[at]) || isPath(at, last),
            isOpaque(at..<last) || bytes[at] == UInt8(ascii: "-")
        {
            return add(.kept, to: last)
        }
        guard wordStart else { return add(.mark, to: at + scalarLength(at)) }
        add(.word, to: wordEnd())
    }

    /// A dot or tilde that begins a path or a file's name, or the dashes of a command's option.
    private func isPath(_ start: Int, _ end: Int) -> Bool {
        let first = bytes[start]
        if first == UInt8(ascii: "-"), start == 0 || Byte.isSpace(bytes[start - 1]) {
            let rest = bytes[start + 1..<end].drop { $0 == UInt8(ascii: "-") }
            return rest.first.map(Byte.isLetter) ?? false
        }
        guard first == UInt8(ascii: ".") || first == UInt8(ascii: "~"), end - start > 1 else {
            return false
        }
        return bytes[start + 1] == UInt8(ascii: "/") || Byte.isLetter(bytes[start + 1])
    }

    /// Whether a run holds what no plain word holds.
    private func isOpaque(_ range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            if "/@_={}$#~^|\\%&+".utf8.contains(byte) { return true }
            guard ".:,".utf8.contains(byte), index > range.lowerBound, index + 1 < range.upperBound
            else { continue }
            let (before, after) = (bytes[index - 1], bytes[index + 1])
            // A comma glued between two words is a slip, and a break between words here.
            if byte == UInt8(ascii: ",") {
                if Byte.isDigit(before), Byte.isDigit(after) { return true }
            } else if Byte.isWord(before), Byte.isWord(after) {
                return true
            }
        }
        return range.lowerBound < range.upperBound && bytes[range.lowerBound] == UInt8(ascii: ".")
    }

    private func wordEnd() -> Int {
        var index = at
        while index < bytes.count {
            let byte = bytes[index]
            if Byte.isWord(byte), !isPunctuation(index) {
                index += scalarLength(index)
                continue
            }
            let joiner = byte == UInt8(ascii: "'") || byte == UInt8(ascii: "-")
            let width = joiner ? 1 : matches([0xE2, 0x80, 0x99], at: index) ? 3 : 0
            guard width > 0, index + width < bytes.count, Byte.isWord(bytes[index + width]),
                !isPunctuation(index + width)
            else { break }
            index += width
        }
        return index
    }

    private func scalarLength(_ index: Int) -> Int {
        let byte = bytes[index]
        let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        return min(length, bytes.count - index)
    }

    /// General punctuation (dashes, quotes, ellipsis), the no-break space, and the CJK marks.
    private func isPunctuation(_ index: Int) -> Bool {
        guard index + 1 < bytes.count else { return false }
        switch bytes[index] {
        case 0xC2: return bytes[index + 1] < 0xC0
        case 0xE2: return bytes[index + 1] == 0x80 || bytes[index + 1] == 0x81
        case 0xE3: return bytes[index + 1] == 0x80
        case 0xEF: return bytes[index + 1] == 0xBC
        default: return false
        }
    }
}
