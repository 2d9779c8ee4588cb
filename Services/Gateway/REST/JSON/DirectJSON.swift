import FoundationEssentials

/// Writes values as JSON straight into bytes: what Foundation's encoder writes with snake_case keys
/// in order and slashes as they are, byte for byte, at a fraction of its price.
///
/// What is rare is left to Foundation: nested containers, encoders of superclasses, its own types,
/// names beyond ASCII, and whatever is refused, so that errors are Foundation's too.
enum DirectJSON {
    /// nil where Foundation has to do it.
    static func encode(_ value: some Encodable) -> [UInt8]? {
        let sink = JSONSink()
        do {
            try write(value, to: sink)
        } catch {
            return nil  // Foundation says what is wrong
        }
        return sink.isUnusual ? nil : sink.bytes
    }

    /// Any value, where one is expected.
    static func write<T: Encodable>(_ value: T, to sink: JSONSink) throws {
        // Types are compared before anything is cast: that is a glance at one number.
        if T.self == String.self, let value = value as? String {
            sink.put(text: value)
        } else if T.self == Int.self, let value = value as? Int {
            sink.put(number: value)
        } else if T.self == Double.self, let value = value as? Double {
            sink.put(number: value)
        } else if isFoundation(T.self) {
            sink.giveUp()
        } else if T.self is any Verbatim.Type, let value = value as? any Verbatim {
            try value.write(to: sink)
        } else {
            sink.begin()
            try value.encode(to: DirectEncoder(sink: sink, depth: sink.depth))
            sink.end()
        }
    }

    private static func isFoundation(_ type: Any.Type) -> Bool {
        type == Date.self || type == Data.self || type == URL.self || type == Decimal.self
    }
}

/// A dictionary whose keys are data: they stay as they are.
private protocol Verbatim {
    func write(to sink: JSONSink) throws
}

extension Dictionary: Verbatim where Key == String, Value: Encodable {
    fileprivate func write(to sink: JSONSink) throws {
        sink.begin()
        guard sink.open(.object, at: sink.depth) else { return }
        for (key, value) in self {
            sink.beginField(key, isVerbatim: true)
            try DirectJSON.write(value, to: sink)
        }
        sink.end()
    }
}

/// What a value is given to describe itself.
private struct DirectEncoder: Encoder {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        _ = sink.open(.object, at: depth)
        return KeyedEncodingContainer(DirectFields<Key>(sink: sink, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        _ = sink.open(.array, at: depth)
        return DirectElements(sink: sink, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        DirectValue(sink: sink, depth: depth)
    }
}

private struct DirectFields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    /// False for a container that is used when it is not its turn.
    private func begin(_ key: Key) -> Bool {
        guard sink.open(.object, at: depth) else { return false }
        sink.beginField(key.stringValue)
        return true
    }

    func encodeNil(forKey key: Key) { if begin(key) { sink.put("null") } }
    func encode(_ value: Bool, forKey key: Key) { if begin(key) { sink.put(value) } }
    func encode(_ value: String, forKey key: Key) { if begin(key) { sink.put(text: value) } }
    func encode(_ value: Double, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Float, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Int, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Int8, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Int16, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Int32, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: Int64, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: UInt, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: UInt8, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: UInt16, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: UInt32, forKey key: Key) { if begin(key) { sink.put(number: value) } }
    func encode(_ value: UInt64, forKey key: Key) { if begin(key) { sink.put(number: value) } }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        if begin(key) { try DirectJSON.write(value, to: sink) }
    }

    // MARK: Left to Foundation

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy _: NestedKey.Type, forKey _: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        sink.giveUp()
        return KeyedEncodingContainer(DirectFields<NestedKey>(sink: sink, depth: 0))
    }

    func nestedUnkeyedContainer(forKey _: Key) -> any UnkeyedEncodingContainer {
        sink.giveUp()
        return DirectElements(sink: sink, depth: 0)
    }

    func superEncoder() -> any Encoder {
        sink.giveUp()
        return DirectEncoder(sink: sink, depth: 0)
    }

    func superEncoder(forKey _: Key) -> any Encoder { superEncoder() }
}

private struct DirectElements: UnkeyedEncodingContainer {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var count: Int { sink.elements }

    private func begin() -> Bool {
        guard sink.open(.array, at: depth) else { return false }
        sink.beginElement()
        return true
    }

    func encodeNil() { if begin() { sink.put("null") } }

    func encode<T: Encodable>(_ value: T) throws {
        if begin() { try DirectJSON.write(value, to: sink) }
    }

    // MARK: Left to Foundation

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy _: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        sink.giveUp()
        return KeyedEncodingContainer(DirectFields<NestedKey>(sink: sink, depth: 0))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        sink.giveUp()
        return self
    }

    func superEncoder() -> any Encoder {
        sink.giveUp()
        return DirectEncoder(sink: sink, depth: 0)
    }
}

private struct DirectValue: SingleValueEncodingContainer {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    func encodeNil() { if sink.open(.value, at: depth) { sink.put("null") } }
    func encode(_ value: Bool) { if sink.open(.value, at: depth) { sink.put(value) } }
    func encode(_ value: String) { if sink.open(.value, at: depth) { sink.put(text: value) } }
    func encode(_ value: Double) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Float) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Int) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Int8) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Int16) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Int32) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: Int64) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: UInt) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: UInt8) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: UInt16) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: UInt32) { if sink.open(.value, at: depth) { sink.put(number: value) } }
    func encode(_ value: UInt64) { if sink.open(.value, at: depth) { sink.put(number: value) } }

    func encode<T: Encodable>(_ value: T) throws {
        if sink.open(.value, at: depth) { try DirectJSON.write(value, to: sink) }
    }
}
