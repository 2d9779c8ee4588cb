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

    /// The most bytes that a stack of numbers may have.
    private static let longestStack = 64

    /// No request's number. A reply under it, and empty, is a goodbye: what comes from now on is
    /// refused, what is in hand is still answered. An empty request under it says that nothing more
    /// will come. Peers that do not know it pass over it, as they do over any unknown number.
    static let goodbye: UInt32 = 0x8000_0000
    static let goodbyeHeader: [UInt8] = [0x80, 0, 0, 0]

    static func greeting(_ role: UInt8) -> [UInt8] { [0, 0x53, 0x50, 0, 0, role, 0, 0] }

    static func isGreeting(_ bytes: UnsafeRawBufferPointer, of role: UInt8) -> Bool {
        bytes[0] == 0 && bytes[1] == 0x53 && bytes[2] == 0x50 && bytes[3] == 0 && bytes[4] == 0
            && bytes[5] == role
    }

    /// What the beginning of a message tells of its stack of numbers.
    enum Stack {
        /// It is whole, and has so many bytes.
        case bytes(Int)
        case unfinished
        case none
    }

    /// Looks for the stack's end in what has arrived of a message of `length` bytes.
    @inline(__always)
    static func stack(_ bytes: UnsafeRawBufferPointer, of length: Int) -> Stack {
        var size = 0
        repeat {
            size += 4
            guard size <= length, size <= longestStack else { return .none }
            guard size <= bytes.count else { return .unfinished }
        } while bytes[size - 4] & 0x80 == 0
        return .bytes(size)
    }
}

/// The largest message, which may be raised between two of them. The loop's thread only.
final class Ceiling {
    var bytes: Int
    init(_ bytes: Int) { self.bytes = bytes }
}

/// One message, as the receiver hands it out: valid only during the call.
struct Incoming {
    /// The stack of numbers; empty on pub/sub.
    let header: UnsafeRawBufferPointer
    /// The body among other messages; empty when it has an array of its own.
    let shared: UnsafeRawBufferPointer
    /// The body of a large message, which nobody else holds.
    let own: [UInt8]?
    /// When the last of it was received.
    let heardAt: UInt64

    /// The body to keep.
    @inline(__always)
    var body: [UInt8] { own ?? [UInt8](shared) }

    /// The body to look at.
    func withBody(_ look: (UnsafeRawBufferPointer) -> Void) {
        if let own { own.withUnsafeBytes(look) } else { look(shared) }
    }
}
