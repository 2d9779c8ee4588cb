/// Fills any Codable type with values of its own making: all fields and two elements in each list
/// when full, the least that is allowed when not.
final class Sampler: Decoder {
    let isFull: Bool
    /// The keys that were asked for, in order.
    private(set) var names: [String] = []
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    init(isFull: Bool) { self.isFull = isFull }

    struct Stuck: Error { let type: String }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(sampler: self))
    }
    func unkeyedContainer() -> any UnkeyedDecodingContainer { List(isFull: isFull) }
    func singleValueContainer() -> any SingleValueDecodingContainer { Single(isFull: isFull) }

    fileprivate func note(_ name: String) { names.append(name) }

    fileprivate static func value<T: Decodable>(_ type: T.Type, _ isFull: Bool) throws -> T {
        let plain: [Any] = [
            isFull ? "Grüße, 漢字" : "", isFull, isFull ? 2.5 : 0.0, Int(isFull ? -70_000 : 0),
            Int64(isFull ? 1 << 40 : 0), UInt8(isFull ? 200 : 0),
        ]
        for value in plain { if let value = value as? T { return value } }
        if let type = type as? any FixedWidthInteger.Type, let value = type.init(1) as? T {
            return value
        }
        if let type = type as? any CaseIterable.Type, let value = first(type) as? T { return value }
        return try T(from: Sampler(isFull: isFull))
    }

    private static func first<C: CaseIterable>(_: C.Type) -> C? { C.allCases.first }

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let sampler: Sampler
        let codingPath: [any CodingKey] = []
        /// For dictionaries: two entries.
        var allKeys: [Key] {
            sampler.isFull ? ["one", "two"].compactMap { Key(stringValue: $0) } : []
        }
        func contains(_ key: Key) -> Bool {
            if !sampler.isFull { sampler.note(key.stringValue) }
            return sampler.isFull
        }
        func decodeNil(forKey _: Key) -> Bool { !sampler.isFull }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            sampler.note(key.stringValue)
            return try Sampler.value(type, sampler.isFull)
        }
        func nestedContainer<N: CodingKey>(
            keyedBy _: N.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<N> { throw Stuck(type: key.stringValue) }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw Stuck(type: key.stringValue)
        }
        func superDecoder() throws -> any Decoder { throw Stuck(type: "super") }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw Stuck(type: "super") }
    }

    private struct List: UnkeyedDecodingContainer {
        let isFull: Bool
        let codingPath: [any CodingKey] = []
        var currentIndex = 0
        var count: Int? { isFull ? 2 : 0 }
        var isAtEnd: Bool { currentIndex >= (isFull ? 2 : 0) }

        init(isFull: Bool) { self.isFull = isFull }

        mutating func decodeNil() -> Bool { false }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            currentIndex += 1
            return try Sampler.value(type, isFull)
        }
        mutating func nestedContainer<N: CodingKey>(
            keyedBy _: N.Type
        ) throws -> KeyedDecodingContainer<N> { throw Stuck(type: "nested") }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            throw Stuck(type: "nested")
        }
        mutating func superDecoder() throws -> any Decoder { throw Stuck(type: "super") }
    }

    private struct Single: SingleValueDecodingContainer {
        let isFull: Bool
        let codingPath: [any CodingKey] = []
        func decodeNil() -> Bool { !isFull }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try Sampler.value(type, isFull) }
    }
}
