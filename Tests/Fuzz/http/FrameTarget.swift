/// Arbitrary bytes as a WebSocket's frames: they mean the same in any pieces, texts are texts, and
/// what was read, written down again, is the same.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let (bytes, piece) = Law.pieces(UnsafeBufferPointer(start: start, count: count))
    let whole = Frames.read(bytes, piece: max(bytes.count, 1))
    let split = Frames.read(bytes, piece: piece)
    if whole != split { Law.broken("pieces change the meaning: \(whole) and \(split)") }
    let written = Frames.written(whole.events, mask: UInt32(truncatingIfNeeded: bytes.count * 77))
    let again = Frames.read(written, piece: piece)
    if again.events != whole.events || again.flaw != nil { Law.broken("written otherwise") }
    return 0
}

struct Frames: Equatable {
    private static let limit = 2_000

    var events: [WebSocketDecoder.Event] = []
    var flaw: WebSocketCloseCode?

    static func read(_ bytes: [UInt8], piece: Int) -> Frames {
        var decoder = WebSocketDecoder(limit: limit)
        var found = Frames()
        var rest = bytes[...]
        do throws(WebSocketFlaw) {
            while !rest.isEmpty, !decoder.isEnded {
                let next = Array(rest.prefix(piece))
                let (used, event) = try decoder.feed(next.span)
                if used > next.count || (used == 0 && event == nil) { Law.broken("no progress") }
                rest = rest.dropFirst(used)
                if let event { found.take(event) }
            }
        } catch {
            found.flaw = error.code
            if !error.code.isAllowed { Law.broken("a flaw that cannot be told") }
        }
        return found
    }

    private mutating func take(_ event: WebSocketDecoder.Event) {
        switch event {
        case .message(.text(let text)):
            if text.utf8.count > Self.limit { Law.broken("a message past its limit") }
        case .message(.binary(let bytes)):
            if bytes.count > Self.limit { Law.broken("a message past its limit") }
        case .ping(let bytes), .pong(let bytes):
            if bytes.count > 125 { Law.broken("a long control frame") }
        case .close(let code, _):
            if code != .none, !code.isAllowed { Law.broken("the code \(code.rawValue)") }
        }
        events.append(event)
    }

    static func written(_ events: [WebSocketDecoder.Event], mask: UInt32) -> [UInt8] {
        events.flatMap { event in
            switch event {
            case .message(.text(let text)):
                WebSocketFrame.whole(.text, Array(text.utf8), mask: mask)
            case .message(.binary(let bytes)): WebSocketFrame.whole(.binary, bytes, mask: mask)
            case .ping(let bytes): WebSocketFrame.whole(.ping, bytes, mask: mask)
            case .pong(let bytes): WebSocketFrame.whole(.pong, bytes, mask: mask)
            case .close(let code, let reason):
                masked(WebSocketFrame.close(code == .none ? nil : code, reason), mask)
            }
        }
    }

    /// A server's farewell as a client would send it.
    private static func masked(_ frame: [UInt8], _ mask: UInt32) -> [UInt8] {
        WebSocketFrame.whole(.close, Array(frame.dropFirst(2)), mask: mask)
    }
}
