import CNng

/// libnng's messages, made from bytes of ours and back. Each has one owner, who frees it or hands it
/// to libnng.
enum Message {
    /// What of a message is kept for the answer instead of being freed.
    private static let small = 4_096

    /// A request under a number, which stands before its body on the wire. nil without memory.
    static func request(_ body: [UInt8], number: UInt32) -> OpaquePointer? {
        var made: OpaquePointer?
        guard nng_msg_alloc(&made, body.count) == 0, let message = made else { return nil }
        guard nng_msg_header_append_u32(message, number) == 0 else {
            nng_msg_free(message)
            return nil
        }
        if !body.isEmpty { nng_msg_body(message).copyMemory(from: body, byteCount: body.count) }
        return message
    }

    /// An answer, in the message of its request where that is given.
    static func reply(_ body: [UInt8], in used: OpaquePointer?) -> OpaquePointer? {
        var made = used
        if let used { nng_msg_clear(used) } else { nng_msg_alloc(&made, 0) }
        guard let message = made else { return nil }
        guard nng_msg_append(message, body, body.count) == 0 else {
            nng_msg_free(message)
            return nil
        }
        return message
    }

    static func bytes(_ message: OpaquePointer) -> [UInt8] {
        [UInt8](
            UnsafeRawBufferPointer(start: nng_msg_body(message), count: nng_msg_len(message)))
    }

    /// Frees a request that was read; answers with it where it is small enough for its answer.
    static func spare(_ message: OpaquePointer) -> OpaquePointer? {
        guard nng_msg_len(message) > small else { return message }
        nng_msg_free(message)
        return nil
    }

    /// The number of a reply on a raw socket: its whole header. nil for the stack of a device.
    static func replyNumber(_ message: OpaquePointer) -> UInt32? {
        guard nng_msg_header_len(message) == 4 else { return nil }
        return word(nng_msg_header(message))
    }

    /// The number of a request on a cooked socket, which a withdrawal repeats.
    ///
    /// libnng keeps the stack of numbers to itself there, but what it says is empty still holds the
    /// bytes: the header is an array in the message, of which it sets the length to nothing. Read so,
    /// it costs no drop (a raw socket loses replies when more than 64 wait for one peer) and needs no
    /// second wire. A libnng that did clear the array would show 0 here, which is nobody's number:
    /// then a call that its caller gave up runs on to its deadline.
    static func requestNumber(_ message: OpaquePointer) -> UInt32? {
        guard let header = nng_msg_header(message) else { return nil }
        let number = word(header)
        return number & 0x8000_0000 == 0 ? nil : number
    }

    private static func word(_ header: UnsafeMutableRawPointer?) -> UInt32? {
        header.map { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
    }

    private static func word(_ header: UnsafeMutableRawPointer) -> UInt32 {
        UInt32(bigEndian: header.loadUnaligned(as: UInt32.self))
    }
}
