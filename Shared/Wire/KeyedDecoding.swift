/// A map that is being read. Pairs whose key nobody asks for are ignored.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// What it reads; see `KeyCache`.
    private let own: KeyedSource
    private let lent: UnsafeMutablePointer<KeyedSource>?

    fileprivate init(_ own: KeyedSource, lent: UnsafeMutablePointer<KeyedSource>? = nil) {
        self.own = own
        self.lent = lent
    }

    var now: KeyedSource {
        @inline(__always) get { lent?.pointee ?? own }
    }

    var codingPath: [any CodingKey] { [] }

    /// The keys of the document that `Key` knows. A validated document cannot fail here; a decoder
    /// that escaped sees none.
    var allKeys: [Key] {
        let now = now
        var keys: [Key] = []
        guard (try? now.core.check()) != nil else { return keys }
        var place = now.map.start
        for _ in 0..<now.map.count {
            guard let value = try? now.core.state.pointee.end(of: place) else { return keys }
            if let key: Key = now.key(at: place) { keys.append(key) }
            guard let next = try? now.core.state.pointee.end(of: value) else { return keys }
            place = next
        }
        return keys
    }

    func contains(_ key: Key) -> Bool {
        guard let found = try? now.find(key) else { return false }
        return found.next > 0
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        let now = now
        return now.isNull(try now.need(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try now.nested(key) { try $0.container(keyedBy: type) }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try now.nested(key) { try $0.unkeyedContainer() }
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try now.nested(key) { $0 }
    }

    func superDecoder() throws -> any Decoder {
        let now = now
        try now.core.check()
        guard let found = try now.core.state.pointee.find(SuperKey(), nil, now.map) else {
            throw WireError(
                .missingKey, offset: now.map.start, path: SuperKey().stringValue)
        }
        return try ItemDecoder.inside(now.core, at: found.value, level: now.map.level)
    }
}

/// A map as its container knows it.
struct KeyedSource {
    let core: DecoderCore
    let map: ItemDecoder.Map
    let table: KeyTable?

    @inline(__always)
    func find<Key: CodingKey>(_ key: Key) throws(WireError) -> DecodingState.Found? {
        try core.check()
        return try core.state.pointee.find(key, table, map)
    }

    @inline(__always)
    func need<Key: CodingKey>(_ key: Key) throws(WireError) -> DecodingState.Found {
        if let found = try find(key) { return found }
        throw WireError(.missingKey, offset: map.start, path: WireError.step(key))
    }

    /// Reads a value that was found, and moves on only when that went well.
    @inline(__always)
    func read<Key: CodingKey, Value>(
        _ found: DecodingState.Found, _ key: Key,
        _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        var place = found.value
        do throws(WireError) {
            let value = try core.read(&place, body)
            core.state.pointee.pass(found, map, table, end: place)
            return value
        } catch {
            throw error.inside(key: key)
        }
    }

    @inline(__always)
    func isNull(_ found: DecodingState.Found) -> Bool {
        guard core.state.pointee.isNull(at: found.value) else { return false }
        core.state.pointee.pass(found, map, table, end: found.value + 1)
        return true
    }

    /// Reads a value by its type.
    func general<T: Decodable, Key: CodingKey>(
        _ type: T.Type, _ found: DecodingState.Found, _ key: Key
    ) throws -> T {
        var place = found.value
        do {
            let value = try core.decode(type, at: &place, level: map.level + 1)
            core.state.pointee.pass(found, map, table, end: place)
            return value
        } catch {
            throw error.located(found.value) { $0.inside(key: key) }
        }
    }

    /// Lends a decoder for a value. The hint stays: the pair after it is found by a look-up.
    func nested<Key: CodingKey, Result>(
        _ key: Key, _ body: (ItemDecoder) throws -> Result
    ) throws -> Result {
        let found = try need(key)
        do {
            return try body(ItemDecoder.inside(core, at: found.value, level: map.level))
        } catch {
            throw error.located(found.value) { $0.inside(key: key) }
        }
    }

    func key<Key: CodingKey>(at place: Int) -> Key? {
        var place = place
        let isText = core.state.pointee.base[place] >> 5 == 3
        let key =
            isText
            ? (try? core.read(&place) { r throws(WireError) in try r.string() })
                .flatMap(Key.init(stringValue:))
            : (try? core.read(&place) { r throws(WireError) in try r.int() })
                .flatMap(Key.init(intValue:))
        // A key counts only in the form in which it would be looked up.
        return key.flatMap { isText == (KeyForm.number($0) == nil) ? $0 : nil }
    }
}

extension DecoderCore {
    /// A container for the pairs of a map.
    func keyed<Key: CodingKey>(
        by type: Key.Type, _ map: ItemDecoder.Map
    ) -> KeyedDecodingContainer<Key> {
        let slot = state.pointee.keys.slot(type)
        let keyed = KeyedSource(core: self, map: map, table: slot?.pointee.table)
        state.pointee.open(map, keyed.table)
        if let box = slot?.pointee.lend(keyed) {
            return unsafeBitCast(box, to: KeyedDecodingContainer<Key>.self)
        }
        return make(type, keyed, slot)
    }

    /// Apart from the usual case, which need not know the type of an optional container.
    @inline(never)
    private func make<Key: CodingKey>(
        _ type: Key.Type, _ keyed: KeyedSource,
        _ slot: UnsafeMutablePointer<KeyCache<KeyedSource>.Slot>?
    ) -> KeyedDecodingContainer<Key> {
        let kept = slot?.pointee.add(keyed) { lent in
            KeyedDecodingContainer(KeyedDecoding<Key>(keyed, lent: lent))
        }
        return kept ?? KeyedDecodingContainer(KeyedDecoding<Key>(keyed))
    }
}
