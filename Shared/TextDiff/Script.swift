/// The edits that make one list of elements of another.
struct Script {
    /// A run of elements that share a fate.
    struct Run {
        var kind: Diff.Kind
        var count: Int
    }

    private(set) var runs: [Run] = []
    private(set) var isCoarse = false
    /// What is left of the limit's.
    private(set) var comparisons: Int
    private let limit: Diff.Limit

    /// How often texts are cut at what is unique, and what lies between cut again.
    private static let deepest = 8

    init(_ old: Elements, _ new: Elements, limit: Diff.Limit) {
        self.limit = limit
        comparisons = limit.comparisons
        if old.count + new.count > limit.elements {
            compareEnds(old, new)
        } else {
            let (a, b) = Elements.numbered(old, new)
            align(a[...], b[...], depth: 0)
        }
        joinRuns(most: max(limit.runs, 4))
    }

    // MARK: As pieces

    /// A piece for each element.
    func single(_ old: Elements, _ new: Elements) -> [Diff.Piece] {
        var (x, y) = (0, 0)
        var pieces: [Diff.Piece] = []
        for run in runs {
            for _ in 0..<run.count {
                pieces.append(
                    Diff.Piece(
                        run.kind, run.kind == .added ? new.text(y..<y + 1) : old.text(x..<x + 1)))
                if run.kind != .added { x += 1 }
                if run.kind != .removed { y += 1 }
            }
        }
        return pieces
    }

    /// A piece for each run.
    func runs(_ old: Elements, _ new: Elements) -> [Diff.Piece] {
        var (x, y) = (0, 0)
        return runs.map { run in
            let text =
                run.kind == .added
                ? new.text(y..<y + run.count) : old.text(x..<x + run.count)
            if run.kind != .added { x += run.count }
            if run.kind != .removed { y += run.count }
            return Diff.Piece(run.kind, text)
        }
    }

    // MARK: How

    /// Finds what both begin and end with; the rest counts as replaced.
    private mutating func compareEnds(_ old: Elements, _ new: Elements) {
        let most = min(old.count, new.count)
        var head = 0
        while head < most, old.bytes(head).elementsEqual(new.bytes(head)) { head += 1 }
        var tail = 0
        while tail < most - head,
            old.bytes(old.count - 1 - tail).elementsEqual(new.bytes(new.count - 1 - tail))
        {
            tail += 1
        }
        add(.same, head)
        add(.removed, old.count - head - tail)
        add(.added, new.count - head - tail)
        add(.same, tail)
        isCoarse = true
    }

    /// Adds the runs of two slices.
    private mutating func align(_ a: ArraySlice<Int32>, _ b: ArraySlice<Int32>, depth: Int) {
        let head = zip(a, b).prefix { $0 == $1 }.count
        let (aRest, bRest) = (a.dropFirst(head), b.dropFirst(head))
        let tail = zip(aRest.reversed(), bRest.reversed()).prefix { $0 == $1 }.count
        add(.same, head)
        between(aRest.dropLast(tail), bRest.dropLast(tail), depth: depth)
        add(.same, tail)
    }

    private mutating func between(_ a: ArraySlice<Int32>, _ b: ArraySlice<Int32>, depth: Int) {
        if a.isEmpty || b.isEmpty {
            add(.removed, a.count)
            return add(.added, b.count)
        }
        if let script = Myers.script(
            Array(a), Array(b), most: limit.edits, comparisons: &comparisons)
        {
            for kind in script { add(kind, 1) }
            return
        }
        let anchors = depth < Self.deepest && limit.isAnchored ? Anchors.find(a, b) : []
        if anchors.isEmpty {
            isCoarse = true
            add(.removed, a.count)
            return add(.added, b.count)
        }
        var (x, y) = (a.startIndex, b.startIndex)
        for anchor in anchors {
            align(a[x..<anchor.old], b[y..<anchor.new], depth: depth + 1)
            add(.same, 1)
            (x, y) = (anchor.old + 1, anchor.new + 1)
        }
        align(a[x...], b[y...], depth: depth + 1)
    }

    /// Removals stand before the additions next to them.
    private mutating func add(_ kind: Diff.Kind, _ count: Int) {
        guard count > 0 else { return }
        guard let last = runs.last, last.kind != .same, kind != .same else {
            if runs.last?.kind == kind {
                runs[runs.count - 1].count += count
            } else {
                runs.append(Run(kind: kind, count: count))
            }
            return
        }
        if last.kind == kind {
            runs[runs.count - 1].count += count
        } else if last.kind == .removed {
            runs.append(Run(kind: .added, count: count))
        } else if runs.count > 1, runs[runs.count - 2].kind == .removed {
            runs[runs.count - 2].count += count
        } else {
            runs.insert(Run(kind: .removed, count: count), at: runs.count - 1)
        }
    }

    /// Short runs of what stayed become part of the changes around them, until there are few enough.
    private mutating func joinRuns(most: Int) {
        var shortest = 2
        while runs.count > most {
            isCoarse = true
            let before = runs
            runs = []
            for (index, run) in before.enumerated() {
                let isInside = index > 0 && index < before.count - 1
                if run.kind == .same, run.count < shortest, isInside {
                    add(.removed, run.count)
                    add(.added, run.count)
                } else {
                    add(run.kind, run.count)
                }
            }
            shortest *= 4
        }
    }
}

/// Elements that occur once in both lists, and in the same order: patience, as Bram Cohen has it.
enum Anchors {
    static func find(
        _ a: ArraySlice<Int32>, _ b: ArraySlice<Int32>
    ) -> [(old: Int, new: Int)] {
        let (old, new) = (unique(a), unique(b))
        let pairs = old.compactMap { element, x in new[element].map { (old: x, new: $0) } }
            .sorted { $0.old < $1.old }
        return rising(pairs)
    }

    private static func unique(_ list: ArraySlice<Int32>) -> [Int32: Int] {
        var places: [Int32: Int] = [:]
        for (place, element) in zip(list.indices, list) {
            places[element] = places[element] == nil ? place : -1
        }
        return places.filter { $0.value >= 0 }
    }

    /// The longest part of the pairs in which `new` rises too.
    private static func rising(_ pairs: [(old: Int, new: Int)]) -> [(old: Int, new: Int)] {
        // Of each length, the pair that ends it lowest; and of each pair the one before it.
        var ends: [Int] = []
        var before = [Int](repeating: -1, count: pairs.count)
        for index in pairs.indices {
            var (low, high) = (0, ends.count)
            while low < high {
                let middle = (low + high) / 2
                if pairs[ends[middle]].new < pairs[index].new {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low > 0 { before[index] = ends[low - 1] }
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var chain: [(old: Int, new: Int)] = []
        var at = ends.last ?? -1
        while at >= 0 {
            chain.append(pairs[at])
            at = before[at]
        }
        return chain.reversed()
    }
}
