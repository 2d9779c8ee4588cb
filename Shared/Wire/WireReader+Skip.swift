extension WireReader {
    /// Skips one item, whatever it holds, without recursion and in time linear to its bytes.
    public mutating func skip() throws(WireError) {
        try validate()
        try skip(items: 1)
    }

    /// Skips a key with its value: what an `init(from:)` does with a key it does not know.
    @inline(never)
    public mutating func skipPair() throws(WireError) {
        try validate()
        try skip(items: 2)
    }

    /// Skips a number of items, as the reader of an array or map does with its tail.
    public mutating func skip(_ items: Int) throws(WireError) {
        try validate()
        try skip(items: items)
    }

    /// Skips items and returns how many heads it looked at, the measure of its work.
    @discardableResult
    mutating func skip(items: Int) throws(WireError) -> Int {
        let start = at
        do throws(WireError) {
            return try walk(items: items)
        } catch {
            at = start
            throw error
        }
    }

    private mutating func walk(items: Int) throws(WireError) -> Int {
        var open = UInt64(max(0, items))
        var heads = 0
        while open > 0 {
            open &-= 1
            heads &+= 1
            let place = at
            let head = try head()
            let left = UInt64(end &- at)
            var promised: UInt64 = 0
            switch head.major {
            case 2, 3:
                guard head.value <= left else {
                    throw WireError(.lengthTooLarge, offset: place)
                }
                at &+= Int(truncatingIfNeeded: head.value)
            case 4: promised = head.value
            case 5: promised = head.value > left ? head.value : head.value * 2
            case 6: promised = 1
            default: break
            }
            // Every item takes a byte, so what is open can never exceed what is left.
            guard promised <= left, open + promised <= left else {
                throw WireError(promised == 0 ? .truncated : .lengthTooLarge, offset: place)
            }
            open += promised
        }
        return heads
    }
}
