import Glibc

/// Bytes waiting to be written: appended by any thread, under its owner's lock. Small messages are
/// gathered, to leave together; a large one waits as it is, without being copied.
struct SendBuffer {
    private static let large = 1 << 15

    /// What leaves first, and how much of the first of it has left.
    private var pieces: [[UInt8]] = []
    private var next = 0
    private var head = 0
    /// What has been gathered behind the pieces.
    private var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(raw: [UInt8]) {
        count += raw.count
        bytes += raw
    }

    mutating func append(header: [UInt8], body: [UInt8], prefix: Int) {
        start(header.count + body.count, prefix)
        append(raw: header)
        append(body)
    }

    mutating func append(number: UInt32, body: [UInt8], prefix: Int) {
        start(4 + body.count, prefix)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        count += 4
        append(body)
    }

    private mutating func start(_ length: Int, _ prefix: Int) {
        if prefix == 1 { bytes.append(1) }
        withUnsafeBytes(of: UInt64(length).bigEndian) { bytes.append(contentsOf: $0) }
        count += prefix + 8
    }

    private mutating func append(_ body: [UInt8]) {
        guard body.count >= Self.large else { return append(raw: body) }
        if !bytes.isEmpty { pieces.append(bytes) }
        bytes = []
        pieces.append(body)
        count += body.count
    }

    /// Sends what the kernel takes. False when the peer is gone.
    mutating func write(to descriptor: Int32) -> Bool {
        while count > 0 {
            let isPiece = next < pieces.count
            let size = isPiece ? pieces[next].count : bytes.count
            let hasMore = count > size - head
            let sent =
                isPiece
                ? Self.send(pieces[next], from: head, to: descriptor, hasMore)
                : Self.send(bytes, from: head, to: descriptor, hasMore)
            if sent < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return false }
                compact()
                return true
            }
            head += sent
            count -= sent
            guard head == size, isPiece else { continue }
            pieces[next] = []
            (next, head) = (next + 1, 0)
        }
        removeAll()
        return true
    }

    /// With more behind, tcp is told not to send a packet half full (send(2), MSG_MORE).
    private static func send(
        _ piece: [UInt8], from head: Int, to descriptor: Int32, _ hasMore: Bool
    ) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (hasMore ? Int32(MSG_MORE) : 0)
        return piece.withUnsafeBytes { raw in
            Glibc.send(descriptor, raw.baseAddress.map { $0 + head }, raw.count - head, flags)
        }
    }

    /// A peer that never quite catches up must not make us keep what it has read already.
    private mutating func compact() {
        if next > 64, next > pieces.count / 2 {
            pieces.removeFirst(next)
            next = 0
        }
        guard next == pieces.count, head > 1 << 16, head > bytes.count / 2 else { return }
        bytes.removeFirst(head)
        head = 0
    }

    mutating func removeAll() {
        if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        if !pieces.isEmpty { pieces = [] }
        (next, head, count) = (0, 0, 0)
    }
}
