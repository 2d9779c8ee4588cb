/// Sizes past which JSON is refused rather than read.
public struct JSONLimits: Sendable {
    public var bytes: Int
    /// How deep arrays and objects may lie within one another.
    public var depth: Int
    /// How many values there may be in all, which bounds the memory.
    public var values: Int

    public init(bytes: Int = 64 << 20, depth: Int = 128, values: Int = 1_000_000) {
        (self.bytes, self.depth, self.values) = (bytes, depth, values)
    }

    /// For one event of a stream, or one line.
    static let event = JSONLimits(bytes: 16 << 20, depth: 128, values: 200_000)
}

/// Why bytes are no JSON that we read, and where.
public struct JSONError: Error, Sendable, Equatable {
    public enum Kind: String, Sendable {
        case syntax, ends, tooLarge, tooDeep, tooMany, encoding
    }

    public let kind: Kind
    /// The byte at which reading stopped.
    public let offset: Int

    /// A sentence for whoever has sent it.
    public var words: String {
        switch kind {
        case .syntax: "the body is no JSON at byte \(offset)"
        case .ends: "the JSON ends in the middle, at byte \(offset)"
        case .tooLarge: "the JSON is too large"
        case .tooDeep: "the JSON is nested too deeply at byte \(offset)"
        case .tooMany: "the JSON holds too many values"
        case .encoding: "a text is no UTF-8 at byte \(offset)"
        }
    }
}

extension JSONValue {
    /// Reads exactly one value (RFC 8259). Never traps, however hostile the bytes are.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        guard bytes.count <= limits.bytes else { throw JSONError(kind: .tooLarge, offset: 0) }
        var parser = JSONParser(bytes, limits: limits)
        self = try parser.whole()
    }

    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}

/// One pass over the bytes, descending for each level, as deep as the limits allow.
struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    var place = 0
    private var depth = 0
    private var values = 0

    init(_ bytes: [UInt8], limits: JSONLimits) {
        (self.bytes, self.limits) = (bytes, limits)
        // Some servers begin with a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    mutating func whole() throws(JSONError) -> JSONValue {
        let value = try self.value()
        skipBlanks()
        guard place == bytes.count else { throw failure() }
        return value
    }

    func failure(_ kind: JSONError.Kind = .syntax) -> JSONError {
        JSONError(kind: kind == .syntax && place >= bytes.count ? .ends : kind, offset: place)
    }

    private mutating func skipBlanks() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    /// The next byte that is not blank, which stays where it is.
    private mutating func next() throws(JSONError) -> UInt8 {
        skipBlanks()
        guard place < bytes.count else { throw failure(.ends) }
        return bytes[place]
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw failure(.tooMany) }
        switch try next() {
        case 0x22: return .string(try string())
        case 0x7B: return .object(try object())
        case 0x5B: return .array(try array())
        case 0x74:
            try word("true")
            return .bool(true)
        case 0x66:
            try word("false")
            return .bool(false)
        case 0x6E:
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        for offset in 0..<count {
            guard place < bytes.count, bytes[place] == word.utf8Start[offset] else {
                throw failure()
            }
            place += 1
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= limits.depth else { throw failure(.tooDeep) }
        place += 1
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var items: [JSONValue] = []
        if try next() == 0x5D {
            place += 1
            return items
        }
        while true {
            items.append(try value())
            guard try more(until: 0x5D) else { return items }
        }
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try enter()
        defer { depth -= 1 }
        var members: [(String, JSONValue)] = []
        if try next() == 0x7D {
            place += 1
            return JSONObject()
        }
        while true {
            guard try next() == 0x22 else { throw failure() }
            let key = try string()
            guard try next() == 0x3A else { throw failure() }
            place += 1
            members.append((key, try value()))
            guard try more(until: 0x7D) else { return JSONObject(members) }
        }
    }

    /// True after a comma, false after the end.
    private mutating func more(until end: UInt8) throws(JSONError) -> Bool {
        let byte = try next()
        guard byte == 0x2C || byte == end else { throw failure() }
        place += 1
        return byte == 0x2C
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = place
        func isDigit(_ place: Int) -> Bool {
            place < bytes.count && bytes[place] >= 0x30 && bytes[place] <= 0x39
        }
        func digits() throws(JSONError) {
            guard isDigit(place) else { throw failure() }
            while isDigit(place) { place += 1 }
        }
        if bytes[place] == 0x2D { place += 1 }
        if isDigit(place), bytes[place] == 0x30 { place += 1 } else { try digits() }
        if place < bytes.count, bytes[place] == 0x2E {
            place += 1
            try digits()
        }
        if place < bytes.count, bytes[place] | 0x20 == 0x65 {
            place += 1
            if place < bytes.count, bytes[place] == 0x2B || bytes[place] == 0x2D { place += 1 }
            try digits()
        }
        return JSONNumber(unchecked: String(decoding: bytes[start..<place], as: UTF8.self))
    }
}
