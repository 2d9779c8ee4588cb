/// The bytes of one JSON text under way, and what is open in it. It lives as long as one call of
/// `DirectJSON.encode`, on one thread and with nobody else looking: that is why its state is not
/// guarded at each access.
final class JSONSink {
    enum Kind { case nothing, object, array, value }

    /// A value that has been begun.
    private struct Frame {
        var kind = Kind.nothing
        /// Where the fields of the object begin among `fields`.
        let field: Int
        var count = 0
    }

    /// A field of an object: where its quoted key, and the whole of it, stand among the bytes.
    private struct Place {
        let start: Int
        let keyEnd: Int
        var end: Int
    }

    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    @exclusivity(unchecked) private var frames: [Frame] = []
    @exclusivity(unchecked) private var fields: [Place] = []
    /// True once something was met that is better left to Foundation.
    private(set) var isUnusual = false

    init() { bytes.reserveCapacity(1_024) }

    /// How many values are open.
    var depth: Int { frames.count }

    /// Leaves the whole text to Foundation.
    func giveUp() { isUnusual = true }

    // MARK: Values

    func begin() { frames.append(Frame(field: fields.count)) }

    /// Ends the value begun last. One that said nothing is an empty object, as Foundation has it.
    func end() {
        guard let frame = frames.popLast() else { return giveUp() }
        switch frame.kind {
        case .nothing:
            if frames.isEmpty { giveUp() }  // it is no JSON text at all
            put("{}")
        case .object: endObject(frame)
        case .array: bytes.append(UInt8(ascii: "]"))
        case .value: break
        }
    }

    /// Whether the value at `depth` is the one under way, and may be of this kind.
    func open(_ kind: Kind, at depth: Int) -> Bool {
        guard depth == frames.count, depth > 0 else {
            giveUp()
            return false
        }
        let known = frames[depth - 1].kind
        guard known != kind || kind == .value else { return true }
        guard known == .nothing else {
            giveUp()
            return false
        }
        frames[depth - 1].kind = kind
        if kind == .object { bytes.append(UInt8(ascii: "{")) }
        if kind == .array { bytes.append(UInt8(ascii: "[")) }
        return true
    }

    /// Makes room for the next element of the array under way.
    func beginElement() {
        if frames[frames.count - 1].count > 0 { bytes.append(UInt8(ascii: ",")) }
        frames[frames.count - 1].count += 1
    }

    var elements: Int { frames.last?.count ?? 0 }

    /// Writes a key of the object under way; `isVerbatim` where it is data and no name of ours.
    func beginField(_ key: String, isVerbatim: Bool = false) {
        endField(of: frames[frames.count - 1])
        if frames[frames.count - 1].count > 0 { bytes.append(UInt8(ascii: ",")) }
        frames[frames.count - 1].count += 1
        let start = bytes.count
        if isVerbatim {
            // Others are in another order as they are than as they are written.
            if !SnakeCase.isPlain(key) { giveUp() }
            put(text: key)
        } else {
            bytes.append(UInt8(ascii: "\""))
            if !SnakeCase.append(key, to: &bytes) { giveUp() }
            bytes.append(UInt8(ascii: "\""))
        }
        fields.append(Place(start: start, keyEnd: bytes.count, end: 0))
        bytes.append(UInt8(ascii: ":"))
    }

    private func endField(of frame: Frame) {
        guard fields.count > frame.field else { return }
        fields[fields.count - 1].end = bytes.count
    }

    // MARK: Scalars

    func put(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func put(_ value: Bool) { value ? put("true") : put("false") }

    func put(number: some FixedWidthInteger) {
        var text = number.description
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// The shortest decimal that means the same; whole numbers without a fraction.
    func put(number: some BinaryFloatingPoint & LosslessStringConvertible) {
        guard number.isFinite else { return giveUp() }
        var text = number.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    func put(text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { put(escaping: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// In runs of what stands for itself (RFC 8259, section 7).
    private func put(escaping text: UnsafeBufferPointer<UInt8>) {
        var run = 0
        for (place, byte) in text.enumerated() where byte < 32 || byte == 34 || byte == 92 {
            bytes.append(contentsOf: text[run..<place])
            run = place + 1
            bytes.append(92)
            switch byte {
            case 34, 92: bytes.append(byte)
            case 8: bytes.append(UInt8(ascii: "b"))
            case 9: bytes.append(UInt8(ascii: "t"))
            case 10: bytes.append(UInt8(ascii: "n"))
            case 12: bytes.append(UInt8(ascii: "f"))
            case 13: bytes.append(UInt8(ascii: "r"))
            default:
                put("u00")
                bytes.append(byte < 16 ? 48 : 49)
                let low = byte & 15
                bytes.append(low < 10 ? 48 + low : 87 + low)
            }
        }
        bytes.append(contentsOf: text[run...])
    }

    // MARK: Order

    /// Puts the fields in the order of their keys' bytes; of two with one key the later counts.
    private func endObject(_ frame: Frame) {
        endField(of: frame)
        let own = fields[frame.field...]
        let isSorted = zip(own, own.dropFirst()).allSatisfy { isBefore($0, $1) }
        if !isSorted { sort(frame.field) }
        fields.removeSubrange(frame.field...)
        bytes.append(UInt8(ascii: "}"))
    }

    private func sort(_ first: Int) {
        let start = fields[first].start
        // Two with one key stay in the order in which they were written.
        fields[first...].sort { one, other in
            isBefore(one, other) || !isBefore(other, one) && one.start < other.start
        }
        var sorted: [UInt8] = []
        sorted.reserveCapacity(bytes.count - start)
        for index in first..<fields.count {
            let isRepeated = index + 1 < fields.count && !isBefore(fields[index], fields[index + 1])
            guard !isRepeated else { continue }
            if !sorted.isEmpty { sorted.append(UInt8(ascii: ",")) }
            sorted += bytes[fields[index].start..<fields[index].end]
        }
        bytes.replaceSubrange(start..., with: sorted)
    }

    /// Without the quotation marks: a key that another one begins with comes first.
    private func isBefore(_ one: Place, _ other: Place) -> Bool {
        bytes[(one.start + 1)..<(one.keyEnd - 1)].lexicographicallyPrecedes(
            bytes[(other.start + 1)..<(other.keyEnd - 1)])
    }
}
