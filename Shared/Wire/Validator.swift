/// Reads a document once, before anything is decoded from it, and refuses what the profile refuses.
///
/// One law for every way of reading: what passes here has shortest heads, definite lengths, UTF-8
/// text, distinct keys and bounded nesting, so decoding only has to care about types. The walk is
/// iterative and looks at each byte once.
struct Validator: ~Copyable {
    private struct Frame {
        var open = 0
        var pairs = -1
        var firstKey = 0
        var span = 0
        /// See `MapKeys.add`.
        var seen: UInt64 = 0
    }

    private let frames: UnsafeMutablePointer<Frame>
    private var depth = 0
    private var keys = MapKeys()
    /// The ends of the containers of the last document.
    var spans = SpanIndex()

    init() {
        frames = .allocate(capacity: WireLimits.depth + 1)
        frames.initialize(repeating: Frame(), count: WireLimits.depth + 1)
    }

    deinit { frames.deallocate() }

    /// Refuses a document that is not exactly one item of the profile.
    mutating func check(_ base: UnsafePointer<UInt8>, count: Int) throws(WireError) {
        guard count <= WireLimits.documentBytes else {
            throw WireError(.documentTooLarge, offset: WireLimits.documentBytes)
        }
        keys.reset()
        spans.reset()
        depth = 0
        var frame = Frame()
        var reader = WireReader(base, at: 0, end: count)
        var tags = 0
        while true {
            let start = reader.at
            // A byte that starts nothing is not an item, whatever else stands in its place.
            let isWide = start < count && base[start] < 0xE0
            let head = isWide ? try reader.wideHead() : try reader.head()
            let isKey = frame.pairs >= 0 && frame.open & 1 == 0 && tags == 0
            if isKey && head.major != 0 && head.major != 1 && head.major != 3 {
                throw WireError(.keyType, offset: start)
            }
            switch head.major {
            case 2, 3: try string(head, start, &reader)
            case 4, 5:
                if try open(head, start, &frame, reader) {
                    tags = 0
                    continue
                }
            case 6:
                tags += 1
                guard tags <= WireLimits.tags else { throw WireError(.tooDeep, offset: start) }
                continue
            default: break
            }
            tags = 0
            if isKey {
                guard
                    keys.add(
                        base, start, reader.at &- start, end: count, first: frame.firstKey,
                        pairs: frame.pairs,
                        seen: &frame.seen)
                else { throw WireError(.duplicateKey, offset: start) }
            }
            if try finish(&frame, reader) { break }
        }
        guard reader.at == count else { throw WireError(.trailing, offset: reader.at) }
    }

    @inline(__always)
    private func string(
        _ head: WireReader.Head, _ start: Int, _ reader: inout WireReader
    ) throws(WireError) {
        guard head.value <= UInt64(reader.end &- reader.at) else {
            throw WireError(.lengthTooLarge, offset: start)
        }
        let length = Int(truncatingIfNeeded: head.value)
        if head.major == 3 {
            let text = reader.base + reader.at
            let isShort = length < 16 && reader.end &- reader.at >= 16
            guard
                isShort && UTF8Check.isShortASCII(text, length) || UTF8Check.isValid(text, length)
            else { throw WireError(.invalidUTF8, offset: start) }
        }
        reader.at &+= length
    }

    /// Enters an array or map; false when it is empty and thereby done.
    private mutating func open(
        _ head: WireReader.Head, _ start: Int, _ frame: inout Frame, _ reader: borrowing WireReader
    ) throws(WireError) -> Bool {
        let isMap = head.major == 5
        guard head.value <= UInt64(reader.end &- reader.at) / (isMap ? 2 : 1) else {
            throw WireError(.lengthTooLarge, offset: start)
        }
        guard depth < WireLimits.depth else { throw WireError(.tooDeep, offset: start) }
        guard head.value > 0 else { return false }
        frames[depth] = frame
        depth += 1
        let count = Int(truncatingIfNeeded: head.value)
        frame = Frame(
            open: isMap ? count * 2 : count, pairs: isMap ? count : -1, firstKey: keys.count,
            span: spans.open(start))
        return true
    }

    /// Counts an item as done, closing what it completes; true when the document is complete.
    @inline(__always)
    private mutating func finish(
        _ frame: inout Frame, _ reader: borrowing WireReader
    ) throws(WireError) -> Bool {
        while depth > 0 {
            frame.open &-= 1
            if frame.open > 0 { return false }
            spans.close(frame.span, end: reader.at)
            if frame.pairs >= 0,
                let twice = keys.close(reader.base, first: frame.firstKey, pairs: frame.pairs)
            {
                throw WireError(.duplicateKey, offset: twice)
            }
            depth &-= 1
            frame = frames[depth]
        }
        return true
    }
}
