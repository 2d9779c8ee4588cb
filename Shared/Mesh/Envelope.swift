import MeshContract
import Wire

/// A request on the wire, around the method's own bytes.
///
/// The synthesized coding is the law. `RequestHead` writes the same bytes without a copy of the
/// body, and reads that one form of them at once.
struct RequestEnvelope: Codable, Equatable {
    var method: String
    var caller: String
    var call: String
    var trace: String?
    /// How long the caller waits, in milliseconds from now.
    var time: Int
    var body: [UInt8]
    /// Whose call this is, where its connection does not tell.
    var proof: SignedStatement?

    enum CodingKeys: Int, CodingKey {
        case method = 1
        case caller = 2
        case call = 3
        case trace = 4
        case time = 5
        case body = 6
        case proof = 7
    }
}

/// An answer on the wire: the reply's bytes, or the fault.
struct ReplyEnvelope: Codable {
    var body: [UInt8]?
    var fault: Fault?

    enum CodingKeys: Int, CodingKey {
        case body = 1
        case fault = 2
    }
}

/// How values become bytes between services, and what it means when they do not.
enum Envelope {
    static func encode(_ value: some Encodable) throws(Fault) -> [UInt8] {
        do {
            return try WireEncoder.encode(value)
        } catch {
            throw Fault(.internal, "a \(type(of: value)) could not be encoded")
        }
    }

    static func append(_ value: some Encodable, to bytes: inout [UInt8]) throws(Fault) {
        do {
            try WireEncoder.encode(value, appendingTo: &bytes)
        } catch {
            throw Fault(.internal, "a \(type(of: value)) could not be encoded")
        }
    }

    static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], _ code: Fault.Code
    ) throws(Fault) -> T {
        do {
            return try WireDecoder.decode(type, from: bytes)
        } catch {
            throw Fault(code, "unreadable \(type)", detail: "\(error)")
        }
    }
}

/// The body of a message that came, where it came.
struct Body: Sendable {
    let message: [UInt8]
    let range: Range<Int>

    func decode<T: Decodable>(_ type: T.Type, _ code: Fault.Code) throws(Fault) -> T {
        do {
            return try message.withUnsafeBytes { bytes throws(WireError) in
                try WireDecoder.decode(type, from: UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        } catch {
            throw Fault(code, "unreadable \(type)", detail: "\(error)")
        }
    }
}

extension ReplyEnvelope {
    /// The message of a reply whose bytes `write` appends.
    static func message(
        _ write: (inout [UInt8]) throws(Fault) -> Void
    ) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(0xA1)
        try bytes.appendBody(key: UInt8(CodingKeys.body.rawValue), write)
        return bytes
    }

    /// The reply in a message; throws the fault that is there instead.
    static func read(_ message: [UInt8]) throws(Fault) -> Body {
        var at = 1
        if message.first == 0xA1,
            let range = message.body(key: UInt8(CodingKeys.body.rawValue), &at)
        {
            return Body(message: message, range: range)
        }
        let envelope = try Envelope.decode(ReplyEnvelope.self, from: message, .internal)
        if let fault = envelope.fault { throw fault }
        let body = envelope.body ?? []
        return Body(message: body, range: 0..<body.count)
    }
}
