extension WireValue: WireCodable {
    /// Writes this value as one item.
    public func encode(to writer: inout WireWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .integer(let value): writer.int(Int(value))
        case .unsigned(let value): writer.uint(value)
        case .double(let value): writer.double(value)
        case .text(let value): writer.string(value)
        case .bytes(let value): writer.bytes(value)
        case .array(let values):
            writer.mustValidate = true
            writer.array(values.count)
            for value in values { value.encode(to: &writer) }
        case .map(let entries):
            // Only the whole document shows whether keys repeat or it nests too deep.
            writer.mustValidate = true
            writer.map(entries.count)
            for entry in entries {
                writer.string(entry.key)
                entry.value.encode(to: &writer)
            }
        case .tagged(let number, let value):
            writer.mustValidate = true
            writer.tag(number)
            value.encode(to: &writer)
        }
    }

    /// Reads any item of the profile: integers from -2^63 to 2^64-1, maps with text keys, and none
    /// of the simple values beyond true, false and null.
    public init(from reader: inout WireReader) throws(WireError) {
        let start = reader.at
        let head = try reader.head()
        // Only the tag, the array and the map go on from here; everything else is read again whole.
        if head.major < 4 || head.major == 7 { reader.at = start }
        switch head.major {
        case 0: self = .natural(try reader.uint())
        case 1: self = .integer(Int64(try reader.int()))
        case 2: self = .bytes(try reader.bytes())
        case 3: self = .text(try reader.string())
        case 4:
            reader.at = start
            self = .array(try reader.list { item throws(WireError) in try WireValue(from: &item) })
        case 5:
            reader.at = start
            self = .map(try Self.entries(&reader))
        case 6:
            // Tags are not counted in one pass, and each is a step of recursion.
            try reader.validate()
            self = .tagged(head.value, try WireValue(from: &reader))
        default: self = try Self.simple(head, &reader)
        }
    }

    private static func simple(
        _ head: WireReader.Head, _ reader: inout WireReader
    ) throws(WireError) -> WireValue {
        if head.initial >= 0xF9 { return .double(try reader.double()) }
        if reader.isNull() {
            try reader.null()
            return .null
        }
        return .bool(try reader.bool())
    }

    private static func entries(_ reader: inout WireReader) throws(WireError) -> [Entry] {
        let count = try reader.map()
        var entries: [Entry] = []
        entries.reserveCapacity(min(count, WireLimits.reservedElements))
        for _ in 0..<count {
            let key = try reader.string()
            entries.append(Entry(key: key, value: try WireValue(from: &reader)))
        }
        return entries
    }
}
