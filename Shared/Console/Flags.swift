import FoundationEssentials

/// Reads `--account a1 --amount 5` straight into any flat Codable struct.
///
/// A flag without a value is `true`, where a `Bool` is wanted. A field that is no plain value is
/// read as JSON. A value that begins with `--` is given as `--name=--value`.
public struct Flags: Sendable {
    private let values: [String: Value]

    struct Value {
        /// nil for a flag that stands alone.
        let text: String?
    }

    /// Refuses what is not a flag, or is given twice.
    public init(_ arguments: [String]) throws(UsageError) {
        var values: [String: Value] = [:]
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), flag.count > 2 else {
                throw UsageError("\(flag) is no flag; fields are given as --name value")
            }
            var name = String(flag.dropFirst(2))
            let value: String?
            if let equals = name.firstIndex(of: "=") {
                value = String(name[name.index(after: equals)...])
                name = String(name[..<equals])
            } else if let next = rest.first, !next.hasPrefix("--") {
                value = next
                rest = rest.dropFirst()
            } else {
                value = nil
            }
            guard !name.isEmpty else { throw UsageError("\(flag) has no name") }
            name = Self.camel(name)
            guard values.updateValue(Value(text: value), forKey: name) == nil else {
                throw UsageError("--\(name) is given twice")
            }
        }
        self.values = values
    }

    /// `--display-name` names the field `displayName`, as `--displayName` does.
    private static func camel(_ name: String) -> String {
        let words = name.split(separator: "-")
        guard words.count > 1, let first = words.first else { return name }
        return words.dropFirst().reduce(String(first)) {
            $0 + $1.prefix(1).uppercased() + $1.dropFirst()
        }
    }

    public var names: [String] { values.keys.sorted() }

    /// The value of a flag; nil for one that is not there.
    public func text(_ name: String) throws(UsageError) -> String? {
        guard let value = values[name] else { return nil }
        guard let text = value.text else { throw UsageError("--\(name) needs a value") }
        return text
    }

    /// Throws `UsageError` when there is a flag that nobody knows here.
    public func check(known: [String]) throws(UsageError) {
        guard let stranger = names.first(where: { !known.contains($0) }) else { return }
        let list = known.map { "--\($0)" }.joined(separator: " ")
        throw UsageError(
            "--\(stranger) is not known here; there is \(list.isEmpty ? "none" : list)")
    }

    /// Throws `UsageError` naming the flag that is missing, unreadable or unknown.
    public func decode<T: Decodable>(_ type: T.Type, known: [String]) throws -> T {
        try check(known: known)
        return try T(from: FlagsReader(values: values))
    }
}

private struct FlagsReader: Decoder {
    let values: [String: Flags.Value]
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
    let values: [String: Flags.Value]
    let codingPath: [any CodingKey] = []
    var allKeys: [Key] { values.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard let given = values[key.stringValue] else {
            throw UsageError("--\(key.stringValue) is missing")
        }
        guard let text = given.text ?? (type == Bool.self ? "true" : nil) else {
            throw UsageError("--\(key.stringValue) needs a value")
        }
        if let value = text as? T { return value }
        if let plain = type as? any LosslessStringConvertible.Type {
            guard let value = plain.init(text) as? T else {
                throw UsageError("--\(key.stringValue) takes \(type), not \"\(text)\"")
            }
            return value
        }
        if let value = try? JSONDecoder().decode(T.self, from: Data(text.utf8)) { return value }
        // A word, such as one of an enumeration's, is not worth quotes.
        if let quoted = try? JSONEncoder().encode(text),
            let value = try? JSONDecoder().decode(T.self, from: quoted)
        {
            return value
        }
        throw UsageError("--\(key.stringValue) takes JSON for \(type)")
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
