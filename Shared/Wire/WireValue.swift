/// Any value of the profile, for fields of a contract whose shape is left open.
///
/// It is CBOR as itself, keeps the order of its pairs, and has a JSON form as RFC 8949 section 6.1
/// describes it: byte strings become base64url text, tags disappear, numbers that are not finite
/// become null. That way there is not always a way back.
public enum WireValue: Sendable, Equatable {
    /// Null.
    case null
    /// True or false.
    case bool(Bool)
    /// An integer that fits 64 bits with a sign.
    case integer(Int64)
    /// An integer above `Int64.max`; smaller ones are `integer`, so that equal values are equal.
    case unsigned(UInt64)
    /// A number that is written with a fraction or exponent.
    case double(Double)
    /// A text string.
    case text(String)
    /// A byte string.
    case bytes([UInt8])
    /// Values in order.
    case array([WireValue])
    /// Values with text keys, in the order of the document. Keys must be distinct to be encoded.
    case map([Entry])
    /// A value with a tag, such as 1 for a date.
    indirect case tagged(UInt64, WireValue)

    /// A pair of a map.
    public struct Entry: Sendable, Equatable {
        /// The key, unique in its map.
        public var key: String
        /// The value.
        public var value: WireValue

        /// Creates a pair.
        public init(key: String, value: WireValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value of a key, where this is a map that has it.
    public subscript(key: String) -> WireValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// An element, where this is an array that reaches so far.
    public subscript(index: Int) -> WireValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// An integer that is not negative, in the case that equal values share.
    public static func natural(_ value: UInt64) -> WireValue {
        Int64(exactly: value).map(WireValue.integer) ?? .unsigned(value)
    }
}

extension WireValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Null.
    public init(nilLiteral: ()) { self = .null }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A text string.
    public init(stringLiteral value: String) { self = .text(value) }
    /// Values in order.
    public init(arrayLiteral elements: WireValue...) { self = .array(elements) }
    /// Pairs in the order in which they stand.
    public init(dictionaryLiteral elements: (String, WireValue)...) {
        self = .map(elements.map { Entry(key: $0, value: $1) })
    }
}
