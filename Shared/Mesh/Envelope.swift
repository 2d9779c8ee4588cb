import MeshContract
import Wire

/// A request on the wire, around the method's own bytes.
struct RequestEnvelope: Codable, Equatable {
    var method: String
    var caller: String
    var call: String
    var trace: String?
    /// How long the caller waits, in milliseconds from now.
    var time: Int
    var body: [UInt8]

    enum CodingKeys: Int, CodingKey {
        case method = 1
        case caller = 2
        case call = 3
        case trace = 4
        case time = 5
        case body = 6
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
