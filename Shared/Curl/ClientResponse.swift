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
        fields.first { HeadLine.sameName($0.name.utf8, name.utf8) }?.value
    }

    /// The values of every field of this name.
    public func all(_ name: String) -> [String] {
        fields.filter { HeadLine.sameName($0.name.utf8, name.utf8) }.map(\.value)
    }

    mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }
    mutating func removeAll() { fields.removeAll() }
}
