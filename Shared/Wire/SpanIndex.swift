/// Where the larger arrays and maps of a document end, so that skipping one is a look-up.
///
/// Without it, a decoder that asks for keys out of order walks the same nested bytes again at
/// every level: depth times size. Small containers are not kept; walking them is cheap.
struct SpanIndex {
    struct Span {
        let start: UInt32
        var end: UInt32
    }

    /// Containers shorter than this are walked.
    static let smallest = 48

    private var spans: [Span] = []
    /// Where the last look-up was: decoding mostly goes forward.
    private var cursor = 0

    mutating func reset() {
        if spans.capacity > 8192 { spans = [] } else { spans.removeAll(keepingCapacity: true) }
        cursor = 0
    }

    /// Notes a container that opens, and returns its place for `close`.
    @inline(__always)
    mutating func open(_ start: Int) -> Int {
        spans.append(Span(start: UInt32(truncatingIfNeeded: start), end: 0))
        return spans.count &- 1
    }

    /// Notes the end of a container, or forgets it when it was small; what it holds was, too.
    @inline(__always)
    mutating func close(_ place: Int, end: Int) {
        if end &- Int(spans[place].start) < Self.smallest {
            spans.removeLast(spans.count &- place)
        } else {
            spans[place].end = UInt32(truncatingIfNeeded: end)
        }
    }

    /// The end of the container that starts here, if it is a larger one.
    mutating func end(of start: Int) -> Int? {
        let wanted = UInt32(truncatingIfNeeded: start)
        for place in cursor...(cursor + 1) where place < spans.count {
            if spans[place].start == wanted {
                cursor = place
                return Int(spans[place].end)
            }
        }
        var low = 0
        var high = spans.count
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].start < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < spans.count, spans[low].start == wanted else { return nil }
        cursor = low
        return Int(spans[low].end)
    }
}
