/// A zip file (PKWARE APPNOTE 6.3.10) as a plan: every byte's place is known before any content is
/// read, so that it is streamed without a temporary file, and from any offset.
///
/// Names are UTF-8. Beyond 4 GiB, or 65,535 entries, the sizes are ZIP64's.
public struct ZipLayout: Sendable {
    /// One file in it.
    public struct Entry: Sendable, Equatable {
        /// With `/` between folders; whoever plans sees to it that it leads nowhere else.
        public let name: String
        public let crc32: UInt32
        /// Bytes of the content.
        public let size: Int
        /// Bytes as they stand in the file; fewer than `size` when it is deflated.
        public let stored: Int
        /// Wall milliseconds.
        public let modified: Int64

        /// An entry that stands there as it is.
        public init(name: String, crc32: UInt32, size: Int, modified: Int64) {
            (self.name, self.crc32, self.size) = (name, crc32, size)
            (stored, self.modified) = (size, modified)
        }

        /// An entry that stands there deflated, in `stored` bytes.
        public init(name: String, crc32: UInt32, size: Int, deflated: Int, modified: Int64) {
            (self.name, self.crc32, self.size) = (name, crc32, size)
            (stored, self.modified) = (deflated, modified)
        }

        var isDeflated: Bool { stored != size }
    }

    /// A stretch of the file.
    public enum Piece: Sendable, Equatable {
        case bytes([UInt8])
        /// A part of an entry, as it is stored.
        case content(entry: Int, Range<Int>)
    }

    public let entries: [Entry]
    /// Bytes of the whole file.
    public let count: Int
    private let starts: [Int]
    private let directoryStart: Int
    private let directory: [UInt8]

    public init(_ entries: [Entry]) {
        self.entries = entries
        var (starts, at): ([Int], Int) = ([], 0)
        for entry in entries {
            starts.append(at)
            at += ZipRecords.localSize(entry) + entry.stored
        }
        var directory: [UInt8] = []
        for (entry, start) in zip(entries, starts) {
            directory += ZipRecords.central(entry, at: start)
        }
        directory += ZipRecords.end(entries.count, directory.count, at: at)
        (self.starts, self.directory, directoryStart) = (starts, directory, at)
        count = at + directory.count
    }

    /// What stands in `range`, in order; the range is cut to the file.
    public func pieces(in range: Range<Int>) -> [Piece] {
        let range = range.clamped(to: 0..<count)
        guard !range.isEmpty else { return [] }
        var pieces: [Piece] = []
        // The last entry that begins at or before the range.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        for number in max(low - 1, 0)..<max(entries.count, max(low - 1, 0)) {
            guard starts[number] < range.upperBound else { break }
            let header = starts[number]..<starts[number] + ZipRecords.localSize(entries[number])
            if header.overlaps(range) {
                let wanted = header.clamped(to: range)
                let bytes = ZipRecords.local(entries[number])
                let from = wanted.lowerBound - header.lowerBound
                pieces.append(.bytes(Array(bytes[from..<from + wanted.count])))
            }
            let body = header.upperBound..<header.upperBound + entries[number].stored
            let wanted = body.clamped(to: range)
            if !wanted.isEmpty {
                let from = wanted.lowerBound - body.lowerBound
                pieces.append(.content(entry: number, from..<from + wanted.count))
            }
        }
        let tail = (directoryStart..<count).clamped(to: range)
        if !tail.isEmpty {
            let from = tail.lowerBound - directoryStart
            pieces.append(.bytes(Array(directory[from..<from + tail.count])))
        }
        return pieces
    }

    /// A small zip file in memory, its entries deflated where that makes them smaller.
    public static func file(
        _ files: [(name: String, content: [UInt8])], modified: Int64
    ) -> [UInt8] {
        var (entries, bodies): ([Entry], [[UInt8]]) = ([], [])
        for (name, content) in files {
            let sum = Deflate.crc32(content)
            if let deflated = Deflate.compress(content), deflated.count < content.count {
                entries.append(
                    Entry(
                        name: name, crc32: sum, size: content.count, deflated: deflated.count,
                        modified: modified))
                bodies.append(deflated)
            } else {
                entries.append(
                    Entry(name: name, crc32: sum, size: content.count, modified: modified))
                bodies.append(content)
            }
        }
        let layout = ZipLayout(entries)
        return layout.pieces(in: 0..<layout.count).reduce(into: []) { file, piece in
            switch piece {
            case .bytes(let bytes): file += bytes
            case .content(let entry, let range): file += bodies[entry][range]
            }
        }
    }
}
