/// Two changed forms of one text in one, without asking either.
///
/// What only one side has changed is taken over. Where both have changed the same passage, `ours`
/// stays, and what `theirs` would have made of it is told, so that nothing is lost unseen.
public struct ThreeWay: Sendable, Hashable {
    /// A passage that both sides had changed.
    public struct Conflict: Sendable, Hashable {
        /// What stands in the merged text.
        public var ours: String
        /// What the other side wrote in its place.
        public var theirs: String
        /// Where `ours` begins in the merged text, in UTF-8 bytes.
        public var offset: Int
    }

    /// The merged text.
    public let text: String
    /// What was left out of it.
    public let conflicts: [Conflict]

    /// Merges two forms of `base`; `ours` has the last word.
    public init(base: String, ours: String, theirs: String) {
        // The common cases need no comparison, and are exact whatever the size.
        if theirs == base || ours == theirs {
            (text, conflicts) = (ours, [])
            return
        }
        if ours == base {
            (text, conflicts) = (theirs, [])
            return
        }
        let old = Passages.cut(base)
        let mine = Hunk.between(old, Passages.cut(ours))
        let others = Hunk.between(old, Passages.cut(theirs))
        var out: [UInt8] = []
        var conflicts: [Conflict] = []
        var at = 0
        for group in Self.groups(mine, others) {
            out += old[at..<group.range.lowerBound].joined().utf8
            at = group.range.upperBound
            let ours = Hunk.apply(group.ours, to: old, in: group.range)
            let theirs = Hunk.apply(group.theirs, to: old, in: group.range)
            let isOurs = !group.ours.isEmpty
            if isOurs, !group.theirs.isEmpty, ours != theirs {
                conflicts.append(Conflict(ours: ours, theirs: theirs, offset: out.count))
            }
            out += (isOurs ? ours : theirs).utf8
        }
        out += old[at...].joined().utf8
        (text, self.conflicts) = (Byte.string(out), conflicts)
    }

    private struct Group {
        var range: Range<Int>
        var ours: [Hunk] = []
        var theirs: [Hunk] = []

        func collides(with hunk: Hunk) -> Bool {
            ours.contains { $0.collides(with: hunk) } || theirs.contains { $0.collides(with: hunk) }
        }
    }

    /// The changes of both sides in the order of the text, those together that collide.
    private static func groups(_ ours: [Hunk], _ theirs: [Hunk]) -> [Group] {
        let all = ours.map { ($0, true) } + theirs.map { ($0, false) }
        let sorted = all.sorted { one, other in
            let (a, b) = (one.0.range, other.0.range)
            // What is added before a passage comes before what becomes of the passage.
            if a.lowerBound != b.lowerBound { return a.lowerBound < b.lowerBound }
            if a.isEmpty != b.isEmpty { return a.isEmpty }
            return one.1 && !other.1
        }
        var groups: [Group] = []
        for (hunk, isOurs) in sorted {
            if let last = groups.last, last.collides(with: hunk) {
                let end = max(last.range.upperBound, hunk.range.upperBound)
                groups[groups.count - 1].range = last.range.lowerBound..<end
            } else {
                groups.append(Group(range: hunk.range))
            }
            if isOurs {
                groups[groups.count - 1].ours.append(hunk)
            } else {
                groups[groups.count - 1].theirs.append(hunk)
            }
        }
        return groups
    }
}
