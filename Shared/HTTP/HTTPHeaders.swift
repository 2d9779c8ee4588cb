/// The header fields of a request, in order, found by name whatever its case.
public struct HTTPHeaders: Sendable, Equatable, Sequence {
    /// One field, its name in lower case.
    public struct Field: Sendable, Equatable {
        /// The name in lower case.
        public let name: String
        /// The value without the space around it.
        public internal(set) var value: String
    }

    private var fields: [Field] = []

    /// None.
    public init() {}

    /// For tests and for requests that do not come from a socket.
    public init(_ fields: [(String, String)]) {
        for (name, value) in fields { append(name.lowercased(), value) }
    }

    /// How many fields there are; a repeated name counts each time.
    public var count: Int { fields.count }

    /// The first value of a field.
    public subscript(name: String) -> String? {
        fields.first { Self.same($0.name, name) }?.value
    }

    /// Every value of a field, in order.
    public func all(_ name: String) -> [String] {
        fields.filter { Self.same($0.name, name) }.map(\.value)
    }

    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    /// `name` is in lower case already.
    mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    mutating func replace(_ name: String, with value: String) {
        fields.removeAll { $0.name == name }
        append(name, value)
    }

    private static func same(_ lower: String, _ any: String) -> Bool {
        lower.utf8.count == any.utf8.count
            && zip(lower.utf8, any.utf8).allSatisfy { $0 == Bytes.lower($1) }
    }
}
