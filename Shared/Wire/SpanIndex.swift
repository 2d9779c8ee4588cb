/// Where the larger arrays and maps of a document end, so that skipping one is a look-up.
///
/// Without it, a decoder that asks for keys out of order walks the same nested bytes again at
/// every level: depth times size. Small containers are not kept; walking them is cheap.
struct SpanIndex: ~Copyable {
    struct Span {
        let start: UInt32
        var end: UInt32
    }

    /// Containers shorter than this are walked.
    static let smallest = 48

    private var spans: UnsafeMutablePointer<Span>
    private var capacity = 64
    private var count = 0
    /// Where the last look-up was: decoding mostly goes forward.
    private var cursor = 0

    init() { spans = .allocate(capacity: capacity) }

    deinit { spans.deallocate() }

    mutating func reset() {
        count = 0
        cursor = 0
        if capacity > 8192 { resize(to: 64) }
    }

    @inline(never)
    private mutating func resize(to wanted: Int) {
        let new = UnsafeMutablePointer<Span>.allocate(capacity: wanted)
        new.update(from: spans, count: count)
        spans.deallocate()
        spans = new
        capacity = wanted
    }

    /// Notes a container that opens, and returns its place for `close`.
    @inline(__always)
    mutating func open(_ start: Int) -> Int {
        if count == capacity { resize(to: capacity * 2) }
        spans[count] = Span(start: UInt32(truncatingIfNeeded: start), end: 0)
        count &+= 1
        return count &- 1
    }

    /// Notes the end of a container, or forgets it when it was small; what it holds was, too.
    @inline(__always)
    mutating func close(_ place: Int, end: Int) {
        if end &- Int(spans[place].start) < Self.smallest {
            count = place
        } else {
            spans[place].end = UInt32(truncatingIfNeeded: end)
        }
    }

    /// The end of the container that starts here, if it is a larger one.
    mutating func end(of start: Int) -> Int? {
        let wanted = UInt32(truncatingIfNeeded: start)
        for place in cursor...(cursor + 1) where place < count {
            if spans[place].start == wanted {
                cursor = place
                return Int(spans[place].end)
            }
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].start < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < count, spans[low].start == wanted else { return nil }
        cursor = low
        return Int(spans[low].end)
    }
}
