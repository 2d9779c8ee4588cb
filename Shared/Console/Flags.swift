import FoundationEssentials

/// Reads `--account a1 --amount 5` straight into any flat Codable struct.
///
/// A flag without a value is `true`. A field that is no plain value is read as JSON.
public struct Flags: Sendable {
    private let values: [String: String]

    public init(_ arguments: [String]) throws(UsageError) {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), flag.count > 2 else {
                throw UsageError("\(flag) is no flag; fields are given as --name value")
            }
            var name = String(flag.dropFirst(2))
            let value: String
            if let equals = name.firstIndex(of: "=") {
                value = String(name[name.index(after: equals)...])
                name = String(name[..<equals])
            } else if let next = rest.first, !next.hasPrefix("--") {
                value = next
                rest = rest.dropFirst()
            } else {
                value = "true"
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw UsageError("--\(name) is given twice")
            }
        }
        self.values = values
    }

    public var names: [String] { values.keys.sorted() }
    public subscript(name: String) -> String? { values[name] }

    /// Throws `UsageError` naming the flag that is missing, unreadable or unknown.
    public func decode<T: Decodable>(_ type: T.Type, known: [String]) throws -> T {
        if let stranger = names.first(where: { !known.contains($0) }) {
            let list = known.map { "--\($0)" }.joined(separator: " ")
            throw UsageError("--\(stranger) is not known here; there is \(list)")
        }
        return try T(from: FlagsReader(values: values))
    }
}

private struct FlagsReader: Decoder {
    let values: [String: String]
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<K: CodingKey>(keyedBy _: K.Type) -> KeyedDecodingContainer<K> {
        KeyedDecodingContainer(FlagsContainer<K>(values: values))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw UsageError("a list cannot be given as flags")
    }
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw UsageError("a single value cannot be given as flags")
    }
}

private struct FlagsContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let values: [String: String]
    let codingPath: [any CodingKey] = []
    var allKeys: [Key] { values.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard let text = values[key.stringValue] else {
            throw UsageError("--\(key.stringValue) is missing")
        }
        if let value = text as? T { return value }
        if let plain = type as? any LosslessStringConvertible.Type {
            guard let value = plain.init(text) as? T else {
                throw UsageError("--\(key.stringValue) takes \(type), not \"\(text)\"")
            }
            return value
        }
        do {
            return try JSONDecoder().decode(T.self, from: Data(text.utf8))
        } catch {
            throw UsageError("--\(key.stringValue) takes JSON for \(type)")
        }
    }

    func nestedContainer<N: CodingKey>(
        keyedBy _: N.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<N> { throw UsageError("--\(key.stringValue) is nested") }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw UsageError("--\(key.stringValue) is nested")
    }
    func superDecoder() throws -> any Decoder { throw UsageError("flags have no inheritance") }
    func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
}
