/// A map that is being read. Pairs whose key nobody asks for are ignored.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let core: DecoderCore
    let map: ItemDecoder.Map
    private let table: KeyCache.Table?

    init(core: DecoderCore, map: ItemDecoder.Map) {
        self.core = core
        self.map = map
        table = core.state.pointee.keys.table(Key.self)
    }

    var codingPath: [any CodingKey] { [] }

    /// The keys of the document that `Key` knows. A validated document cannot fail here; a decoder
    /// that escaped sees none.
    var allKeys: [Key] {
        var keys: [Key] = []
        var place = map.start
        for _ in 0..<map.count {
            guard let value = try? core.state.pointee.end(of: place) else { return keys }
            if let key = key(at: place) { keys.append(key) }
            guard let next = try? core.state.pointee.end(of: value) else { return keys }
            place = next
        }
        return keys
    }

    private func key(at place: Int) -> Key? {
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

    @inline(__always)
    func find(_ key: Key) throws(WireError) -> DecodingState.Found? {
        try core.state.pointee.find(key, table, map)
    }

    @inline(__always)
    func need(_ key: Key) throws(WireError) -> DecodingState.Found {
        if let found = try find(key) { return found }
        throw WireError(.missingKey, offset: map.start, path: WireError.step(key))
    }

    /// Reads a value that was found, and moves on only when that went well.
    @inline(__always)
    func read<Value>(
        _ found: DecodingState.Found, _ key: Key,
        _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        var place = found.value
        do throws(WireError) {
            let value = try core.read(&place, body)
            core.state.pointee.pass(found, map, end: place)
            return value
        } catch {
            throw error.inside(key: key)
        }
    }

    func isNull(_ found: DecodingState.Found) -> Bool {
        guard core.state.pointee.isNull(at: found.value) else { return false }
        core.state.pointee.pass(found, map, end: found.value + 1)
        return true
    }

    func general<T: Decodable>(
        _ type: T.Type, _ found: DecodingState.Found, _ key: Key
    ) throws -> T {
        var place = found.value
        do {
            let value = try core.decode(type, at: &place, level: map.level + 1)
            core.state.pointee.pass(found, map, end: place)
            return value
        } catch {
            throw error.located(found.value) { $0.inside(key: key) }
        }
    }

    func contains(_ key: Key) -> Bool {
        guard let found = try? find(key) else { return false }
        return found.next > 0
    }

    func decodeNil(forKey key: Key) throws -> Bool { isNull(try need(key)) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested(key) { try $0.container(keyedBy: type) }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key) { try $0.unkeyedContainer() }
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try nested(key) { $0 }
    }

    func superDecoder() throws -> any Decoder {
        guard let found = try core.state.pointee.find(SuperKey(), nil, map) else {
            throw WireError(.missingKey, offset: map.start, path: SuperKey().stringValue)
        }
        return try ItemDecoder.inside(core, at: found.value, level: map.level)
    }

    /// Lends a decoder for a value. The hint stays: the pair after it is found by a look-up.
    private func nested<Result>(
        _ key: Key, _ body: (ItemDecoder) throws -> Result
    ) throws -> Result {
        let found = try need(key)
        do {
            return try body(ItemDecoder.inside(core, at: found.value, level: map.level))
        } catch {
            throw error.located(found.value) { $0.inside(key: key) }
        }
    }
}
