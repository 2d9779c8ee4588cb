/// The shortest script of edits between two lists.
enum Myers {
    /// The pieces in order, removals before additions where both stand together.
    static func edits(
        _ old: [Substring], _ new: [Substring], limit: Diff.Limit
    ) -> (pieces: [Diff.Piece], isCoarse: Bool) {
        let (a, b) = numbered(old, new)
        let head = zip(a, b).prefix { $0 == $1 }.count
        let tail = zip(a[head...].reversed(), b[head...].reversed()).prefix { $0 == $1 }.count
        let (aMiddle, bMiddle) = (a[head..<a.count - tail], b[head..<b.count - tail])
        var pieces = old[..<head].map { Diff.Piece(.same, String($0)) }
        let script =
            a.count + b.count > limit.elements
            ? nil : script(Array(aMiddle), Array(bMiddle), most: limit.edits)
        if let script {
            var (x, y) = (head, head)
            for kind in removalsFirst(script) {
                pieces.append(Diff.Piece(kind, String(kind == .added ? new[y] : old[x])))
                if kind != .added { x += 1 }
                if kind != .removed { y += 1 }
            }
        } else {
            pieces += old[aMiddle.indices].map { Diff.Piece(.removed, String($0)) }
            pieces += new[bMiddle.indices].map { Diff.Piece(.added, String($0)) }
        }
        pieces += old[(a.count - tail)...].map { Diff.Piece(.same, String($0)) }
        return (pieces, script == nil)
    }

    /// The same script with the removals of each changed stretch before its additions.
    private static func removalsFirst(_ script: [Diff.Kind]) -> [Diff.Kind] {
        var out: [Diff.Kind] = []
        var added = 0
        for kind in script {
            if kind == .added {
                added += 1
                continue
            }
            if kind == .same {
                out += Array(repeating: .added, count: added)
                added = 0
            }
            out.append(kind)
        }
        return out + Array(repeating: .added, count: added)
    }

    /// Equal elements get equal numbers, which compare faster than text. By bytes: texts that only
    /// look the same differ.
    private static func numbered(_ old: [Substring], _ new: [Substring]) -> ([Int], [Int]) {
        var numbers: [[UInt8]: Int] = [:]
        func number(_ text: Substring) -> Int {
            let bytes = Array(text.utf8)
            if let known = numbers[bytes] { return known }
            numbers[bytes] = numbers.count
            return numbers.count - 1
        }
        return (old.map(number), new.map(number))
    }

    /// Nil when it takes more edits than allowed.
    private static func script(_ a: [Int], _ b: [Int], most: Int) -> [Diff.Kind]? {
        if a.isEmpty { return b.map { _ in .added } }
        if b.isEmpty { return a.map { _ in .removed } }
        let most = min(most, a.count + b.count)
        // Of diagonal k, counted from -most, the furthest x reached.
        var reach = [Int32](repeating: 0, count: 2 * most + 3)
        var trace: [[Int32]] = []
        for edits in 0...max(0, most) {
            trace.append(Array(reach[(most + 1 - edits)...(most + 1 + edits)]))
            for k in stride(from: -edits, through: edits, by: 2) {
                let at = most + 1 + k
                let down = k == -edits || k != edits && reach[at - 1] < reach[at + 1]
                var x = Int(down ? reach[at + 1] : reach[at - 1] + 1)
                while x < a.count, x - k >= 0, x - k < b.count, a[x] == b[x - k] { x += 1 }
                reach[at] = Int32(x)
                if x >= a.count, x - k >= b.count {
                    return path(trace, edits: edits, a.count, b.count)
                }
            }
        }
        return nil
    }

    /// Walks back from the end. `trace[d]` holds diagonals -d...d as they were before step d.
    private static func path(
        _ trace: [[Int32]], edits: Int, _ endX: Int, _ endY: Int
    ) -> [Diff.Kind] {
        var (x, y) = (endX, endY)
        var kinds: [Diff.Kind] = []
        for step in stride(from: edits, to: 0, by: -1) {
            let row = trace[step]
            let k = x - y
            let at = k + step
            let left = at > 0 ? row[at - 1] : -1
            let right = at + 1 < row.count ? row[at + 1] : -1
            let down = k == -step || k != step && left < right
            let fromX = Int(down ? right : left)
            let fromY = fromX - (down ? k + 1 : k - 1)
            // Back along what is the same, to where the edit had led.
            let editedX = down ? fromX : fromX + 1
            while x > editedX {
                kinds.append(.same)
                (x, y) = (x - 1, y - 1)
            }
            kinds.append(down ? .added : .removed)
            (x, y) = (fromX, fromY)
        }
        kinds += Array(repeating: .same, count: min(x, y))
        return kinds.reversed()
    }
}
