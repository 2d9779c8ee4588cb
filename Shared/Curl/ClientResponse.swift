/// A response that has been read to its end.
public struct ClientResponse: Sendable {
    public let status: Int
    public let headers: ResponseHeaders
    public let body: [UInt8]
}

/// Header fields as they came, found without regard to case.
public struct ResponseHeaders: Sendable {
    /// In the server's order and spelling, repeated ones apart.
    public private(set) var fields: [(name: String, value: String)] = []

    /// The first field of this name.
    public subscript(name: String) -> String? {
        fields.first { Self.same($0.name, name) }?.value
    }

    /// The values of every field of this name.
    public func all(_ name: String) -> [String] {
        fields.filter { Self.same($0.name, name) }.map(\.value)
    }

    mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }
    mutating func removeAll() { fields.removeAll() }

    private static func same(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count
            && zip(one.utf8, other.utf8).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
