/// What a frame carries (RFC 6455, 5.2).
enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// The mask of a client's frame, which is undone wherever the pieces end.
struct WebSocketMask: Sendable {
    private let bytes: (UInt8, UInt8, UInt8, UInt8)
    private var at = 0

    /// The first byte on the wire stands highest.
    init(_ key: UInt32) {
        bytes = (
            UInt8(truncatingIfNeeded: key >> 24), UInt8(truncatingIfNeeded: key >> 16),
            UInt8(truncatingIfNeeded: key >> 8), UInt8(truncatingIfNeeded: key)
        )
    }

    mutating func apply(_ target: UnsafeMutableRawBufferPointer) {
        let ring = [bytes.0, bytes.1, bytes.2, bytes.3]
        var word: UInt64 = 0
        for place in 0..<8 { word |= UInt64(ring[(at + place) & 3]) << (8 * UInt64(place)) }
        word = UInt64(littleEndian: word)
        var index = 0
        while index + 8 <= target.count {
            let value = target.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < target.count {
            target[index] ^= ring[(at + index) & 3]
            index += 1
        }
        at = (at + target.count) & 3
    }
}

enum WebSocketFrame {
    /// The head of a frame. `mask` is what a client has to give, and a server must not.
    static func head(
        _ opcode: WebSocketOpcode, length: Int, isLast: Bool = true, mask: UInt32? = nil
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(14)
        out.append(opcode.rawValue | (isLast ? 0x80 : 0))
        let marked: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ..<126: out.append(marked | UInt8(length))
        case ..<65_536:
            out.append(marked | 126)
            for shift in [8, 0] { out.append(UInt8(truncatingIfNeeded: length >> shift)) }
        default:
            out.append(marked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                out.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        if let mask {
            for shift in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: mask >> shift)) }
        }
        return out
    }

    /// A whole frame in one piece.
    static func whole(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isLast: Bool = true, mask: UInt32? = nil
    ) -> [UInt8] {
        var out = head(opcode, length: payload.count, isLast: isLast, mask: mask)
        let start = out.count
        out += payload
        if let mask {
            var mask = WebSocketMask(mask)
            out.withUnsafeMutableBytes { mask.apply(.init(rebasing: $0[start...])) }
        }
        return out
    }

    /// A farewell. The reason is cut so that the frame stays a control frame, at a whole character.
    static func close(_ code: WebSocketCloseCode?, _ reason: String = "") -> [UInt8] {
        guard let code else { return whole(.close, []) }
        var text: [UInt8] = []
        for character in reason.unicodeScalars {
            let next = Array(String(character).utf8)
            guard text.count + next.count <= 123 else { break }
            text += next
        }
        let high = UInt8(truncatingIfNeeded: code.rawValue >> 8)
        return whole(.close, [high, UInt8(truncatingIfNeeded: code.rawValue)] + text)
    }
}
