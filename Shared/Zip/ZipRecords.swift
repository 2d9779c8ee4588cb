import Civil

/// The records of a zip file (APPNOTE 4.3), little endian.
enum ZipRecords {
    private static let limit32 = 0xFFFF_FFFF
    private static let limit16 = 0xFFFF
    /// Names are UTF-8 (bit 11).
    private static let flags = 0x0800
    private static let zip64: UInt16 = 0x0001

    private static func isLarge(_ entry: ZipLayout.Entry) -> Bool {
        entry.size >= limit32 || entry.stored >= limit32
    }

    static func localSize(_ entry: ZipLayout.Entry) -> Int {
        30 + entry.name.utf8.count + (isLarge(entry) ? 20 : 0)
    }

    static func local(_ entry: ZipLayout.Entry) -> [UInt8] {
        let isLarge = isLarge(entry)
        var record = Record()
        record.put32(0x0403_4B50)
        common(entry, needsZip64: isLarge, &record)
        record.put32(isLarge ? limit32 : entry.stored)
        record.put32(isLarge ? limit32 : entry.size)
        record.put16(entry.name.utf8.count)
        record.put16(isLarge ? 20 : 0)
        record.bytes += entry.name.utf8
        if isLarge { sizes([entry.size, entry.stored], &record) }
        return record.bytes
    }

    static func central(_ entry: ZipLayout.Entry, at start: Int) -> [UInt8] {
        var large: [Int] = []
        if isLarge(entry) { large += [entry.size, entry.stored] }
        if start >= limit32 { large.append(start) }
        var record = Record()
        record.put32(0x0201_4B50)
        record.put16(0x032D)  // made on Unix, by the rules of 4.5
        common(entry, needsZip64: !large.isEmpty, &record)
        record.put32(isLarge(entry) ? limit32 : entry.stored)
        record.put32(isLarge(entry) ? limit32 : entry.size)
        record.put16(entry.name.utf8.count)
        record.put16(large.isEmpty ? 0 : 4 + large.count * 8)
        record.put16(0)  // no comment
        record.put16(0)  // the first disk
        record.put16(0)
        record.put32(0o100644 << 16)  // a plain file
        record.put32(min(start, limit32))
        record.bytes += entry.name.utf8
        if !large.isEmpty { sizes(large, &record) }
        return record.bytes
    }

    /// What follows the directory, of `size` bytes at `start`.
    static func end(_ entries: Int, _ size: Int, at start: Int) -> [UInt8] {
        var record = Record()
        if entries >= limit16 || size >= limit32 || start >= limit32 {
            record.put32(0x0606_4B50)
            record.put64(44)
            record.put16(0x032D)
            record.put16(45)
            record.put32(0)
            record.put32(0)
            record.put64(entries)
            record.put64(entries)
            record.put64(size)
            record.put64(start)
            record.put32(0x0706_4B50)
            record.put32(0)
            record.put64(start + size)
            record.put32(1)
        }
        record.put32(0x0605_4B50)
        record.put16(0)
        record.put16(0)
        record.put16(min(entries, limit16))
        record.put16(min(entries, limit16))
        record.put32(min(size, limit32))
        record.put32(min(start, limit32))
        record.put16(0)
        return record.bytes
    }

    private static func common(
        _ entry: ZipLayout.Entry, needsZip64: Bool, _ record: inout Record
    ) {
        let (time, day) = moment(entry.modified)
        record.put16(needsZip64 ? 45 : 20)
        record.put16(flags)
        record.put16(entry.isDeflated ? 8 : 0)
        record.put16(time)
        record.put16(day)
        record.put32(Int(entry.crc32))
    }

    private static func sizes(_ values: [Int], _ record: inout Record) {
        record.put16(Int(zip64))
        record.put16(values.count * 8)
        for value in values { record.put64(value) }
    }

    /// MS-DOS time and date in UTC, from 1980 to 2107.
    static func moment(_ milliseconds: Int64) -> (time: Int, day: Int) {
        let at = CivilTime(min(max(milliseconds / 1_000, 315_532_800), 4_354_819_198))
        return (
            at.hour << 11 | at.minute << 5 | at.second / 2,
            (at.year - 1980) << 9 | at.month << 5 | at.day
        )
    }

    private struct Record {
        var bytes: [UInt8] = []

        mutating func put16(_ value: Int) { put(value, 2) }
        mutating func put32(_ value: Int) { put(value, 4) }
        mutating func put64(_ value: Int) { put(value, 8) }

        private mutating func put(_ value: Int, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (index * 8))) }
        }
    }
}
