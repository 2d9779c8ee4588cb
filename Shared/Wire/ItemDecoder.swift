/// The `Decoder` for one item of the document: three words, which an existential holds without an
/// allocation. It keeps no coding path; errors find theirs on the way out.
struct ItemDecoder: Decoder {
    /// A map that is being read: where its pairs begin, how many, and the level of its hint.
    struct Map {
        let start: Int
        let count: Int
        let level: Int
    }

    let core: DecoderCore
    private let packedPlace: UInt32
    private let packedLevel: UInt32

    init(core: DecoderCore, place: Int, level: Int) {
        self.core = core
        // A document is far shorter than 4 GiB, see `WireLimits`.
        packedPlace = UInt32(truncatingIfNeeded: place)
        packedLevel = UInt32(truncatingIfNeeded: level)
    }

    var place: Int { Int(packedPlace) }
    var level: Int { Int(packedLevel) }
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        try core.check()
        var reader = core.state.pointee.reader(at: place)
        let count = try reader.length(major: 5, unit: 2)
        let map = Map(start: reader.at, count: count, level: level)
        return core.keyed(by: type, map)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try core.check()
        var reader = core.state.pointee.reader(at: place)
        let count = try reader.length(major: 4)
        return UnkeyedDecoding(core: core, total: count, place: reader.at, level: level)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    /// A decoder for an item one level further in.
    static func inside(
        _ core: DecoderCore, at place: Int, level: Int
    ) throws(WireError) -> ItemDecoder {
        try core.state.pointee.enter(level + 1, at: place)
        return ItemDecoder(core: core, place: place, level: level + 1)
    }
}

/// An item that is not read as a container of its own.
extension ItemDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        core.state.pointee.serial == core.serial && core.state.pointee.isNull(at: place)
    }

    func decode(_ type: String.Type) throws -> String {
        try core.check()
        var place = place
        return try core.read(&place) { reader throws(WireError) in try reader.string() }
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try core.check()
        var place = place
        return try core.decode(type, at: &place, level: level + 1)
    }
}
