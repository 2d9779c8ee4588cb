import EventLoop
import Glibc

/// The scalability protocols' framing, as nng and nanomsg speak it.
///
/// Greeting: `00 'S' 'P' 00 protocol(u16) 00 00`. Message: `[01 on ipc] length(u64) header body`, all
/// big endian. A request's header is a stack of u32; the last, with its top bit set, is the
/// request's number. A reply repeats the stack. What is published has no header.
enum SPFrames {
    static let publish: UInt8 = 0x20
    static let subscribe: UInt8 = 0x21
    static let request: UInt8 = 0x30
    static let reply: UInt8 = 0x31

    static func greeting(_ role: UInt8) -> [UInt8] { [0, 0x53, 0x50, 0, 0, role, 0, 0] }

    static func isGreeting(_ bytes: UnsafeMutableRawBufferPointer, of role: UInt8) -> Bool {
        bytes[0] == 0 && bytes[1] == 0x53 && bytes[2] == 0x50 && bytes[3] == 0 && bytes[4] == 0
            && bytes[5] == role
    }
}

/// Splits what arrives into messages. Grows to the message at hand, never past the limit, and
/// shrinks again. The loop's thread only.
struct ReceiveBuffer: ~Copyable {
    private static let usual = 1 << 16
    /// The largest buffer that stays when its message is gone.
    private static let kept = 1 << 18

    private var buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private(set) var isGreeted = false
    /// When something arrived last; at first, when waiting began.
    private(set) var heardAt = monotonic()
    private let prefix: Int
    private let expected: UInt8
    private let limit: Int

    /// `expected` is the protocol that the other side must greet with.
    init(prefix: Int, expected: UInt8, limit: Int) {
        (self.prefix, self.expected, self.limit) = (prefix, expected, limit)
        buffer = .allocate(byteCount: Self.usual, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// True in front of the greeting and within a message: the other side has to go on.
    var isUnfinished: Bool { !isGreeted || filled > 0 }

    /// What became of one message.
    enum Verdict {
        case taken
        /// Taken, and the ones behind it have to wait.
        case pause
        /// No message of ours.
        case refused
    }

    /// Reads once and hands out what is complete. False when the peer is gone, or speaks something
    /// else.
    mutating func read(
        from descriptor: Int32, _ message: (UnsafeRawBufferPointer) -> Verdict
    ) -> Bool {
        guard let base = buffer.baseAddress else { return false }
        let count = recv(descriptor, base + filled, buffer.count - filled, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        if count == 0 { return false }
        filled += count
        heardAt = monotonic()
        return handOut(message)
    }

    /// Hands out the complete messages that have arrived. `message` sees header and body, only
    /// during the call.
    mutating func handOut(_ message: (UnsafeRawBufferPointer) -> Verdict) -> Bool {
        guard let base = buffer.baseAddress else { return false }
        var at = 0
        if !isGreeted {
            guard filled >= 8 else { return true }
            guard SPFrames.isGreeting(buffer, of: expected) else { return false }
            (isGreeted, at) = (true, 8)
        }
        var need = 0
        reading: while filled - at >= prefix + 8 {
            guard prefix == 0 || buffer[at] == 1 else { return false }
            let length = UInt64(
                bigEndian: buffer.loadUnaligned(fromByteOffset: at + prefix, as: UInt64.self))
            guard length <= UInt64(limit) else { return false }
            let start = at + prefix + 8
            let end = start + Int(length)
            if end > filled {
                need = end - at
                break
            }
            let verdict = message(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            at = end
            switch verdict {
            case .taken: continue
            case .pause: break reading
            case .refused: return false
            }
        }
        if at > 0 {
            memmove(base, base + at, filled - at)
            filled -= at
        }
        resize(to: max(need, filled, Self.usual))
        return true
    }

    private mutating func resize(to size: Int) {
        let shrinks = buffer.count > Self.kept && size == Self.usual
        guard size > buffer.count || shrinks else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        if filled > 0, let to = larger.baseAddress, let from = buffer.baseAddress {
            memcpy(to, from, filled)
        }
        buffer.deallocate()
        buffer = larger
    }
}
