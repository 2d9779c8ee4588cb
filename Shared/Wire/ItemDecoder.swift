/// The `Decoder` for one item of the document: three words, no tree. It keeps no coding path;
/// errors find theirs on the way out.
struct ItemDecoder: Decoder {
    /// A map that is being read: where its pairs begin, how many, and the level of its hint.
    struct Map {
        let start: Int
        let count: Int
        let level: Int
    }

    let core: DecoderCore
    let place: Int
    let level: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        var reader = try core.state.pointee.reader(at: place)
        let count = try reader.map()
        let map = Map(start: reader.at, count: count, level: level)
        return KeyedDecodingContainer(KeyedDecoding<Key>(core: core, map: map))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        var reader = try core.state.pointee.reader(at: place)
        let count = try reader.array()
        return UnkeyedDecoding(core: core, total: count, place: reader.at, level: level)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleDecoding(core: core, place: place, level: level)
    }

    /// A decoder for an item one level further in.
    static func inside(
        _ core: DecoderCore, at place: Int, level: Int
    ) throws(WireError) -> ItemDecoder {
        try core.state.pointee.enter(level + 1, at: place)
        return ItemDecoder(core: core, place: place, level: level + 1)
    }
}

/// An item that is not read as a container of its own.
struct SingleDecoding: SingleValueDecodingContainer {
    let core: DecoderCore
    let place: Int
    let level: Int

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { core.state.pointee.isNull(at: place) }

    func decode(_ type: String.Type) throws -> String {
        var place = place
        return try core.read(&place) { reader throws(WireError) in try reader.string() }
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        var place = place
        return try core.decode(type, at: &place, level: level + 1)
    }
}
