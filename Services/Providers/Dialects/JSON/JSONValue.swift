/// Any JSON, without loss: objects keep their order, numbers their digits. What the model of a
/// conversation has no word for is kept as this.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
    public var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }
    /// Whole numbers only, also those that are written with a point, as in `3.0`.
    public var int: Int? {
        if case .number(let number) = self { number.int } else { nil }
    }
    public var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }
    public var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
    public var isNull: Bool { self == .null }

    /// The member of an object; nil for anything else, and for a member that is null.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self, let value = object[key], value != .null
        else { return nil }
        return value
    }

    /// What it is, in the words of an error.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number(let number): number.int == nil ? "decimal" : "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// A number as it was written, of any size and precision.
public struct JSONNumber: Sendable, Equatable {
    public let literal: String

    /// `literal` is JSON's grammar already.
    init(unchecked literal: String) { self.literal = literal }

    public init(_ value: Int) { literal = String(value) }

    /// Nil for what JSON cannot say: infinity, and no number at all.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if let whole = Int(exactly: value) {
            literal = String(whole)
        } else {
            literal = "\(value)"
        }
    }

    /// Nil past the limits of `Int`, and for fractions.
    public var int: Int? {
        if let whole = Int(literal) { return whole }
        guard literal.utf8.count < 64, let value = Double(literal) else { return nil }
        return Int(exactly: value)
    }

    /// Nil past what a double can hold.
    public var double: Double? {
        guard literal.utf8.count < 512, let value = Double(literal), value.isFinite else {
            return nil
        }
        return value
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    public init(floatLiteral value: Double) { self.init(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }

    public init(_ value: Int) { self = .number(JSONNumber(value)) }
    /// Null for what JSON cannot say.
    public init(_ value: Double) { self = JSONNumber(value).map { .number($0) } ?? .null }
    public init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
