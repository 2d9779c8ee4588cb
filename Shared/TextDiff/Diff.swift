/// What changed between two texts, by lines or by words.
///
/// The shortest script by Myers ("An O(ND) Difference Algorithm and Its Variations", 1986), within
/// a limit of work. Beyond it the texts are cut at what occurs once in both, where the limit allows
/// that; what then is too different still counts as replaced.
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
        let (old, new) = (Elements(linesOf: old), Elements(linesOf: new))
        let script = Script(old, new, limit: limit)
        return Diff(pieces: script.single(old, new), isCoarse: script.isCoarse)
    }

    /// By words and blanks, for marking changes within running text. Texts of too many words are
    /// compared by lines.
    public static func words(_ old: String, _ new: String, limit: Limit = .standard) -> Diff {
        if limit.isAnchored { return refined(old, new, limit: limit) }
        let most = limit.elements
        if let old = Elements(wordsOf: old, most: most),
            let new = Elements(wordsOf: new, most: most - old.count)
        {
            let script = Script(old, new, limit: limit)
            return Diff(pieces: script.runs(old, new), isCoarse: script.isCoarse)
        }
        let (old, new) = (Elements(linesOf: old), Elements(linesOf: new))
        return Diff(pieces: Script(old, new, limit: limit).runs(old, new), isCoarse: true)
    }

    /// By lines first, and by words where lines have changed.
    private static func refined(_ old: String, _ new: String, limit: Limit) -> Diff {
        let (before, after) = (Elements(linesOf: old), Elements(linesOf: new))
        let lines = Script(before, after, limit: limit)
        var left = limit
        left.comparisons = lines.comparisons
        var (pieces, isCoarse): ([Piece], Bool) = ([], false)
        var (gone, come) = ("", "")
        func add(_ piece: Piece) {
            if pieces.last?.kind == piece.kind {
                pieces[pieces.count - 1].text += piece.text
            } else {
                pieces.append(piece)
            }
        }
        func settle() {
            let most = limit.elements
            left.runs = max(limit.runs - pieces.count, 4)
            if let a = Elements(wordsOf: gone, most: most),
                let b = Elements(wordsOf: come, most: most - a.count)
            {
                let words = Script(a, b, limit: left)
                left.comparisons = words.comparisons
                isCoarse = isCoarse || words.isCoarse
                for piece in words.runs(a, b) { add(piece) }
            } else {
                isCoarse = true
                for piece in [Piece(.removed, gone), Piece(.added, come)] where piece.text != "" {
                    add(piece)
                }
            }
            (gone, come) = ("", "")
        }
        for piece in lines.runs(before, after) {
            switch piece.kind {
            case .removed: gone += piece.text
            case .added: come += piece.text
            case .same:
                settle()
                add(piece)
            }
        }
        settle()
        return Diff(pieces: pieces, isCoarse: isCoarse)
    }

    /// By elements that the caller has cut; each piece is one of them.
    public static func elements(
        _ old: [Substring], _ new: [Substring], limit: Limit = .standard
    ) -> Diff {
        let (old, new) = (Elements(old), Elements(new))
        let script = Script(old, new, limit: limit)
        return Diff(pieces: script.single(old, new), isCoarse: script.isCoarse)
    }

    /// How much work a diff may be.
    public struct Limit: Sendable, Hashable {
        /// Lines or words of both texts together.
        public var elements: Int
        /// Edits in one script; memory grows with their square.
        public var edits: Int
        /// Comparisons in all.
        public var comparisons: Int
        /// The runs of changed and unchanged elements.
        public var runs: Int
        /// True to cut texts that differ more at what occurs once in both.
        public var isAnchored: Bool

        public init(
            elements: Int, edits: Int, comparisons: Int = 1 << 28, runs: Int = .max,
            isAnchored: Bool = false
        ) {
            (self.elements, self.edits, self.comparisons) = (elements, edits, comparisons)
            (self.runs, self.isAnchored) = (runs, isAnchored)
        }

        /// All or nothing: what rests on a script must not change with how hard it was to find.
        public static let standard = Limit(elements: 400_000, edits: 1500)
        /// For showing: the best that a fraction of a second gives, of texts of some megabytes.
        public static let shown = Limit(
            elements: 1_000_000, edits: 1_000, comparisons: 40_000_000, runs: 20_000,
            isAnchored: true)
    }

    /// Whether the texts are the same.
    public var isEmpty: Bool { pieces.allSatisfy { $0.kind == .same } }
}

extension Diff {
    /// Running text with the changes marked in it: `[-gone-]` and `{+new+}`, as `git diff
    /// --word-diff` has them.
    public var marked: String {
        pieces.reduce(into: "") { text, piece in
            switch piece.kind {
            case .same: text += piece.text
            case .removed: text += "[-" + piece.text + "-]"
            case .added: text += "{+" + piece.text + "+}"
            }
        }
    }

    /// How many words came, or went.
    public func words(_ kind: Kind) -> Int {
        pieces.lazy.filter { $0.kind == kind }
            .reduce(0) { $0 + $1.text.split(whereSeparator: \.isWhitespace).count }
    }

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
        return "--- \(Self.name(oldName))\n+++ \(Self.name(newName))\n" + text(of: hunks)
    }

    /// On one line, whatever a document is called.
    private static func name(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
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
                if piece.text.utf8.last != UInt8(ascii: "\n") {
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
