/// Rewrites a document into the core deterministic form of RFC 8949 section 4.2.1.
struct Canonical: ~Copyable {
    private var reader: WireReader
    private var writer: WireWriter

    /// The canonical bytes of a well-formed document.
    static func form(of bytes: UnsafeRawBufferPointer) throws(WireError) -> [UInt8] {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            throw WireError(.truncated, offset: 0)
        }
        var validator = Validator()
        try validator.check(base, count: bytes.count)
        var form = Canonical(
            reader: WireReader(base, at: 0, end: bytes.count),
            writer: WireWriter(capacity: bytes.count + 16))
        defer { form.writer.close() }
        try form.item()
        return form.writer.array()
    }

    private init(reader: consuming WireReader, writer: consuming WireWriter) {
        self.reader = reader
        self.writer = writer
    }

    /// Recursion is bounded by the depth that validation allows.
    private mutating func item() throws(WireError) {
        let start = reader.at
        let head = try reader.head()
        switch head.major {
        case 4:
            writer.head(0x80, head.value)
            for _ in 0..<Int(head.value) { try item() }
        case 5: try map(Int(head.value))
        case 6:
            writer.head(0xC0, head.value)
            try item()
        case 7 where head.initial >= 0xF9: float(try number(at: start))
        default:
            reader.at = start
            try reader.skip()
            writer.raw(reader.base + start, reader.at - start)
        }
    }

    private mutating func number(at start: Int) throws(WireError) -> Double {
        reader.at = start
        return try reader.double()
    }

    private mutating func map(_ pairs: Int) throws(WireError) {
        writer.head(0xA0, UInt64(pairs))
        let start = writer.count
        var ranges: [(key: Range<Int>, pair: Range<Int>)] = []
        for _ in 0..<pairs {
            let key = writer.count
            try item()
            let value = writer.count
            try item()
            ranges.append((key - start..<value - start, key - start..<writer.count - start))
        }
        let body = [UInt8](
            UnsafeRawBufferPointer(start: writer.base + start, count: writer.count - start))
        ranges.sort { body[$0.key].lexicographicallyPrecedes(body[$1.key]) }
        writer.count = start
        body.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            for range in ranges { writer.raw(base + range.pair.lowerBound, range.pair.count) }
        }
    }

    private mutating func float(_ value: Double) {
        let half = Float16(value)
        if value.isNaN {
            short(0x7E00)
        } else if Double(half) == value {
            short(half.bitPattern)
        } else if Double(Float(value)) == value {
            writer.float(Float(value))
        } else {
            writer.double(value)
        }
    }

    private mutating func short(_ bits: UInt16) {
        writer.byte(0xF9)
        writer.byte(UInt8(bits >> 8))
        writer.byte(UInt8(truncatingIfNeeded: bits))
    }
}
