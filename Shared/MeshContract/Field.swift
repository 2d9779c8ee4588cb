/// One field of a Codable struct, discovered by asking the struct to decode itself.
public struct Field: Sendable, Equatable {
    public let name: String
    public let type: String
    public let isOptional: Bool
    /// What stands for the name on the wire, where that is a number.
    public let number: Int?
    /// The fields of the record that it holds, itself or in a list or table; only in a `tree`.
    public private(set) var inner: [Field] = []

    /// The fields in declared order; empty for a type that is not a keyed struct.
    public static func of(_ type: (some Decodable).Type) -> [Field] {
        let probe = Probe()
        _ = try? type.init(from: probe)  // the probe is done with when it cannot go on
        return probe.fields
    }

    /// The same with the fields of the records within, so deep at most: a record may hold its like.
    public static func tree(_ type: any Decodable.Type, depth: Int = 6) -> [Field] {
        let probe = Probe()
        _ = try? type.init(from: probe)  // as above
        var fields = probe.fields
        guard depth > 0 else { return fields }
        for (place, type) in probe.places {
            fields[place].inner = tree(content(type), depth: depth - 1)
        }
        return fields
    }

    /// A record that occurs within others, and its own fields.
    struct Record {
        let name: String
        let fields: [Field]
    }

    /// The records that a type's fields hold, and theirs, each once, in the order of their finding.
    static func records(in type: any Decodable.Type) -> [Record] {
        var known: Set<ObjectIdentifier> = [ObjectIdentifier(type)]
        var left = inner(type)
        var records: [Record] = []
        while !left.isEmpty {
            let next = left.removeFirst()
            guard known.insert(ObjectIdentifier(next)).inserted else { continue }
            let fields = of(next)
            guard !fields.isEmpty else { continue }
            records.append(Record(name: "\(next)", fields: fields))
            left += inner(next)
        }
        return records
    }

    private static func inner(_ type: any Decodable.Type) -> [any Decodable.Type] {
        let probe = Probe()
        _ = try? type.init(from: probe)  // as above
        return probe.types.map(content)
    }

    /// What a list or a table holds, a plain type itself.
    private static func content(_ type: any Decodable.Type) -> any Decodable.Type {
        var type = type
        while let holder = type as? any Holder.Type { type = holder.content }
        return type
    }
}

/// A type that is on the wire for what it holds.
private protocol Holder {
    static var content: any Decodable.Type { get }
}

extension Array: Holder where Element: Decodable {
    static var content: any Decodable.Type { Element.self }
}

extension Dictionary: Holder where Value: Decodable {
    static var content: any Decodable.Type { Value.self }
}

extension Optional: Holder where Wrapped: Decodable {
    static var content: any Decodable.Type { Wrapped.self }
}

/// A value that can stand in for itself while a type is being described.
public protocol Sampled {
    static var sample: Self { get }
}

/// Hands each type the smallest value it accepts and notes every key it is asked for.
private final class Probe: Decoder {
    var fields: [Field] = []
    var types: [any Decodable.Type] { places.map(\.type) }
    /// The fields that are of no plain type, by their place.
    var places: [(at: Int, type: any Decodable.Type)] = []
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
            probe.places.append((probe.fields.count, type))
            note(key, "\(type)", optional: probe.mayBeAbsent)
            probe.mayBeAbsent = false
            return try sample(type)
        }
        func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
            probe.places.append((probe.fields.count, type))
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
            probe.fields.append(
                Field(
                    name: key.stringValue, type: type, isOptional: optional, number: key.intValue))
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
