/// An array that is being read. An element that fails stays the next one.
struct UnkeyedDecoding: UnkeyedDecodingContainer {
    let core: DecoderCore
    let total: Int
    var place: Int
    let level: Int
    private(set) var currentIndex = 0

    init(core: DecoderCore, total: Int, place: Int, level: Int) {
        self.core = core
        self.total = total
        self.place = place
        self.level = level
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { total }
    var isAtEnd: Bool { currentIndex >= total }

    @inline(__always)
    private func needElement() throws(WireError) {
        try core.check()
        guard currentIndex < total else {
            throw WireError(.missingValue, offset: place, path: "[\(currentIndex)]")
        }
    }

    @inline(__always)
    private mutating func element<Value>(
        _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        try needElement()
        do throws(WireError) {
            let value = try core.read(&place, body)
            currentIndex &+= 1
            return value
        } catch {
            throw error.inside(index: currentIndex)
        }
    }

    mutating func decodeNil() throws -> Bool {
        try needElement()
        guard core.state.pointee.isNull(at: place) else { return false }
        place += 1
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool {
        try element { reader throws(WireError) in try reader.bool() }
    }

    mutating func decode(_ type: String.Type) throws -> String {
        try element { reader throws(WireError) in try reader.string() }
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        try element { reader throws(WireError) in try reader.double() }
    }

    mutating func decode(_ type: Int.Type) throws -> Int {
        try element { reader throws(WireError) in try reader.int() }
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try needElement()
        let start = place
        do {
            let value = try core.decode(type, at: &place, level: level + 1)
            currentIndex += 1
            return value
        } catch {
            place = start
            throw error.located(start) { $0.inside(index: currentIndex) }
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try nested { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try nested { $0 }
    }

    /// Lends a decoder for the next element, and moves past that element without walking it.
    private mutating func nested<Result>(_ body: (ItemDecoder) throws -> Result) throws -> Result {
        try needElement()
        do {
            let result = try body(ItemDecoder.inside(core, at: place, level: level))
            place = try core.state.pointee.end(of: place)
            currentIndex += 1
            return result
        } catch {
            throw error.located(place) { $0.inside(index: currentIndex) }
        }
    }
}
