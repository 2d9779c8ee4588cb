/// A message as it is sent and received.
public enum WebSocketMessage: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
}

/// Why a peer's frames are not taken any more.
struct WebSocketFlaw: Error, Equatable, Sendable {
    let code: WebSocketCloseCode
    let reason: String

    static func broken(_ reason: String) -> WebSocketFlaw { .init(code: .protocolError, reason) }
    static let badText = WebSocketFlaw(code: .badText, "text that is not UTF-8")

    init(code: WebSocketCloseCode, _ reason: String) { (self.code, self.reason) = (code, reason) }
}

/// Reads a client's frames from bytes in any pieces (RFC 6455, 5), puts fragments together, and
/// refuses at the first byte that shows a flaw.
struct WebSocketDecoder: Sendable {
    enum Event: Equatable, Sendable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong([UInt8])
        case close(WebSocketCloseCode, reason: String)
    }

    private enum State { case first, second, length, mask, payload, ended }

    private let limit: Int
    private var state = State.first
    private var opcode = WebSocketOpcode.text
    private var isLast = true
    private var number: UInt64 = 0
    private var missing = 0
    private var remaining = 0
    /// What a length in so many bytes is at least.
    private var shortest = 0
    private var mask = WebSocketMask(0)
    /// The kind of the message in progress.
    private var kind: WebSocketOpcode?
    private var message: [UInt8] = []
    private var control: [UInt8] = []
    private var text = UTF8Checker()

    /// `limit` is for one message in all its fragments.
    init(limit: Int) { self.limit = limit }

    /// Whether the peer has said its last.
    var isEnded: Bool { state == .ended }

    /// Takes bytes until something is whole, or all of them; answers how many that were.
    mutating func feed(
        _ input: Span<UInt8>
    ) throws(WebSocketFlaw) -> (used: Int, event: Event?) {
        var index = 0
        while index < input.count, state != .ended {
            if state == .payload {
                let count = min(remaining, input.count - index)
                try take(input, index..<(index + count))
                index += count
            } else {
                try step(input[index])
                index += 1
            }
            if state == .payload, remaining == 0, let event = try endFrame() {
                return (index, event)
            }
        }
        return (index, nil)
    }

    private mutating func step(_ byte: UInt8) throws(WebSocketFlaw) {
        switch state {
        case .first: try stepFirst(byte)
        case .second:
            guard byte & 0x80 != 0 else { throw .broken("frames of a client are masked") }
            let short = Int(byte & 0x7F)
            guard !opcode.isControl || short <= 125 else { throw .broken("a long control frame") }
            guard short >= 126 else { return try begin(short) }
            (number, missing) = (0, short == 126 ? 2 : 8)
            shortest = short == 126 ? 126 : 65_536
            state = .length
        case .length:
            number = number << 8 | UInt64(byte)
            missing -= 1
            guard missing == 0 else { return }
            guard let length = Int(exactly: number), length >= shortest else {
                throw .broken("a length in too many bytes")
            }
            try begin(length)
        case .mask:
            number = number << 8 | UInt64(byte)
            missing -= 1
            guard missing == 0 else { return }
            mask = WebSocketMask(UInt32(truncatingIfNeeded: number))
            state = .payload
        case .payload, .ended: break
        }
    }

    private mutating func stepFirst(_ byte: UInt8) throws(WebSocketFlaw) {
        guard byte & 0x70 == 0 else { throw .broken("reserved bits are set") }
        guard let opcode = WebSocketOpcode(rawValue: byte & 0x0F) else {
            throw .broken("an unknown opcode")
        }
        isLast = byte & 0x80 != 0
        switch opcode {
        case .continuation:
            guard kind != nil else { throw .broken("nothing to be continued") }
        case .text, .binary:
            guard kind == nil else { throw .broken("a message within a message") }
            kind = opcode
            text = UTF8Checker()
        case .close, .ping, .pong:
            guard isLast else { throw .broken("a control frame in fragments") }
        }
        self.opcode = opcode
        state = .second
    }

    private mutating func begin(_ length: Int) throws(WebSocketFlaw) {
        if !opcode.isControl, length > limit - message.count {
            throw WebSocketFlaw(code: .tooLarge, "messages of \(limit) bytes are the longest")
        }
        remaining = length
        (number, missing) = (0, 4)
        state = .mask
    }

    private mutating func take(
        _ input: Span<UInt8>, _ range: Range<Int>
    ) throws(WebSocketFlaw) {
        remaining -= range.count
        guard !opcode.isControl else {
            Self.append(input, range, to: &control, under: &mask)
            return
        }
        let start = message.count
        Self.append(input, range, to: &message, under: &mask)
        guard kind == .text else { return }
        let isText = message.withUnsafeBytes { text.take(.init(rebasing: $0[start...])) }
        guard isText else { throw .badText }
    }

    private static func append(
        _ input: Span<UInt8>, _ range: Range<Int>, to target: inout [UInt8],
        under mask: inout WebSocketMask
    ) {
        let start = target.count
        target.append(contentsOf: input, range)
        target.withUnsafeMutableBytes { mask.apply(.init(rebasing: $0[start...])) }
    }

    private mutating func endFrame() throws(WebSocketFlaw) -> Event? {
        state = .first
        if opcode.isControl {
            defer { control = [] }
            switch opcode {
            case .ping: return .ping(control)
            case .pong: return .pong(control)
            default: return try farewell()
            }
        }
        guard isLast else { return nil }
        let content = message
        message = []
        defer { kind = nil }
        guard kind == .text else { return .message(.binary(content)) }
        guard text.isComplete else { throw .badText }
        return .message(.text(String(decoding: content, as: UTF8.self)))
    }

    private mutating func farewell() throws(WebSocketFlaw) -> Event {
        state = .ended
        guard !control.isEmpty else { return .close(.none, reason: "") }
        guard control.count >= 2 else { throw .broken("half a close code") }
        let code = WebSocketCloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        guard code.isAllowed else { throw .broken("a close code that may not be sent") }
        guard let reason = String(validating: control[2...], as: UTF8.self) else { throw .badText }
        return .close(code, reason: reason)
    }
}
