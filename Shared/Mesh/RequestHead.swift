import MeshContract

/// What stands around the body of a request: `RequestEnvelope` without it.
struct RequestHead: Sendable {
    var method: String
    var caller: String
    var call: String
    var trace: String?
    /// How long the caller waits, in milliseconds from now.
    var time: Int
    /// Whose call this is, where its connection does not tell. Ours do.
    var proof: SignedStatement?

    private typealias Keys = RequestEnvelope.CodingKeys

    /// The bytes of the `RequestEnvelope` around a body that `write` appends.
    func message(_ write: (inout [UInt8]) throws(Fault) -> Void) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(trace == nil ? 0xA5 : 0xA6)
        bytes.append(key: Keys.method.byte, text: method)
        bytes.append(key: Keys.caller.byte, text: caller)
        bytes.append(key: Keys.call.byte, text: call)
        if let trace { bytes.append(key: Keys.trace.byte, text: trace) }
        bytes.append(Keys.time.byte)
        bytes.append(head: 0, max(time, 0))
        try bytes.appendBody(key: Keys.body.byte, write)
        return bytes
    }

    /// Reads a request: at once what `message` writes, by way of the decoder all else that means
    /// the same.
    static func read(_ message: [UInt8]) throws(Fault) -> (RequestHead, Body) {
        if let quick = quick(message) { return quick }
        let envelope = try Envelope.decode(RequestEnvelope.self, from: message, .invalid)
        let head = RequestHead(
            method: envelope.method, caller: envelope.caller, call: envelope.call,
            trace: envelope.trace, time: envelope.time, proof: envelope.proof)
        return (head, Body(message: envelope.body, range: 0..<envelope.body.count))
    }

    private static func quick(_ message: [UInt8]) -> (RequestHead, Body)? {
        guard let first = message.first, first == 0xA5 || first == 0xA6 else { return nil }
        var at = 1
        guard let method = message.text(key: Keys.method.byte, &at),
            let caller = message.text(key: Keys.caller.byte, &at),
            let call = message.text(key: Keys.call.byte, &at)
        else { return nil }
        var trace: String?
        if first == 0xA6 {
            guard let text = message.text(key: Keys.trace.byte, &at) else { return nil }
            trace = text
        }
        guard at < message.count, message[at] == Keys.time.byte else { return nil }
        at += 1
        guard let time = message.head(0, &at),
            let range = message.body(key: Keys.body.byte, &at)
        else { return nil }
        let head = RequestHead(
            method: method, caller: caller, call: call, trace: trace, time: time)
        return (head, Body(message: message, range: range))
    }
}

extension RequestEnvelope.CodingKeys {
    /// A small number is its own CBOR item.
    fileprivate var byte: UInt8 { UInt8(rawValue) }
}
