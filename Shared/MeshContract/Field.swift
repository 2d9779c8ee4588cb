/// One field of a Codable struct, discovered by asking the struct to decode itself.
public struct Field: Sendable, Equatable {
    public let name: String
    public let type: String
    public let isOptional: Bool

    /// The fields in declared order; empty for a type that is not a keyed struct.
    public static func of(_ type: (some Decodable).Type) -> [Field] {
        let probe = Probe()
        _ = try? type.init(from: probe)  // the probe is done with when it cannot go on
        return probe.fields
    }
}

/// A value that can stand in for itself while a type is being described.
public protocol Sampled {
    static var sample: Self { get }
}

/// Hands each type the smallest value it accepts and notes every key it is asked for.
private final class Probe: Decoder {
    var fields: [Field] = []
    var mayBeAbsent = false
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(probe: self))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Stop() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single() }

    struct Stop: Error {}

    struct Single: SingleValueDecodingContainer {
        let codingPath: [any CodingKey] = []
        func decodeNil() -> Bool { false }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try sample(type) }
    }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let probe: Probe
        let codingPath: [any CodingKey] = []
        let allKeys: [Key] = []

        // Synthesised decoding asks `contains` only before an optional field.
        func contains(_: Key) -> Bool {
            probe.mayBeAbsent = true
            return true
        }
        func decodeNil(forKey _: Key) -> Bool { false }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            note(key, "\(type)", optional: probe.mayBeAbsent)
            probe.mayBeAbsent = false
            return try sample(type)
        }
        func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
            note(key, "\(type)", optional: true)
            return nil
        }
        func decodeIfPresent(_: String.Type, forKey key: Key) throws -> String? {
            note(key, "String", optional: true)
            return nil
        }
        func decodeIfPresent(_: Bool.Type, forKey key: Key) throws -> Bool? {
            note(key, "Bool", optional: true)
            return nil
        }
        func decodeIfPresent(_: Int.Type, forKey key: Key) throws -> Int? {
            note(key, "Int", optional: true)
            return nil
        }
        func decodeIfPresent(_: Int64.Type, forKey key: Key) throws -> Int64? {
            note(key, "Int64", optional: true)
            return nil
        }
        func decodeIfPresent(_: Double.Type, forKey key: Key) throws -> Double? {
            note(key, "Double", optional: true)
            return nil
        }
        private func note(_ key: Key, _ type: String, optional: Bool) {
            probe.fields.append(Field(name: key.stringValue, type: type, isOptional: optional))
        }
        func nestedContainer<N: CodingKey>(
            keyedBy _: N.Type, forKey _: Key
        ) throws -> KeyedDecodingContainer<N> { throw Stop() }
        func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer {
            throw Stop()
        }
        func superDecoder() throws -> any Decoder { throw Stop() }
        func superDecoder(forKey _: Key) throws -> any Decoder { throw Stop() }
    }
}

/// The smallest value of a type, so that the next field can be asked for.
private func sample<T: Decodable>(_ type: T.Type) throws -> T {
    if let value = "" as? T { return value }
    if let value = false as? T { return value }
    if let type = type as? any FixedWidthInteger.Type, let value = type.init(0) as? T {
        return value
    }
    if let value = 0.0 as? T { return value }
    if let value = [Never]() as? T { return value }
    if let value = [String: Never]() as? T { return value }
    if let type = type as? any Sampled.Type, let value = type.sample as? T { return value }
    if let type = type as? any CaseIterable.Type, let value = first(of: type) as? T { return value }
    return try T(from: Probe())
}

private func first<C: CaseIterable>(of _: C.Type) -> C? { C.allCases.first }
