/// The values of a map. The numbers and strings that hot types consist of go straight to the
/// reader; everything else goes by its type.
extension KeyedDecoding {
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try value(key) { reader throws(WireError) in try reader.bool() }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try value(key) { reader throws(WireError) in try reader.string() }
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try value(key) { reader throws(WireError) in try reader.double() }
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try value(key) { reader throws(WireError) in try reader.float() }
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try value(key) { reader throws(WireError) in try reader.int() }
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try value(key) { reader throws(WireError) in Int64(try reader.int()) }
    }

    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try value(key) { reader throws(WireError) in try reader.integer() }
    }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try value(key) { reader throws(WireError) in try reader.uint() }
    }

    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try value(key) { reader throws(WireError) in try reader.integer() }
    }

    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
        try value(key) { reader throws(WireError) in UInt(try reader.uint()) }
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let now = now
        return try now.general(type, try now.need(key), key)
    }

    @inline(__always)
    private func value<Value>(
        _ key: Key, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let now = now
        return try now.read(try now.need(key), key, body)
    }
}

/// The same for values that may be missing, where the standard library would look for the key three
/// times.
extension KeyedDecoding {
    @inline(__always)
    private func optional<Value>(
        _ key: Key, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value? {
        let now = now
        guard let found = try now.find(key), !now.isNull(found) else { return nil }
        return try now.read(found, key, body)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try optional(key) { reader throws(WireError) in try reader.bool() }
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try optional(key) { reader throws(WireError) in try reader.string() }
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try optional(key) { reader throws(WireError) in try reader.double() }
    }

    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try optional(key) { reader throws(WireError) in try reader.float() }
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try optional(key) { reader throws(WireError) in try reader.int() }
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try optional(key) { reader throws(WireError) in Int64(try reader.int()) }
    }

    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        try optional(key) { reader throws(WireError) in try reader.integer() }
    }

    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        try optional(key) { reader throws(WireError) in try reader.uint() }
    }

    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        try optional(key) { reader throws(WireError) in try reader.integer() }
    }

    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        try optional(key) { reader throws(WireError) in UInt(try reader.uint()) }
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let now = now
        guard let found = try now.find(key), !now.isNull(found) else { return nil }
        return try now.general(type, found, key)
    }
}
