/// The `Encoder` for one place in the document. It keeps no coding path: errors find theirs on the
/// way out, where it costs nothing until there is one.
struct SlotEncoder: Encoder {
    let core: EncoderCore
    let slot: EncodingState.Place

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        core.keyed(by: type, open(.map))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedEncoding(core: core, place: open(.array))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleEncoding(core: core, slot: slot)
    }

    private func open(_ kind: EncodingState.Kind) -> EncodingState.Place {
        core.lend { state throws(WireError) in try state.container(kind, in: slot) }
    }
}

extension EncoderCore {
    /// Opens a container where `Encoder` does not let us throw: the error is kept for the end of
    /// the call, and the container refuses all use.
    func lend(
        _ open: (inout EncodingState) throws(WireError) -> EncodingState.Place
    ) -> EncodingState.Place {
        do throws(WireError) {
            return try open(&state.pointee)
        } catch {
            // A place of an earlier call is none of the present one's business.
            if error.code != .ended { state.pointee.writer.note(error) }
            return state.pointee.nowhere
        }
    }
}

/// The place for one value that is not a container of its own.
struct SingleEncoding: SingleValueEncodingContainer {
    let core: EncoderCore
    let slot: EncodingState.Place

    var codingPath: [any CodingKey] { [] }

    func encodeNil() throws {
        try core.state.pointee.fill(slot)
        core.state.pointee.writer.null()
    }

    func encode(_ value: String) throws {
        try core.state.pointee.fill(slot)
        core.state.pointee.writer.string(value)
    }

    func encode<T: Encodable>(_ value: T) throws {
        let mark = core.state.pointee.mark(slot)
        try core.state.pointee.fill(slot)
        do {
            try core.encode(value)
        } catch {
            core.state.pointee.rewind(to: mark)
            throw error
        }
    }
}
