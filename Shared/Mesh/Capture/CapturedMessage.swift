import Wire

/// One message of a service, as a capture holds it.
public struct CapturedMessage: Codable, Sendable, Equatable {
    public enum Kind: Int, Codable, Sendable {
        case request = 0
        case reply = 1
        /// Stands for messages that came faster than they could be written; `size` is their number.
        case lost = 2
    }

    public var kind: Kind
    /// Wall microseconds since 1970.
    public var time: Int64
    public var service: String
    /// The connection, counted by the service since its start.
    public var connection: Int
    /// A reply has the number of its request.
    public var number: Int
    /// What the request asked for and under which id; empty where it could not be read.
    public var method: String
    public var call: String
    /// Bytes of the whole message.
    public var size: Int
    /// The envelope, or as much of its beginning as is kept.
    public var bytes: [UInt8]

    enum CodingKeys: Int, CodingKey {
        case kind = 1
        case time = 2
        case service = 3
        case connection = 4
        case number = 5
        case method = 6
        case call = 7
        case size = 8
        case bytes = 9
    }

    /// False when only the beginning was kept.
    public var isWhole: Bool { bytes.count == size }
}

/// A capture's file: eight bytes that say what it is, then each record behind its length.
enum CaptureFormat {
    /// The last byte counts the versions.
    static let version: UInt8 = 1
    static let beginning: [UInt8] = Array("atelcap".utf8)
    static var start: [UInt8] { beginning + [version] }
    /// More than any record has.
    static let largest = 1 << 22

    static func record(_ message: CapturedMessage) throws(WireError) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 0]
        try WireEncoder.encode(message, appendingTo: &bytes)
        let length = UInt32(clamping: bytes.count - 4)
        for index in 0..<4 {
            bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8))
        }
        return bytes
    }
}
