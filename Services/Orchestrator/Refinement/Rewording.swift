/// Tells passages that were reworded from those that were replaced.
///
/// Two neighbours, each put another way, are two changes that may be judged apart. A passage made into
/// two, or two into one, is a single change: half of it would make no sense.
enum Rewording {
    /// Comparing more pairs than this would take longer than it is worth.
    private static let mostPairs = 2_500
    /// How alike two passages are at least that say the same in other words.
    private static let least = 0.4

    /// One stretch of changed passages as changes that stand for themselves.
    static func split(_ old: ArraySlice<Substring>, _ new: [String]) -> [Hunk] {
        let whole = [Hunk(range: old.indices, text: new.joined())]
        guard old.count > 0, new.count > 0, old.count + new.count > 2,
            old.count * new.count <= mostPairs
        else { return whole }
        let pairs = matches(old.map(Pairs.init), new.map(Pairs.init))
        var hunks: [Hunk] = []
        var (from, to) = (0, 0)
        func add(_ oldEnd: Int, _ newEnd: Int) {
            guard oldEnd > from || newEnd > to else { return }
            hunks.append(
                Hunk(
                    range: old.startIndex + from..<old.startIndex + oldEnd,
                    text: new[to..<newEnd].joined()))
            (from, to) = (oldEnd, newEnd)
        }
        // A cut lies only where both sides have a pair before it and a pair behind it.
        for (one, next) in zip(pairs, pairs.dropFirst())
        where next.old == one.old + 1 && next.new == one.new + 1 {
            add(next.old, next.new)
        }
        add(old.count, new.count)
        return hunks
    }

    /// The pairs of passages in order that are most alike together.
    private static func matches(_ old: [Pairs], _ new: [Pairs]) -> [(old: Int, new: Int)] {
        var best = Array(
            repeating: Array(repeating: 0.0, count: new.count + 1), count: old.count + 1)
        var likeness = Array(repeating: Array(repeating: 0.0, count: new.count), count: old.count)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                let alike = old[i].likeness(to: new[j])
                likeness[i][j] = alike >= least ? alike : 0
                best[i][j] = max(
                    best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1])
            }
        }
        var pairs: [(old: Int, new: Int)] = []
        var (i, j) = (0, 0)
        while i < old.count, j < new.count {
            if likeness[i][j] > 0, best[i][j] == likeness[i][j] + best[i + 1][j + 1] {
                pairs.append((i, j))
                (i, j) = (i + 1, j + 1)
            } else if best[i][j] == best[i + 1][j] {
                i += 1
            } else {
                j += 1
            }
        }
        return pairs
    }

    /// The pairs of letters in a passage, by which passages are compared.
    private struct Pairs {
        private let all: Set<UInt16>

        init(_ text: some StringProtocol) {
            let bytes = Array(text.folded.utf8)
            all = Set(zip(bytes, bytes.dropFirst()).map { UInt16($0) << 8 | UInt16($1) })
        }

        /// Dice's coefficient: from 0, nothing in common, to 1.
        func likeness(to other: Pairs) -> Double {
            let sum = all.count + other.all.count
            return sum == 0 ? 0 : 2 * Double(all.intersection(other.all).count) / Double(sum)
        }
    }
}
