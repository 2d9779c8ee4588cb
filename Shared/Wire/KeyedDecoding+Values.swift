/// The values of a map. The numbers and strings that hot types consist of go straight to the
/// reader; everything else goes by its type.
extension KeyedDecoding {
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try read(try need(key), key) { reader throws(WireError) in try reader.bool() }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try read(try need(key), key) { reader throws(WireError) in try reader.string() }
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try read(try need(key), key) { reader throws(WireError) in try reader.double() }
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try read(try need(key), key) { reader throws(WireError) in try reader.float() }
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try read(try need(key), key) { reader throws(WireError) in try reader.int() }
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try read(try need(key), key) { reader throws(WireError) in Int64(try reader.int()) }
    }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try read(try need(key), key) { reader throws(WireError) in try reader.uint() }
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try general(type, try need(key), key)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        guard let found = try find(key), !isNull(found) else { return nil }
        return try read(found, key) { reader throws(WireError) in try reader.bool() }
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        guard let found = try find(key), !isNull(found) else { return nil }
        return try read(found, key) { reader throws(WireError) in try reader.string() }
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        guard let found = try find(key), !isNull(found) else { return nil }
        return try read(found, key) { reader throws(WireError) in try reader.double() }
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        guard let found = try find(key), !isNull(found) else { return nil }
        return try read(found, key) { reader throws(WireError) in try reader.int() }
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let found = try find(key), !isNull(found) else { return nil }
        return try general(type, found, key)
    }
}
