/// A map that is being written.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    /// What it writes where; see `KeyCache`.
    private let own: KeyedPlace
    private let lent: UnsafeMutablePointer<KeyedPlace>?

    fileprivate init(_ own: KeyedPlace, lent: UnsafeMutablePointer<KeyedPlace>? = nil) {
        self.own = own
        self.lent = lent
    }

    private var now: KeyedPlace {
        @inline(__always) get { lent?.pointee ?? own }
    }

    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private func pair(_ key: Key, _ value: (inout WireWriter) -> Void) throws {
        let now = now
        try now.core.state.pointee.key(key, now.table, now.place)
        value(&now.core.state.pointee.writer)
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
        let now = now
        let core = now.core
        try core.state.pointee.resume(now.place)
        let mark = core.state.pointee.mark(now.place)
        try core.state.pointee.key(key, now.table, now.place)
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
        now.core.keyed(by: type, open(.map, key))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        UnkeyedEncoding(core: now.core, place: open(.array, key))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        SlotEncoder(core: now.core, slot: open(.slot, key))
    }

    func superEncoder() -> any Encoder {
        let now = now
        let slot = now.core.lend { state throws(WireError) in
            try state.key(SuperKey(), nil, now.place)
            return try state.push(.slot)
        }
        return SlotEncoder(core: now.core, slot: slot)
    }

    private func open(_ kind: EncodingState.Kind, _ key: Key) -> EncodingState.Place {
        let now = now
        return now.core.lend { state throws(WireError) in
            try state.key(key, now.table, now.place)
            return try state.push(kind)
        }
    }
}

/// A map as its container knows it.
struct KeyedPlace {
    let core: EncoderCore
    let place: EncodingState.Place
    let table: KeyTable?
}

extension EncoderCore {
    /// A container for the pairs of a map.
    func keyed<Key: CodingKey>(
        by type: Key.Type, _ place: EncodingState.Place
    ) -> KeyedEncodingContainer<Key> {
        // What is refused gets nothing of a coder that may be another call's by now.
        let slot = place.serial > 0 ? state.pointee.keys.slot(type) : nil
        let keyed = KeyedPlace(core: self, place: place, table: slot?.pointee.table)
        if let box = slot?.pointee.lend(keyed) {
            return unsafeBitCast(box, to: KeyedEncodingContainer<Key>.self)
        }
        return make(type, keyed, slot)
    }

    /// Apart from the usual case, which need not know the type of an optional container.
    @inline(never)
    private func make<Key: CodingKey>(
        _ type: Key.Type, _ keyed: KeyedPlace,
        _ slot: UnsafeMutablePointer<KeyCache<KeyedPlace>.Slot>?
    ) -> KeyedEncodingContainer<Key> {
        let kept = slot?.pointee.add(keyed) { lent in
            KeyedEncodingContainer(KeyedEncoding<Key>(keyed, lent: lent))
        }
        return kept ?? KeyedEncodingContainer(KeyedEncoding<Key>(keyed))
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
