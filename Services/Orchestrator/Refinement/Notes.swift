/// One thing that a reviewer wants changed.
public struct Note: Codable, Sendable, Hashable {
    /// Who said it.
    public var by: String
    public var text: String

    public init(by: String, text: String) {
        self.by = by
        self.text = text
    }
}

/// Takes the single notes out of a review.
public enum NoteReader {
    /// The most notes that are taken from one review, and the longest of them in bytes.
    static let most = 40
    static let longest = 2_000

    /// The reviewer's notes, in order. What the answer lists as notes counts; what it says of the same
    /// thing at length takes the place of the short form. Without a list its items are the notes, and
    /// without items its paragraphs.
    public static func notes(in answer: String, by reviewer: String, listed: [String]) -> [Note] {
        let body = withoutFences(answer)
        let items = items(in: body)
        let texts: [String]
        if listed.isEmpty {
            texts = items.isEmpty ? paragraphs(of: body) : items
        } else {
            texts = listed.map { note in
                let words = Words(note)
                return items.filter { Words($0).covers(words) }.max { $0.count < $1.count } ?? note
            }
        }
        var seen: Set<String> = []
        return texts.map { clipped($0.trimmed) }
            .filter { !$0.isEmpty && seen.insert($0.folded).inserted }
            .prefix(most).map { Note(by: reviewer, text: $0) }
    }

    private static func clipped(_ text: String) -> String {
        guard text.utf8.count > longest else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: longest)
        while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + "…"
    }

    private static func withoutFences(_ text: String) -> [String] {
        var isCode = false
        return text.lineList.filter { line in
            let content = line.trimmed
            if content.hasPrefix("```") || content.hasPrefix("~~~") {
                isCode.toggle()
                return false
            }
            return !isCode
        }
    }

    // MARK: Items

    /// The items of its lists, but for those under a heading that promises none to be changed.
    private static func items(in lines: [String]) -> [String] {
        var items: [String] = []
        var isOpen = false
        var isWanted = true
        for line in lines {
            let content = line.trimmed
            if content.isEmpty {
                isOpen = false
            } else if let item = item(content) {
                isOpen = isWanted
                if isWanted { items.append(item) }
            } else if let heading = heading(content) {
                (isOpen, isWanted) = (false, !unwanted.contains { heading.hasPrefix($0) })
            } else if isOpen {
                items[items.count - 1] += " " + content
            }
        }
        return items
    }

    private static let unwanted = [
        "figures", "score", "strength", "what works", "summary", "overall", "verdict", "praise",
    ]

    /// The text of a list's item; nil for other lines.
    private static func item(_ line: String) -> String? {
        let bytes = Array(line.utf8)
        if bytes.count > 2, "-*+".utf8.contains(bytes[0]), bytes[1] == 32 {
            return Byte.string(bytes[2...]).trimmed
        }
        if line.hasPrefix("• ") { return String(line.dropFirst(2)).trimmed }
        let digits = bytes.prefix(while: Byte.isDigit).count
        guard (1...3).contains(digits), digits + 1 < bytes.count, ".)".utf8.contains(bytes[digits]),
            bytes[digits + 1] == 32
        else { return nil }
        return Byte.string(bytes[(digits + 2)...]).trimmed
    }

    /// A line that names what follows: "## Notes", "**Notes**", "Notes:", or one word alone.
    private static func heading(_ line: String) -> String? {
        let plain = line.filter { !"#*_:".contains($0) }.trimmed.lowered
        let isMarked = line.hasPrefix("#") || line.hasSuffix(":") || line.hasPrefix("**")
        return plain.utf8.count <= 60 && (isMarked || !plain.contains(" ")) ? plain : nil
    }

    private static func paragraphs(of lines: [String]) -> [String] {
        lines.split(whereSeparator: { $0.trimmed.isEmpty })
            .map { $0.map(\.trimmed).joined(separator: " ") }
            .filter { heading($0) == nil }
    }
}

/// The words of a text that say what it is about.
struct Words: Sendable, Hashable {
    let all: Set<String>

    init(_ text: String) {
        let words = text.lowered.utf8
            .split { !Byte.isWord($0) }
            .filter { $0.count >= 3 }
            .map { Self.stem(Byte.string($0)) }
        all = Set(words).subtracting(Self.common)
    }

    private init(_ all: Set<String>) { self.all = all }

    /// Endings that change nothing about what is meant.
    private static func stem(_ word: String) -> String {
        for ending in ["ing", "ed", "es", "s"]
        where word.utf8.count > ending.utf8.count + 3 && word.hasSuffix(ending) {
            return String(word.dropLast(ending.count))
        }
        return word
    }

    private static let common: Set<String> = [
        "the", "and", "for", "that", "thi", "this", "with", "are", "was", "its", "has", "have",
        "not", "but", "you", "your", "can", "could", "should", "would", "here", "there", "into",
        "from", "which", "what", "than", "then", "also", "very", "too", "one", "all", "any", "may",
        "sentence", "paragraph", "section", "text", "document", "draft", "reader", "word",
    ]

    func without(_ words: Set<String>) -> Words { Words(all.subtracting(words)) }

    /// From 0, nothing in common, to 1.
    func likeness(to other: Words) -> Double {
        let union = all.union(other.all).count
        return union == 0 ? 0 : Double(all.intersection(other.all).count) / Double(union)
    }

    /// Whether nearly all words of the other, if they are enough to tell, are among these.
    func covers(_ other: Words) -> Bool {
        guard other.all.count >= 3 else { return false }
        return Double(all.intersection(other.all).count) >= 0.75 * Double(other.all.count)
    }
}
