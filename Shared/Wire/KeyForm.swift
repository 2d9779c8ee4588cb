import Glibc

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

/// An encoded key, so that an enum key is spelled out once in a coder's life.
struct KeyEntry {
    /// Cases beyond this many are spelled out each time.
    static let cases = 64
    /// Keys of up to this length are written and compared as two words.
    static let block = 16

    /// The bytes of the encoded key, or -1 before it was needed.
    private(set) var length = -1
    /// The first sixteen bytes, zeros behind a shorter key.
    private(set) var low: UInt64 = 0
    private(set) var high: UInt64 = 0
    /// All of them.
    private(set) var bytes: UnsafeMutableRawPointer?
    /// Whether another case of the enum has the same key.
    fileprivate(set) var isTwin = false
}

/// The encoded keys of one enum, by the one byte that is its case.
typealias KeyTable = UnsafeMutablePointer<KeyEntry>

extension KeyTable {
    /// The table of a key type, or nil for keys that are more than a case.
    static func make<Key: CodingKey>(_ type: Key.Type) -> KeyTable? {
        // What is not plain data of one byte could hold anything; a lone case takes no byte at all.
        guard MemoryLayout<Key>.size <= 1, _isPOD(Key.self) else { return nil }
        let table = KeyTable.allocate(capacity: KeyEntry.cases)
        table.initialize(repeating: KeyEntry(), count: KeyEntry.cases)
        return table
    }

    func drop() {
        for index in 0..<KeyEntry.cases { free(self[index].bytes) }
        deallocate()
    }

    /// The entry of a key, or nil where its case has none in the table.
    @inline(__always)
    func entry<Key: CodingKey>(_ key: Key) -> KeyTable? {
        let number = MemoryLayout<Key>.size == 0 ? 0 : Int(unsafeBitCast(key, to: UInt8.self))
        guard number < KeyEntry.cases else { return nil }
        if self[number].length < 0 { fill(number, key) }
        return self + number
    }

    @inline(never)
    private func fill<Key: CodingKey>(_ number: Int, _ key: Key) {
        self[number] = KeyEntry(key)
        self[number].isTwin = (0..<KeyEntry.cases).contains { other in
            other != number && self[other].isSame(as: self[number])
        }
    }

    /// One of 64 bits, for the set of keys that a map has had; none for a key that two cases share.
    @inline(__always)
    func bit(of entry: KeyTable) -> UInt64 {
        entry.pointee.isTwin ? 0 : 1 &<< UInt64(truncatingIfNeeded: entry - self)
    }
}

extension KeyEntry {
    fileprivate init<Key: CodingKey>(_ key: Key) {
        var writer = WireWriter(capacity: 64)
        KeyForm.write(key, to: &writer)
        let length = writer.count
        writer.room(Self.block).initializeMemory(as: UInt8.self, repeating: 0, count: Self.block)
        // The entry keeps the writer's memory.
        self.init(
            length: length, low: writer.base.loadUnaligned(as: UInt64.self),
            high: (writer.base + 8).loadUnaligned(as: UInt64.self), bytes: writer.base)
    }

    fileprivate func isSame(as other: KeyEntry) -> Bool {
        guard length == other.length, let bytes, let others = other.bytes else { return false }
        return memcmp(bytes, others, length) == 0
    }

    /// Whether this key stands here, where `left` bytes are left.
    @inline(__always)
    func stands(at place: UnsafePointer<UInt8>, left: Int) -> Bool {
        if left >= Self.block {
            let start = UnsafeRawPointer(place)
            let first = start.loadUnaligned(as: UInt64.self) ^ low
            if length <= 8 { return first &<< UInt64(truncatingIfNeeded: 64 &- 8 &* length) == 0 }
            guard first == 0 else { return false }
            if length <= Self.block {
                let second = (start + 8).loadUnaligned(as: UInt64.self) ^ high
                return second &<< UInt64(truncatingIfNeeded: 128 &- 8 &* length) == 0
            }
        }
        guard left > length, let bytes else { return false }
        return memcmp(place, bytes, length) == 0
    }

    /// Writes this key.
    @inline(__always)
    func write(to writer: inout WireWriter) {
        let target = writer.room(length &+ Self.block)
        target.storeBytes(of: low, as: UInt64.self)
        target.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
        if length > Self.block, let bytes { target.copyMemory(from: bytes, byteCount: length) }
        writer.next += length
    }
}
