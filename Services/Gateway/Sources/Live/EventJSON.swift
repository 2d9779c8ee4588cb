import Contracts
import REST

/// Events as JSON text. Their data is JSON already, and a piece of text is on the path of every
/// token: both are written here by hand.
enum EventJSON {
    static func object(_ event: Orchestrator.Event) -> String {
        var out = "{\"seq\":\(event.seq),\"type\":\(quoted(event.type)),"
        out += "\"at\":\"\(rfc3339(event.at))\","
        if let step = event.step { out += "\"step\":\(quoted(step))," }
        return out + "\"data\":\(event.data)}"
    }

    static func object(_ text: Orchestrator.TextPiece) -> String {
        "{\"step\":\(quoted(text.step)),\"attempt\":\(text.attempt),"
            + "\"agent\":\(quoted(text.agent)),\"offset\":\(text.offset),"
            + "\"text\":\(quoted(text.text)),\"left_provider_at\":\(text.leftProviderAt)}"
    }

    /// A JSON string (RFC 8259, section 7).
    static func quoted(_ text: String) -> String {
        var out: [UInt8] = [34]
        out.reserveCapacity(text.utf8.count + 2)
        let digits = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            switch byte {
            case 34, 92: out += [92, byte]
            case 10: out += [92, 110]
            case 13: out += [92, 114]
            case 9: out += [92, 116]
            case 0..<32: out += [92, 117, 48, 48, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(34)
        return String(decoding: out, as: UTF8.self)
    }
}
