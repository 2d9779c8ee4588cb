/// How a coding key stands in the bytes.
enum KeyForm {
    /// Whether a key is written as its number. Keys that only have a number because their name is
    /// one, as those of `[String: Value]` and `[Int: Value]`, stay text.
    @inline(__always)
    static func number<Key: CodingKey>(_ key: Key) -> Int? {
        guard let number = key.intValue, Int(key.stringValue) == nil else { return nil }
        return number
    }

    @inline(__always)
    static func write<Key: CodingKey>(_ key: Key, to writer: inout WireWriter) {
        if let number = number(key) { writer.int(number) } else { writer.string(key.stringValue) }
    }
}

/// Encoded keys by type and case, so that an enum key is spelled out once in a coder's life.
struct KeyCache: ~Copyable {
    struct Entry {
        var length: Int32 = -1
        var bytes: UnsafeMutablePointer<UInt8>?
    }

    /// The encoded keys of one enum, by the one byte that is its case.
    typealias Table = UnsafeMutablePointer<Entry>

    private struct Slot {
        var type: UInt = 0
        var table: Table?
    }

    /// Cases beyond this many are spelled out each time.
    static let cases = 64
    /// Bytes behind each stored key, so that a short one is copied as a block of this size.
    static let block = 16
    private static let capacity = 256

    private let slots: UnsafeMutablePointer<Slot>
    private var used = 0

    init() {
        slots = .allocate(capacity: Self.capacity)
        slots.initialize(repeating: Slot(), count: Self.capacity)
    }

    deinit {
        for slot in 0..<Self.capacity {
            guard let table = slots[slot].table else { continue }
            for index in 0..<Self.cases { table[index].bytes?.deallocate() }
            table.deallocate()
        }
        slots.deallocate()
    }

    /// The table of a key type, or nil for keys that are more than a case.
    @inline(__always)
    mutating func table<Key: CodingKey>(_ type: Key.Type) -> Table? {
        guard MemoryLayout<Key>.size <= 1, _isPOD(Key.self) else { return nil }
        let identity = UInt(bitPattern: ObjectIdentifier(type))
        var index = Int(truncatingIfNeeded: (identity >> 4) ^ (identity >> 12))
        while true {
            index &= Self.capacity &- 1
            if slots[index].type == identity { return slots[index].table }
            if slots[index].type == 0 { break }
            index &+= 1
        }
        guard used < Self.capacity / 2 else { return nil }
        used += 1
        let table = Table.allocate(capacity: Self.cases)
        table.initialize(repeating: Entry(), count: Self.cases)
        slots[index] = Slot(type: identity, table: table)
        return table
    }

    /// The case of a key of at most one byte.
    @inline(__always)
    static func number<Key: CodingKey>(of key: Key) -> Int {
        MemoryLayout<Key>.size == 0 ? 0 : withUnsafeBytes(of: key) { Int($0[0]) }
    }

    /// The encoded form of a key, or nil where its case has no place in the table.
    @inline(__always)
    static func entry<Key: CodingKey>(_ table: Table, _ key: Key) -> Entry? {
        let number = number(of: key)
        guard number < cases else { return nil }
        if table[number].length < 0 { fill(table + number, key) }
        return table[number]
    }

    @inline(never)
    private static func fill<Key: CodingKey>(_ entry: Table, _ key: Key) {
        var writer = WireWriter(capacity: 64)
        defer { writer.close() }
        KeyForm.write(key, to: &writer)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: writer.count + block)
        bytes.initialize(repeating: 0, count: writer.count + block)
        UnsafeMutableRawPointer(bytes).copyMemory(
            from: writer.base, byteCount: writer.count)
        entry.pointee = Entry(length: Int32(writer.count), bytes: bytes)
    }
}
