import EventLoop
import Glibc

/// Splits what arrives into messages. The loop's thread only.
///
/// Small messages lie side by side in one buffer that never grows. A large one is received straight
/// into the array that its reader keeps, as soon as its head tells how long it will be.
struct ReceiveBuffer: ~Copyable {
    private static let size = 1 << 16
    /// From so many bytes on a message gets an array of its own.
    private static let large = 1 << 14
    /// After a large message, so much is read to find out how large the next one is: what is read
    /// too far has to be copied.
    private static let glance = 1 << 12

    /// What became of one message.
    enum Verdict {
        case taken
        /// Taken, and the ones behind it have to wait.
        case pause
        /// No message of ours.
        case refused
    }

    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    /// The body that is being received on its own, and how much of it is there. What stands in
    /// front of it, up to `bodyFrom`, is at the beginning of the buffer.
    private var body: [UInt8] = []
    private var bodyFilled = 0
    private var bodyFrom = 0
    private var wasLarge = false
    private(set) var isGreeted = false
    /// When something arrived last; at first, when waiting began.
    private(set) var heardAt = monotonic()
    private let prefix: Int
    private let expected: UInt8
    private let limit: Ceiling

    /// `expected` is the protocol that the other side must greet with.
    init(prefix: Int, expected: UInt8, limit: Ceiling) {
        (self.prefix, self.expected, self.limit) = (prefix, expected, limit)
        buffer = .allocate(byteCount: Self.size, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// True in front of the greeting and within a message: the other side has to go on.
    var isUnfinished: Bool { !isGreeted || filled > 0 }

    /// Reads what there is and hands out what is complete. False when the peer is gone, or speaks
    /// something else.
    mutating func read(
        from stream: SPStream, _ message: (Incoming) -> Verdict
    ) -> Bool {
        while true {
            // Full of what nobody would take so far: no reading, which would look like the end.
            guard bodyFrom > 0 || filled < buffer.count else { return handOut(message) }
            let count = receive(stream)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            if count == 0 { return false }
            heardAt = monotonic()
            let wasAtBody = bodyFrom > 0
            var isUntouched = true
            let isFine = handOut { incoming in
                isUntouched = false
                return message(incoming)
            }
            guard isFine else { return false }
            // The rest of a body is likely to be here. Once a message has been handed out, its
            // reader may have closed the descriptor.
            guard bodyFrom > 0, !wasAtBody, isUntouched else { return true }
        }
    }

    /// Reads once: first what is missing of a large body, then into the buffer.
    private mutating func receive(_ stream: SPStream) -> Int {
        let room = min(buffer.count - filled, wasLarge ? Self.glance : buffer.count)
        let behind = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + room])
        guard bodyFrom > 0 else {
            let count = stream.receive(behind)
            if count > 0 { filled += count }
            return count
        }
        let from = bodyFilled
        let missing = body.count - from
        let count = body.withUnsafeMutableBytes { raw in
            stream.receive(UnsafeMutableRawBufferPointer(rebasing: raw[from...]), behind)
        }
        if count > 0 {
            bodyFilled += min(count, missing)
            filled += max(count - missing, 0)
        }
        return count
    }

    /// Hands out the complete messages that have arrived. `message` sees each only during the call.
    mutating func handOut(_ message: (Incoming) -> Verdict) -> Bool {
        var at = 0
        if !isGreeted {
            guard filled >= 8 else { return true }
            guard SPFrames.isGreeting(UnsafeRawBufferPointer(buffer), of: expected) else {
                return false
            }
            (isGreeted, at) = (true, 8)
        }
        var verdict = Verdict.taken
        if bodyFrom > 0 {
            guard bodyFilled == body.count else { return true }
            verdict = finish(message)
            at = verdict == .refused ? 0 : bodyFrom
            bodyFrom = 0
        } else {
            wasLarge = false
        }
        while verdict == .taken, let next = take(at, message) {
            verdict = next.verdict
            at = next.end
        }
        if verdict == .refused { return false }
        if at > 0, let base = buffer.baseAddress {
            memmove(base, base + at, filled - at)
            filled -= at
        }
        return true
    }

    /// Hands out the large message that has become complete.
    private mutating func finish(_ message: (Incoming) -> Verdict) -> Verdict {
        var whole: [UInt8] = []
        swap(&whole, &body)
        bodyFilled = 0
        let header = part(prefix + 8, bodyFrom)
        return message(Incoming(header: header, shared: part(0, 0), own: whole, heardAt: heardAt))
    }

    /// Takes up the message that begins at `at`; nil when it is not complete yet.
    @inline(__always)
    private mutating func take(
        _ at: Int, _ message: (Incoming) -> Verdict
    ) -> (verdict: Verdict, end: Int)? {
        let start = at + prefix + 8
        guard start <= filled else { return nil }
        guard prefix == 0 || buffer[at] == 1 else { return (.refused, at) }
        let told = UInt64(
            bigEndian: buffer.loadUnaligned(fromByteOffset: at + prefix, as: UInt64.self))
        guard told <= UInt64(limit.bytes) else { return (.refused, at) }
        let length = Int(told)
        let end = start + length
        guard end <= filled || length >= Self.large else { return nil }
        var from = start
        if expected != SPFrames.publish {
            switch SPFrames.stack(part(start, min(end, filled)), of: length) {
            case .bytes(let size): from += size
            case .unfinished: return nil
            case .none: return (.refused, at)
            }
        }
        if length >= Self.large { wasLarge = true }
        guard end > filled else {
            return (
                message(
                    Incoming(
                        header: part(start, from), shared: part(from, end), own: nil,
                        heardAt: heardAt)),
                end
            )
        }
        begin(at, body: from, end - from)
        return nil
    }

    /// Makes the array of a large body whose head begins at `at`, and moves what has arrived of it.
    private mutating func begin(_ at: Int, body from: Int, _ count: Int) {
        let arrived = filled - from
        body = [UInt8](unwritten: count)
        let start = part(from, filled)
        body.withUnsafeMutableBytes { $0.copyMemory(from: start) }
        bodyFilled = arrived
        // The head goes to the front when the messages before it are gone.
        bodyFrom = from - at
        filled = from
    }

    @inline(__always)
    private func part(_ from: Int, _ to: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[from..<to])
    }
}

extension [UInt8] {
    /// Bytes that hold anything at all: every one is written before somebody sees it. Filling a
    /// megabyte with zeros would cost as much as the copy that is saved.
    fileprivate init(unwritten count: Int) {
        self.init(unsafeUninitializedCapacity: count) { _, written in written = count }
    }
}
