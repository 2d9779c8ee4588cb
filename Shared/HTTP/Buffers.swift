/// Bytes read and not yet understood. Taking from the front moves a mark, not the rest.
struct InputBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    /// Lends the bytes to `read`, which answers how many it took.
    mutating func take<R, E: Error>(
        _ read: (Span<UInt8>) throws(E) -> (used: Int, result: R)
    ) throws(E) -> R {
        let (used, result) = try read(bytes.span.extracting(start..<bytes.count))
        start += used
        if start == bytes.count { clear() }
        return result
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0 && start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    mutating func clear() {
        // An idle connection should cost next to nothing.
        if bytes.capacity > 4096 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        start = 0
    }
}

/// Bytes that wait for the peer, in the pieces they came in; small ones are joined.
struct OutputBuffer: Sendable {
    private static let joined = 16 * 1024

    private var pieces: [[UInt8]] = []
    private var first = 0
    private var offset = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// Whether another piece follows the front one.
    var hasMore: Bool { first + 1 < pieces.count }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.joined {
            pieces[last] += bytes
        } else {
            pieces.append(bytes)
        }
    }

    func withFront<R>(_ read: (UnsafeRawBufferPointer) -> R) -> R {
        pieces[first].withUnsafeBytes { read(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
    }

    mutating func consume(_ sent: Int) {
        count -= sent
        offset += sent
        guard offset == pieces[first].count else { return }
        pieces[first] = []
        first += 1
        offset = 0
        if first == pieces.count {
            pieces.removeAll(keepingCapacity: pieces.capacity <= 16)
            first = 0
        } else if first >= 64 {
            pieces.removeFirst(first)
            first = 0
        }
    }

    mutating func clear() { self = OutputBuffer() }
}
