/// An array that is being written.
struct UnkeyedEncoding: UnkeyedEncodingContainer {
    let core: EncoderCore
    let place: EncodingState.Place

    var codingPath: [any CodingKey] { [] }
    var count: Int { core.state.pointee.count(of: place) }

    @inline(__always)
    private func element(_ value: (inout WireWriter) -> Void) throws {
        try core.state.pointee.advance(place)
        value(&core.state.pointee.writer)
    }

    func encodeNil() throws { try element { $0.null() } }
    func encode(_ value: Bool) throws { try element { $0.bool(value) } }
    func encode(_ value: String) throws { try element { $0.string(value) } }
    func encode(_ value: Double) throws { try element { $0.double(value) } }
    func encode(_ value: Int) throws { try element { $0.int(value) } }

    func encode<T: Encodable>(_ value: T) throws {
        try core.state.pointee.resume(place)
        let mark = core.state.pointee.mark(place)
        try core.state.pointee.advance(place)
        do {
            try core.encode(value)
        } catch {
            let offset = core.state.pointee.writer.length
            core.state.pointee.rewind(to: mark)
            throw error.located(offset) { $0.inside(index: mark.count) }
        }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        core.keyed(by: type, open(.map))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedEncoding(core: core, place: open(.array))
    }

    func superEncoder() -> any Encoder {
        SlotEncoder(core: core, slot: open(.slot))
    }

    private func open(_ kind: EncodingState.Kind) -> EncodingState.Place {
        core.lend { state throws(WireError) in
            try state.advance(place)
            return try state.push(kind)
        }
    }
}
