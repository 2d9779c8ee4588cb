/// What several reviewers said of one draft, as one list: each thing once, and where they disagree.
public struct MergedCritique: Codable, Sendable, Hashable {
    /// One thing to be changed.
    public struct Entry: Codable, Sendable, Hashable {
        /// From 1, in the order of the list.
        public var number: Int
        public var text: String
        /// Everybody who said it.
        public var by: [String]
        /// The numbers of the entries that ask for the opposite.
        public var conflicts: [Int]
    }

    public var entries: [Entry]
    /// How many notes said what another one had said.
    public var repeated: Int

    /// Merges notes; what several reviewers found comes first, else they take turns in their order.
    public init(_ notes: [[Note]]) {
        var found: [Found] = []
        var repeated = 0
        // In turns, so that a long review does not bury a short one.
        for index in 0..<(notes.map(\.count).max() ?? 0) {
            for list in notes where index < list.count {
                let note = list[index]
                if let at = found.firstIndex(where: { $0.says(the: note) }) {
                    found[at].take(note)
                    repeated += 1
                } else {
                    found.append(Found(note))
                }
            }
        }
        let names = notes.compactMap(\.first?.by)
        found = found.filter { $0.by.count > 1 } + found.filter { $0.by.count == 1 }
        entries = found.indices.map { index in
            let others = found.indices.filter { found[$0].contradicts(found[index]) }
            return Entry(
                number: index + 1, text: found[index].text,
                by: names.filter(found[index].by.contains),
                conflicts: others.map { $0 + 1 })
        }
        self.repeated = repeated
    }

    /// How many entries stand against another one.
    public var conflicts: Int { entries.count { !$0.conflicts.isEmpty } }

    /// The list as the next writer reads it.
    public var text: String {
        entries.map { entry in
            let others = entry.conflicts.map { "\($0)" }.joined(separator: " and ")
            let mark =
                others.isEmpty
                ? "" : " (against note \(others): choose one and keep to it)"
            return "\(entry.number). [\(entry.by.joined(separator: ", "))] \(entry.text)\(mark)"
        }.joined(separator: "\n")
    }

    /// A note on its way into the list, with what comparing it takes.
    private struct Found {
        var text: String
        var by: [String]
        private var words: Words
        private var quotes: [String]
        private let direction: Direction

        init(_ note: Note) {
            (text, by) = (note.text, [note.by])
            words = Words(note.text)
            quotes = Self.quotes(note.text)
            direction = Direction(of: note.text)
        }

        private static func quotes(_ text: String) -> [String] {
            Quotations.of(text).map(\.folded).filter { $0.utf8.count >= 8 }
        }

        /// Notes of one reviewer are never one: each was meant.
        func says(the note: Note) -> Bool {
            guard !by.contains(note.by) else { return false }
            let other = Found(note)
            guard !direction.isOpposite(to: other.direction) else { return false }
            let likeness = words.likeness(to: other.words)
            return likeness >= 0.6
                || sharesQuote(with: other) && (likeness >= 0.3 || isAlike(other))
                || isAlike(other) && (words.covers(other.words) || other.words.covers(words))
        }

        private func isAlike(_ other: Found) -> Bool {
            direction != .neither && direction == other.direction
        }

        private func sharesQuote(with other: Found) -> Bool {
            quotes.contains { mine in
                other.quotes.contains {
                    Search.contains($0, in: mine) || Search.contains(mine, in: $0)
                }
            }
        }

        mutating func take(_ note: Note) {
            by.append(note.by)
            words = Words(text + " " + note.text)
            quotes += Self.quotes(note.text)
            // The one that says more.
            if note.text.utf8.count > text.utf8.count { text = note.text }
        }

        /// Whether both are about one place and pull it in opposite directions.
        func contradicts(_ other: Found) -> Bool {
            guard direction.isOpposite(to: other.direction), by != other.by else { return false }
            if sharesQuote(with: other) { return true }
            let (mine, theirs) = (
                words.without(Direction.words), other.words.without(Direction.words)
            )
            let shared = mine.all.intersection(theirs.all).count
            return shared >= 2 && mine.likeness(to: theirs) >= 0.34 || shared >= 4
        }
    }

    /// Whether a note wants more of something or less.
    private enum Direction {
        case more, less, neither

        private static let raising: Set<String> = [
            "add", "expand", "extend", "elaborate", "develop", "lengthen", "longer", "keep",
            "restore",
            "retain", "include", "more", "detail", "strengthen", "insert", "leave",
        ]
        private static let lowering: Set<String> = [
            "cut", "remove", "delete", "drop", "shorten", "shorter", "trim", "omit", "condense",
            "less", "reduce", "compress", "tighten", "fewer", "simplify", "soften",
        ]
        static let words = raising.union(lowering)

        init(of text: String) {
            let words = text.lowered.utf8.split { !Byte.isWord($0) }.map { Byte.string($0) }
            var (ups, downs) = (0, 0)
            for (at, word) in words.enumerated() {
                // "leave out" is no "leave"; "do not cut" is no "cut".
                let isOut = word == "leave" && at + 1 < words.count && words[at + 1] == "out"
                let isDenied = words[max(0, at - 2)..<at].contains {
                    ["not", "don", "never"].contains($0)
                }
                let isMore = Self.raising.contains(word) && !isOut
                guard isMore || isOut || Self.lowering.contains(word) else { continue }
                if isMore != isDenied { ups += 1 } else { downs += 1 }
            }
            self = ups > downs ? .more : downs > ups ? .less : .neither
        }

        func isOpposite(to other: Direction) -> Bool {
            self == .more && other == .less || self == .less && other == .more
        }
    }
}
