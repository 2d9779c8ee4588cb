/// Passages that agents must leave as they are, and the code that sees to it.
///
/// A lock is the passage's own text, wherever it stands: positions move with every turn. What a model
/// is told of it is a courtesy; what counts is `enforce`, after each answer.
public enum Locks {
    /// The sizes that locks have to keep to.
    public enum Limit {
        public static let count = 100
        public static let bytes = 20_000
    }

    /// What became of an answer that may have touched locked passages.
    struct Outcome: Sendable, Hashable {
        /// The answer with every locked passage as it was.
        var text: String
        /// The changes that were made, and those that were refused.
        var made: [Hunk]
        var refused: [Hunk]
        /// The text before, as the changes count it.
        var passages: [Substring]
    }

    /// How often a passage stands in a text, none overlapping the next.
    public static func count(of lock: String, in text: String) -> Int {
        places(of: lock, in: Array(text.utf8)).count
    }

    /// Takes of an answer what leaves the locked passages alone.
    ///
    /// A passage may move with the text around it as long as it stays whole. Where an answer changes
    /// one, every change that touches it is refused; where even that does not help, the whole answer.
    static func enforce(_ locks: [String], before: String, after: String) -> Outcome {
        let old = Passages.cut(before)
        let hunks = Hunk.between(old, Passages.cut(after))
        let present = locks.compactMap { lock -> (text: String, count: Int)? in
            let count = count(of: lock, in: before)
            return count > 0 ? (lock, count) : nil
        }
        func holds(_ text: String) -> Bool {
            present.allSatisfy { count(of: $0.text, in: text) == $0.count }
        }
        if holds(after) { return Outcome(text: after, made: hunks, refused: [], passages: old) }
        let locked = lockedPassages(present.map(\.text), in: before, old)
        let touching = hunks.map { touches($0, locked, present.map(\.text)) }
        let made = zip(hunks, touching).filter { !$0.1 }.map(\.0)
        let text = Hunk.apply(made, to: old)
        guard holds(text) else {
            return Outcome(text: before, made: [], refused: hunks, passages: old)
        }
        let refused = zip(hunks, touching).filter(\.1).map(\.0)
        return Outcome(text: text, made: made, refused: refused, passages: old)
    }

    /// Whether a change lies in a locked run of passages, or puts a locked text somewhere else.
    private static func touches(_ hunk: Hunk, _ locked: [Range<Int>], _ texts: [String]) -> Bool {
        let isInside = locked.contains { run in
            hunk.range.isEmpty
                ? run.lowerBound < hunk.range.lowerBound && hunk.range.lowerBound < run.upperBound
                : run.overlaps(hunk.range)
        }
        return isInside || texts.contains { count(of: $0, in: hunk.text) > 0 }
    }

    /// The passages that hold locked text, as runs.
    private static func lockedPassages(
        _ locks: [String], in text: String, _ passages: [Substring]
    ) -> [Range<Int>] {
        let bytes = Array(text.utf8)
        var ends: [Int] = []
        for passage in passages { ends.append((ends.last ?? 0) + passage.utf8.count) }
        return locks.flatMap { lock in
            places(of: lock, in: bytes).map { place in
                let first = ends.firstIndex { $0 > place.lowerBound } ?? 0
                let last = ends.firstIndex { $0 >= place.upperBound } ?? passages.count - 1
                return first..<last + 1
            }
        }
    }

    private static func places(of lock: String, in bytes: [UInt8]) -> [Range<Int>] {
        let needle = Array(lock.utf8)
        guard let first = needle.first, needle.count <= bytes.count else { return [] }
        var found: [Range<Int>] = []
        var at = 0
        while at <= bytes.count - needle.count {
            if bytes[at] == first, bytes[at..<at + needle.count].elementsEqual(needle) {
                found.append(at..<at + needle.count)
                at += needle.count
            } else {
                at += 1
            }
        }
        return found
    }
}
