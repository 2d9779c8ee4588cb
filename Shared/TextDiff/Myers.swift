/// The shortest script of edits between two lists.
enum Myers {
    /// Nil when it takes more edits than allowed, or more comparisons than are left.
    static func script(
        _ a: [Int32], _ b: [Int32], most: Int, comparisons: inout Int
    ) -> [Diff.Kind]? {
        let most = min(most, a.count + b.count)
        // Of diagonal k, counted from -most, the furthest x reached.
        var reach = [Int32](repeating: 0, count: 2 * most + 3)
        var trace: [[Int32]] = []
        for edits in 0...max(0, most) {
            trace.append(Array(reach[(most + 1 - edits)...(most + 1 + edits)]))
            comparisons -= edits + 1
            for k in stride(from: -edits, through: edits, by: 2) {
                let at = most + 1 + k
                let down = k == -edits || k != edits && reach[at - 1] < reach[at + 1]
                let start = Int(down ? reach[at + 1] : reach[at - 1] + 1)
                var x = start
                while x < a.count, x - k >= 0, x - k < b.count, a[x] == b[x - k] { x += 1 }
                comparisons -= x - start
                reach[at] = Int32(x)
                if x >= a.count, x - k >= b.count {
                    return path(trace, edits: edits, a.count, b.count)
                }
            }
            guard comparisons > 0 else { return nil }
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
