import TextDiff

/// Cuts text where people change it: at line ends, and between the sentences of a line.
///
/// A finer cut would mend half of a sentence from one hand and half from another, a coarser one would
/// call two changes in one paragraph a conflict.
enum Passages {
    /// The passages in order, each with the blanks behind it; joined, they are the text exactly.
    static func cut(_ text: String) -> [Substring] {
        let bytes = Array(text.utf8)
        var parts: [Substring] = []
        var index = text.utf8.startIndex
        var start = 0
        for end in ends(in: bytes) {
            let next = text.utf8.index(index, offsetBy: end - start)
            parts.append(text[index..<next])
            (index, start) = (next, end)
        }
        return parts
    }

    /// Where the passages end, as offsets.
    private static func ends(in bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var at = 0
        while at < bytes.count {
            at += 1
            if bytes[at - 1] == Byte.newline {
                ends.append(at)
            } else if let end = sentenceEnd(in: bytes, after: at) {
                ends.append(end)
                at = end
            }
        }
        if ends.last != bytes.count, !bytes.isEmpty { ends.append(bytes.count) }
        return ends
    }

    /// Where the next sentence begins, when the byte before `at` ends one.
    private static func sentenceEnd(in bytes: [UInt8], after at: Int) -> Int? {
        if at >= 3, wideStops.contains([bytes[at - 3], bytes[at - 2], bytes[at - 1]]) {
            return at < bytes.count && bytes[at] != Byte.newline ? at : nil
        }
        guard ".!?".utf8.contains(bytes[at - 1]) else { return nil }
        var end = at
        // Closing quotes and brackets belong to the sentence, also the curly ones.
        while end < bytes.count, "\"')]*_".utf8.contains(bytes[end]) || bytes[end] >= 0x80,
            end - at < 6
        {
            end += 1
        }
        let blanks = end
        while end < bytes.count, bytes[end] == 32 || bytes[end] == 9 { end += 1 }
        guard end > blanks, end < bytes.count, bytes[end] != Byte.newline else { return nil }
        return end
    }

    /// The full stops of scripts that put no blank behind them, in UTF-8.
    private static let wideStops: Set<[UInt8]> = [
        [0xE3, 0x80, 0x82], [0xEF, 0xBC, 0x81], [0xEF, 0xBC, 0x9F],
    ]
}

/// A run of passages of one text, and what stands in their place in another.
struct Hunk: Sendable, Hashable {
    /// Which passages of the old text; empty where something is only added.
    var range: Range<Int>
    /// What they become.
    var text: String

    /// The changes from one text to the other, in order. A passage that was reworded is a change of its
    /// own, also next to another one.
    static func between(_ old: [Substring], _ new: [Substring]) -> [Hunk] {
        let pieces = Diff.elements(old, new).pieces
        var hunks: [Hunk] = []
        var at = 0
        var start = 0
        var added: [String] = []
        func close() {
            guard start < at || !added.isEmpty else { return }
            hunks += Rewording.split(old[start..<at], added)
        }
        for piece in pieces {
            switch piece.kind {
            case .removed: at += 1
            case .added: added.append(piece.text)
            case .same:
                close()
                at += 1
                (start, added) = (at, [])
            }
        }
        close()
        return hunks
    }

    /// Joins neighbours until there are no more than so many.
    static func joined(_ hunks: [Hunk], of old: [Substring], most: Int) -> [Hunk] {
        var (hunks, gap) = (hunks, 1)
        while hunks.count > most {
            var wider: [Hunk] = []
            for hunk in hunks {
                guard let last = wider.last,
                    hunk.range.lowerBound - last.range.upperBound <= gap
                else {
                    wider.append(hunk)
                    continue
                }
                let between = old[last.range.upperBound..<hunk.range.lowerBound].joined()
                wider[wider.count - 1] = Hunk(
                    range: last.range.lowerBound..<hunk.range.upperBound,
                    text: last.text + between + hunk.text)
            }
            (hunks, gap) = (wider, gap * 2)
        }
        return hunks
    }

    /// The old text with these changes made.
    static func apply(_ hunks: [Hunk], to old: [Substring], in range: Range<Int>? = nil) -> String {
        let range = range ?? old.indices
        var (out, at) = ("", range.lowerBound)
        for hunk in hunks {
            out += old[at..<hunk.range.lowerBound].joined() + hunk.text
            at = hunk.range.upperBound
        }
        return out + old[at..<range.upperBound].joined()
    }

    /// Whether two changes of one text cannot both be made without a choice.
    func collides(with other: Hunk) -> Bool {
        if range.isEmpty, other.range.isEmpty { return range == other.range }
        if range.isEmpty { return other.holdsInside(range.lowerBound) }
        if other.range.isEmpty { return holdsInside(other.range.lowerBound) }
        return range.overlaps(other.range)
    }

    private func holdsInside(_ place: Int) -> Bool {
        range.lowerBound < place && place < range.upperBound
    }
}
