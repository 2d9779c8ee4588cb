import FoundationEssentials

/// What a coder does with a type: one of the items it knows, or whatever the type's own code says.
enum Operation: UInt8 {
    case general, direct
    case data, bytes, string, uuid, date, url, bool, double, float, floats, doubles
    case int, uint, int64, uint64, int32, uint32, int16, uint16, int8, uint8, ints, strings
}

/// From a type to its operation, by the identity of its metadata: a few nanoseconds where a cast
/// to a protocol takes fifty. One per coder, filled as types are met, so it needs no lock.
struct TypeTable: ~Copyable {
    private struct Slot {
        var type: UInt = 0
        var operation = Operation.general
        var direct: Int32 = -1
    }

    private static let capacity = 512
    private static let known: [(any Any.Type, Operation)] = [
        (Data.self, .data), ([UInt8].self, .bytes), (String.self, .string), (UUID.self, .uuid),
        (Date.self, .date), (URL.self, .url), (Bool.self, .bool), (Double.self, .double),
        (Float.self, .float), ([Float].self, .floats), ([Double].self, .doubles),
        (Int.self, .int), (UInt.self, .uint), (Int64.self, .int64), (UInt64.self, .uint64),
        (Int32.self, .int32), (UInt32.self, .uint32), (Int16.self, .int16),
        (UInt16.self, .uint16), (Int8.self, .int8), (UInt8.self, .uint8), ([Int].self, .ints),
        ([String].self, .strings),
    ]

    private let slots: UnsafeMutablePointer<Slot>
    private var used = 0
    private var directs: [DirectCoding] = []

    init() {
        slots = .allocate(capacity: Self.capacity)
        slots.initialize(repeating: Slot(), count: Self.capacity)
    }

    deinit { slots.deallocate() }

    /// The operation of a type.
    @inline(__always)
    mutating func operation<T>(_ type: T.Type) -> Operation {
        let identity = UInt(bitPattern: ObjectIdentifier(type))
        let index = find(identity)
        return slots[index].type != 0 ? slots[index].operation : learn(type, identity, index)
    }

    /// The entry points of a type whose operation is `direct`.
    @inline(never)
    mutating func direct<T>(_ type: T.Type) -> DirectCoding? {
        let index = find(UInt(bitPattern: ObjectIdentifier(type)))
        if slots[index].type != 0 {
            return slots[index].direct < 0 ? nil : directs[Int(slots[index].direct)]
        }
        return (type as? any WireCodable.Type).map { DirectCoding($0) }
    }

    /// The slot of a type, or the free one where it belongs.
    @inline(__always)
    private func find(_ identity: UInt) -> Int {
        var index = Self.place(identity)
        while slots[index].type != identity && slots[index].type != 0 {
            index = (index &+ 1) & (Self.capacity &- 1)
        }
        return index
    }

    @inline(never)
    private mutating func learn<T>(_ type: T.Type, _ identity: UInt, _ index: Int) -> Operation {
        var slot = Slot(type: identity)
        var direct: DirectCoding?
        if let known = Self.known.first(where: { $0.0 == type }) {
            slot.operation = known.1
        } else if let conforming = type as? any WireCodable.Type {
            slot.operation = .direct
            direct = DirectCoding(conforming)
        }
        // Beyond half full the table stays as it is, and further types are looked up every time.
        guard used < Self.capacity / 2 else { return slot.operation }
        if let direct {
            slot.direct = Int32(directs.count)
            directs.append(direct)
        }
        slots[index] = slot
        used += 1
        return slot.operation
    }

    @inline(__always)
    private static func place(_ identity: UInt) -> Int {
        Int(truncatingIfNeeded: (identity >> 4) ^ (identity >> 12)) & (capacity &- 1)
    }
}

/// The direct coding of one type, with the type erased: calling it costs no existential.
struct DirectCoding {
    let encode: (UnsafeRawPointer, inout WireWriter) -> Void
    let decode: (UnsafeMutableRawPointer, inout WireReader) throws(WireError) -> Void

    init(_ type: any WireCodable.Type) {
        self = Self.make(type)
    }

    private init(
        encode: @escaping (UnsafeRawPointer, inout WireWriter) -> Void,
        decode: @escaping (UnsafeMutableRawPointer, inout WireReader) throws(WireError) -> Void
    ) {
        self.encode = encode
        self.decode = decode
    }

    private static func make<T: WireCodable>(_ type: T.Type) -> DirectCoding {
        DirectCoding(
            encode: { value, writer in
                value.assumingMemoryBound(to: T.self).pointee.encode(to: &writer)
            },
            decode: { place, reader throws(WireError) in
                let value = try T(from: &reader)
                place.initializeMemory(as: T.self, to: value)
            })
    }
}

/// A value as the type it was found to have. The caller compared the types' identity, so this is
/// the same type under another name.
@inline(__always)
func sameType<From, To>(_ value: From, as type: To.Type) -> To {
    unsafeBitCast(value, to: type)
}
