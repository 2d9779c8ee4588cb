/// A map that is being written.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let core: EncoderCore
    let place: EncodingState.Place
    private let table: KeyCache.Table?

    init(core: EncoderCore, place: EncodingState.Place) {
        self.core = core
        self.place = place
        table = core.state.pointee.keys.table(Key.self)
    }

    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private func pair(_ key: Key, _ value: (inout WireWriter) -> Void) throws {
        try core.state.pointee.key(key, table, place)
        value(&core.state.pointee.writer)
    }

    func encodeNil(forKey key: Key) throws { try pair(key) { $0.null() } }
    func encode(_ value: Bool, forKey key: Key) throws { try pair(key) { $0.bool(value) } }
    func encode(_ value: String, forKey key: Key) throws { try pair(key) { $0.string(value) } }
    func encode(_ value: Double, forKey key: Key) throws { try pair(key) { $0.double(value) } }
    func encode(_ value: Float, forKey key: Key) throws { try pair(key) { $0.float(value) } }
    func encode(_ value: Int, forKey key: Key) throws { try pair(key) { $0.int(value) } }
    func encode(_ value: Int64, forKey key: Key) throws { try pair(key) { $0.int(Int(value)) } }
    func encode(_ value: Int32, forKey key: Key) throws { try pair(key) { $0.int(Int(value)) } }
    func encode(_ value: UInt64, forKey key: Key) throws { try pair(key) { $0.uint(value) } }
    func encode(_ value: UInt32, forKey key: Key) throws {
        try pair(key) { $0.uint(UInt64(value)) }
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try core.state.pointee.resume(place)
        let mark = core.state.pointee.mark(place)
        try core.state.pointee.key(key, table, place)
        do {
            try core.encode(value)
        } catch {
            let offset = core.state.pointee.writer.length
            core.state.pointee.rewind(to: mark)
            throw error.located(offset) { $0.inside(key: key) }
        }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(KeyedEncoding<Nested>(core: core, place: open(.map, key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        UnkeyedEncoding(core: core, place: open(.array, key))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        SlotEncoder(core: core, slot: open(.slot, key))
    }

    func superEncoder() -> any Encoder {
        let slot = core.lend { state throws(WireError) in
            try state.key(SuperKey(), nil, place)
            return try state.push(.slot)
        }
        return SlotEncoder(core: core, slot: slot)
    }

    private func open(_ kind: EncodingState.Kind, _ key: Key) -> EncodingState.Place {
        core.lend { state throws(WireError) in
            try state.key(key, table, place)
            return try state.push(kind)
        }
    }
}

/// The key under which a superclass is kept, the same as in every other coder.
struct SuperKey: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }

    init() {}
    init?(stringValue: String) { return nil }
    init?(intValue: Int) { return nil }
}

extension Error {
    /// Adds a step to the path of an error that has one. Errors of the standard library become
    /// ours here, where the offset is known; those that a type throws itself stay as they are, so
    /// that the types around it can catch them.
    func located(_ offset: Int, _ step: (WireError) -> WireError) -> any Error {
        switch self {
        case let error as WireError: step(error)
        case is DecodingError, is EncodingError:
            step(WireError(mapping: self, offset: offset))
        default: self
        }
    }
}
