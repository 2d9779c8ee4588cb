import Glibc

/// Bytes waiting to be written: appended by any thread, under its owner's lock. Small messages are
/// gathered; a large one waits as it is, without being copied. All of it leaves together.
struct SendBuffer {
    /// A body from so many bytes on is not copied.
    private static let large = 1 << 13
    /// The most pieces that are given to the kernel at once (far below IOV_MAX).
    private static let most = 64

    /// From so many bytes on nothing is gained by waiting for more.
    static let much = 256 << 10

    private struct Piece {
        /// It belongs where the gathered bytes have come to this place.
        var at: Int
        var body: [UInt8]
    }

    /// What has been gathered, and how much of it has left.
    private var bytes: [UInt8] = []
    private var gone = 0
    /// The large bodies, which of them leaves next, and how much of that one has left.
    private var pieces: [Piece] = []
    private var next = 0
    private var head = 0
    private(set) var count = 0

    mutating func append(raw: [UInt8]) {
        bytes += raw
        count += raw.count
    }

    mutating func append(header: [UInt8], body: [UInt8], prefix: Int) {
        start(header.count + body.count, prefix)
        bytes += header
        append(body)
    }

    mutating func append(number: UInt32, body: [UInt8], prefix: Int) {
        start(4 + body.count, prefix)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        append(body)
    }

    @inline(__always)
    private mutating func start(_ length: Int, _ prefix: Int) {
        if prefix == 1 { bytes.append(1) }
        withUnsafeBytes(of: UInt64(length).bigEndian) { bytes.append(contentsOf: $0) }
        count += prefix + 8 + length
    }

    @inline(__always)
    private mutating func append(_ body: [UInt8]) {
        if body.count < Self.large {
            bytes += body
        } else {
            pieces.append(Piece(at: bytes.count, body: body))
        }
    }

    /// Sends what the kernel takes. False when the peer is gone.
    mutating func write(to stream: SPStream) -> Bool {
        while count > 0 {
            let sent = pieces.isEmpty ? sendBytes(to: stream) : sendAll(to: stream)
            if sent < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return false }
                compact()
                return true
            }
            count -= sent
            pass(sent)
        }
        removeAll()
        return true
    }

    private func sendBytes(to stream: SPStream) -> Int {
        bytes.withUnsafeBytes { raw in
            stream.send(UnsafeRawBufferPointer(rebasing: raw[gone...]))
        }
    }

    /// Gathered bytes and large bodies in turn, in one call.
    private func sendAll(to stream: SPStream) -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.most) { list in
            var (filled, at, from) = (0, gone, head)
            // An array's elements stay where they are while it is neither changed nor let go of.
            func add(_ array: [UInt8], _ range: Range<Int>) {
                guard !range.isEmpty, filled < list.count else { return }
                let base = array.withUnsafeBytes { $0.baseAddress }
                list[filled] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: base.map { $0 + range.lowerBound }),
                    iov_len: range.count)
                filled += 1
            }
            for index in next..<pieces.count where filled < list.count {
                add(bytes, at..<pieces[index].at)
                add(pieces[index].body, from..<pieces[index].body.count)
                (at, from) = (pieces[index].at, 0)
            }
            add(bytes, at..<bytes.count)
            return withExtendedLifetime(self) {
                stream.send(UnsafeMutableBufferPointer(rebasing: list[..<filled]))
            }
        }
    }

    /// Notes that so much more has left.
    private mutating func pass(_ sent: Int) {
        var left = sent
        while next < pieces.count {
            let before = min(pieces[next].at - gone, left)
            (gone, left) = (gone + before, left - before)
            let part = min(pieces[next].body.count - head, left)
            (head, left) = (head + part, left - part)
            guard gone == pieces[next].at, head == pieces[next].body.count else { return }
            pieces[next].body = []
            (next, head) = (next + 1, 0)
        }
        gone += left
    }

    /// A peer that never quite catches up must not make us keep what it has read already.
    private mutating func compact() {
        if next > 64, next > pieces.count / 2 {
            pieces.removeFirst(next)
            next = 0
        }
        guard gone > 1 << 16, gone > bytes.count / 2 else { return }
        bytes.removeFirst(gone)
        for index in pieces.indices { pieces[index].at = max(pieces[index].at - gone, 0) }
        gone = 0
    }

    mutating func removeAll() {
        if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        if !pieces.isEmpty {
            if pieces.capacity > 1 << 10 {
                pieces = []
            } else {
                pieces.removeAll(keepingCapacity: true)
            }
        }
        (gone, next, head, count) = (0, 0, 0, 0)
    }
}
