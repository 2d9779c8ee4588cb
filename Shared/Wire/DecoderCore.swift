import FoundationEssentials

/// What one decoding call works with: a pointer, as in `EncoderCore`, and the number of the call,
/// by which what escaped out of an earlier one is refused.
struct DecoderCore {
    private static let pool: CoderPool<DecodingState> = CoderPool { state in
        if let state { pool.park(state) }
    }

    let state: UnsafeMutablePointer<DecodingState>
    let serial: UInt64

    /// Takes an idle coder, for `give` to take it back.
    @inline(__always)
    static func take() -> DecoderCore {
        let state = pool.take()
        return DecoderCore(state: state, serial: state.pointee.serial)
    }

    @inline(__always)
    func give() {
        state.pointee.finish()
        Self.pool.give(state)
    }

    /// Refuses a call that has ended. Another thread may have the coder by now, so nothing else in
    /// it is looked at before.
    @inline(__always)
    func check() throws(WireError) {
        guard state.pointee.serial == serial else { throw WireError(.ended, offset: 0) }
    }

    /// Decodes a whole document.
    func document<T: Decodable>(
        _ type: T.Type, _ base: UnsafePointer<UInt8>, _ count: Int
    ) throws(WireError) -> T {
        if state.pointee.types.operation(T.self) == .direct,
            let direct = state.pointee.types.direct(T.self)
        {
            return try own(type, direct, base, count)
        }
        try state.pointee.begin(base, count)
        var place = 0
        do {
            let value = try decode(type, at: &place, level: 0)
            guard place == count else { throw WireError(.unbalanced, offset: place) }
            return value
        } catch {
            throw WireError(mapping: error, offset: place)
        }
    }

    /// Decodes a document whose type reads itself: see `WireDecoder` for the same, known earlier.
    private func own<T>(
        _ type: T.Type, _ coding: DirectCoding, _ base: UnsafePointer<UInt8>, _ count: Int
    ) throws(WireError) -> T {
        guard count <= WireLimits.documentBytes else {
            throw WireError(.documentTooLarge, offset: WireLimits.documentBytes)
        }
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        defer { memory.deallocate() }
        var reader = WireReader(unchecked: base, count: count)
        do throws(WireError) {
            try coding.decode(UnsafeMutableRawPointer(memory), &reader)
        } catch {
            throw reader.verdict(error)
        }
        let value = memory.move()
        try reader.finish()
        return value
    }

    /// Runs a cursor from `place`, which moves only when the value could be read.
    @inline(__always)
    func read<Value>(
        _ place: inout Int, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        var reader = state.pointee.reader(at: place)
        let value = try body(&reader)
        place = reader.at
        return value
    }

    /// Decodes the value at `place` and moves `place` behind it.
    func decode<T: Decodable>(_ type: T.Type, at place: inout Int, level: Int) throws -> T {
        let operation = state.pointee.types.operation(T.self)
        switch operation {
        case .general:
            try state.pointee.enter(level, at: place)
            let value = try T(from: ItemDecoder(core: self, place: place, level: level))
            place = try state.pointee.end(of: place)
            return value
        case .direct: return try direct(type, &place)
        case .data:
            return sameType(try read(&place) { r throws(WireError) in try r.data() }, as: type)
        case .bytes:
            return sameType(try read(&place) { r throws(WireError) in try r.bytes() }, as: type)
        case .string:
            return sameType(try read(&place) { r throws(WireError) in try r.string() }, as: type)
        case .uuid:
            return sameType(try read(&place) { r throws(WireError) in try r.uuid() }, as: type)
        case .date:
            return sameType(try read(&place) { r throws(WireError) in try r.date() }, as: type)
        case .url:
            return sameType(try read(&place) { r throws(WireError) in try r.url() }, as: type)
        case .bool:
            return sameType(try read(&place) { r throws(WireError) in try r.bool() }, as: type)
        case .double:
            return sameType(try read(&place) { r throws(WireError) in try r.double() }, as: type)
        case .float:
            return sameType(try read(&place) { r throws(WireError) in try r.float() }, as: type)
        case .floats, .doubles, .ints, .strings: return try list(type, operation, &place)
        default: return try integer(type, operation, &place)
        }
    }

    /// Lets a type read itself, and refuses one that did not stop where its item does.
    private func direct<T: Decodable>(
        _ type: T.Type, _ place: inout Int
    ) throws(WireError) -> T {
        guard let coding = state.pointee.types.direct(T.self) else {
            throw WireError(.unbalanced, offset: place)
        }
        let start = place
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        defer { memory.deallocate() }
        try read(&place) { reader throws(WireError) in
            try coding.decode(UnsafeMutableRawPointer(memory), &reader)
        }
        let value = memory.move()
        guard try state.pointee.end(of: start) == place else {
            throw WireError(.unbalanced, offset: start)
        }
        return value
    }

    private func list<T>(
        _ type: T.Type, _ operation: Operation, _ place: inout Int
    ) throws(WireError) -> T {
        switch operation {
        case .floats:
            return sameType(try read(&place) { r throws(WireError) in try r.floats() }, as: type)
        case .doubles:
            return sameType(try read(&place) { r throws(WireError) in try r.doubles() }, as: type)
        case .ints:
            let values = try read(&place) { reader throws(WireError) in
                try reader.list { item throws(WireError) in try item.int() }
            }
            return sameType(values, as: type)
        default:
            let values = try read(&place) { reader throws(WireError) in
                try reader.list { item throws(WireError) in try item.string() }
            }
            return sameType(values, as: type)
        }
    }

    private func integer<T>(
        _ type: T.Type, _ operation: Operation, _ place: inout Int
    ) throws(WireError) -> T {
        switch operation {
        case .int: return sameType(try fixed(Int.self, &place), as: type)
        case .int64: return sameType(try fixed(Int64.self, &place), as: type)
        case .int32: return sameType(try fixed(Int32.self, &place), as: type)
        case .int16: return sameType(try fixed(Int16.self, &place), as: type)
        case .int8: return sameType(try fixed(Int8.self, &place), as: type)
        case .uint: return sameType(try fixed(UInt.self, &place), as: type)
        case .uint64: return sameType(try fixed(UInt64.self, &place), as: type)
        case .uint32: return sameType(try fixed(UInt32.self, &place), as: type)
        case .uint16: return sameType(try fixed(UInt16.self, &place), as: type)
        case .uint8: return sameType(try fixed(UInt8.self, &place), as: type)
        default: preconditionFailure("not an integer operation")
        }
    }

    private func fixed<Value: FixedWidthInteger>(
        _ type: Value.Type, _ place: inout Int
    ) throws(WireError) -> Value {
        try read(&place) { reader throws(WireError) in try reader.integer(type) }
    }
}
