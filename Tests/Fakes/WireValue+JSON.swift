import FoundationEssentials
public import Wire

/// JSON as a test looks at it.
extension WireValue {
    public init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(WireValue.self, from: Data(bytes))
    }

    public var json: [UInt8] { get throws { try Array(JSONEncoder().encode(self)) } }

    public var string: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    public var int: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    public var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var list: [WireValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    public var fields: [String: WireValue] {
        guard case .map(let entries) = self else { return [:] }
        return Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}
