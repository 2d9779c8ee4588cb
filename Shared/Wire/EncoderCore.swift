import FoundationEssentials

/// What one encoding call works with: a pointer, which the containers share at no cost although the
/// standard library copies them freely. Each of them also holds its place with a serial number, by
/// which one that outlived its call is refused.
struct EncoderCore {
    private static let pool: CoderPool<EncodingState> = CoderPool { state in
        if let state { pool.park(state) }
    }

    let state: UnsafeMutablePointer<EncodingState>

    /// Takes an idle coder, for `give` to take it back.
    @inline(__always)
    static func take() -> EncoderCore { EncoderCore(state: pool.take()) }

    @inline(__always)
    func give() {
        state.pointee.reset()
        Self.pool.give(state)
    }

    /// Encodes a document, which then lies in the writer.
    func document<T: Encodable>(_ value: T) throws(WireError) {
        do {
            try encode(value)
        } catch {
            throw WireError(mapping: error, offset: state.pointee.writer.length)
        }
        try state.pointee.writer.check()
    }

    /// Encodes a value where the writer stands.
    func encode<T: Encodable>(_ value: T) throws {
        let operation = state.pointee.types.operation(T.self)
        switch operation {
        case .general: try general(value)
        case .direct: withUnsafePointer(to: value) { direct(T.self, UnsafeRawPointer($0)) }
        case .data: state.pointee.writer.data(sameType(value, as: Data.self))
        case .bytes: state.pointee.writer.bytes(sameType(value, as: [UInt8].self))
        case .string: state.pointee.writer.string(sameType(value, as: String.self))
        case .uuid: state.pointee.writer.uuid(sameType(value, as: UUID.self))
        case .date: try date(sameType(value, as: Date.self))
        case .url: state.pointee.writer.url(sameType(value, as: URL.self))
        case .bool: state.pointee.writer.bool(sameType(value, as: Bool.self))
        case .double: state.pointee.writer.double(sameType(value, as: Double.self))
        case .float: state.pointee.writer.float(sameType(value, as: Float.self))
        case .floats: state.pointee.writer.floats(sameType(value, as: [Float].self))
        case .doubles: state.pointee.writer.doubles(sameType(value, as: [Double].self))
        case .ints, .strings: list(value, operation)
        default: integer(value, operation)
        }
    }

    private func general<T: Encodable>(_ value: T) throws {
        let slot = try state.pointee.push(.slot)
        try value.encode(to: SlotEncoder(core: self, slot: slot))
        state.pointee.close(to: slot.index - 1)
    }

    private func direct<T>(_ type: T.Type, _ value: UnsafeRawPointer) {
        state.pointee.types.direct(type)?.encode(value, &state.pointee.writer)
        // In development a hand-written coding is not trusted to have counted its pairs.
        #if DEBUG
            state.pointee.writer.mustValidate = true
        #endif
    }

    /// Refuses a date here and not at the end, so that a type may catch the error.
    private func date(_ value: Date) throws(WireError) {
        guard WireLimits.dateSeconds.contains(value.timeIntervalSince1970) else {
            throw state.pointee.error(.dateRange)
        }
        state.pointee.writer.date(value)
    }

    private func list<T>(_ value: T, _ operation: Operation) {
        if operation == .ints {
            let values = sameType(value, as: [Int].self)
            state.pointee.writer.array(values.count)
            for value in values { state.pointee.writer.int(value) }
        } else {
            let values = sameType(value, as: [String].self)
            state.pointee.writer.array(values.count)
            for value in values { state.pointee.writer.string(value) }
        }
    }

    private func integer<T>(_ value: T, _ operation: Operation) {
        switch operation {
        case .int: state.pointee.writer.int(sameType(value, as: Int.self))
        case .int64: state.pointee.writer.int(Int(sameType(value, as: Int64.self)))
        case .int32: state.pointee.writer.int(Int(sameType(value, as: Int32.self)))
        case .int16: state.pointee.writer.int(Int(sameType(value, as: Int16.self)))
        case .int8: state.pointee.writer.int(Int(sameType(value, as: Int8.self)))
        case .uint: state.pointee.writer.uint(UInt64(sameType(value, as: UInt.self)))
        case .uint64: state.pointee.writer.uint(sameType(value, as: UInt64.self))
        case .uint32: state.pointee.writer.uint(UInt64(sameType(value, as: UInt32.self)))
        case .uint16: state.pointee.writer.uint(UInt64(sameType(value, as: UInt16.self)))
        case .uint8: state.pointee.writer.uint(UInt64(sameType(value, as: UInt8.self)))
        default: preconditionFailure("not an integer operation")
        }
    }
}
