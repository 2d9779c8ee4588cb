/// What changed between two texts, by lines or by words.
///
/// The shortest script by Myers ("An O(ND) Difference Algorithm and Its Variations", 1986), within
/// a limit of work; beyond it everything between the common beginning and end counts as replaced.
public struct Diff: Sendable, Hashable, Codable {
    /// What became of a stretch of text.
    public enum Kind: String, Sendable, Hashable, Codable {
        case same, removed, added
    }

    /// A stretch of text that stayed, went or came.
    public struct Piece: Sendable, Hashable, Codable {
        public var kind: Kind
        public var text: String

        public init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// The stretches in order: those that are not `added` make the old text, those not `removed`
    /// the new one. By lines each piece is a line, by words a run of them.
    public let pieces: [Piece]
    /// Whether the texts were too different, or too long, for the shortest script.
    public let isCoarse: Bool

    /// By lines, for showing two versions of a document.
    public static func lines(_ old: String, _ new: String, limit: Limit = .standard) -> Diff {
        let (edits, isCoarse) = Myers.edits(cutLines(old), cutLines(new), limit: limit)
        return Diff(pieces: edits, isCoarse: isCoarse)
    }

    /// By words and blanks, for marking changes within running text.
    public static func words(_ old: String, _ new: String, limit: Limit = .standard) -> Diff {
        let (edits, isCoarse) = Myers.edits(cutWords(old), cutWords(new), limit: limit)
        var merged: [Piece] = []
        for edit in edits {
            if merged.last?.kind == edit.kind {
                merged[merged.count - 1].text += edit.text
            } else {
                merged.append(edit)
            }
        }
        return Diff(pieces: merged, isCoarse: isCoarse)
    }

    /// How much work a diff may be.
    public struct Limit: Sendable, Hashable {
        /// Lines or words of both texts together.
        public var elements: Int
        /// Edits in the script; memory grows with their square.
        public var edits: Int

        public init(elements: Int, edits: Int) {
            self.elements = elements
            self.edits = edits
        }

        public static let standard = Limit(elements: 400_000, edits: 1500)
    }

    /// Whether the texts are the same.
    public var isEmpty: Bool { pieces.allSatisfy { $0.kind == .same } }

    private static func cutLines(_ text: String) -> [Substring] {
        cut(text) { _, previous in previous == Byte.newline }
    }

    private static func cutWords(_ text: String) -> [Substring] {
        cut(text) { byte, previous in
            Byte.isWord(byte) != Byte.isWord(previous)
                || Byte.isSpace(byte) != Byte.isSpace(previous)
                || byte == Byte.newline && previous == Byte.newline
                || !Byte.isWord(byte) && !Byte.isSpace(byte)
        }
    }

    /// The text cut before each byte at which `begins` holds. Cuts lie at ASCII bytes or next to
    /// one, so never within a character's bytes.
    private static func cut(_ text: String, where begins: (UInt8, UInt8) -> Bool) -> [Substring] {
        var parts: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        var previous: UInt8?
        for index in bytes.indices {
            let byte = bytes[index]
            if let previous, begins(byte, previous) {
                parts.append(Substring(bytes[start..<index]))
                start = index
            }
            previous = byte
        }
        if start < bytes.endIndex { parts.append(Substring(bytes[start...])) }
        return parts
    }
}

extension Diff {
    /// The unified form that `patch` reads. Only for a diff by lines; empty when nothing changed.
    public func unified(from oldName: String, to newName: String, context: Int = 3) -> String {
        let changed = pieces.indices.filter { pieces[$0].kind != .same }
        guard let first = changed.first else { return "" }
        let context = min(max(context, 0), 1000)
        var hunks: [Range<Int>] = []
        var start = max(0, first - context)
        var end = first + 1
        for index in changed.dropFirst() {
            if index - end > 2 * context {
                hunks.append(start..<min(pieces.count, end + context))
                start = index - context
            }
            end = index + 1
        }
        hunks.append(start..<min(pieces.count, end + context))
        return "--- \(oldName.oneLine)\n+++ \(newName.oneLine)\n" + text(of: hunks)
    }

    private func text(of hunks: [Range<Int>]) -> String {
        var out = ""
        var at = 0
        var (old, new) = (1, 1)
        for hunk in hunks {
            for piece in pieces[at..<hunk.lowerBound] { count(piece, &old, &new) }
            let (oldStart, newStart) = (old, new)
            var body = ""
            for piece in pieces[hunk] {
                count(piece, &old, &new)
                body += piece.kind == .same ? " " : piece.kind == .added ? "+" : "-"
                body += piece.text
                if piece.text.utf8.last != Byte.newline {
                    body += "\n\\ No newline at end of file\n"
                }
            }
            at = hunk.upperBound
            out += "@@ -\(span(oldStart, old)) +\(span(newStart, new)) @@\n" + body
        }
        return out
    }

    private func count(_ piece: Piece, _ old: inout Int, _ new: inout Int) {
        if piece.kind != .added { old += 1 }
        if piece.kind != .removed { new += 1 }
    }

    /// An empty stretch is named by the line before it.
    private func span(_ start: Int, _ end: Int) -> String {
        let length = end - start
        if length == 1 { return "\(start)" }
        return "\(length == 0 ? start - 1 : start),\(length)"
    }
}
