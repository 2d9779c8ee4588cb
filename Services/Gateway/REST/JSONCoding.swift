import FoundationEssentials
public import MeshContract
import JSON

/// JSON as the HTTP surface speaks it: `snake_case` keys.
public enum JSONCoding {
    /// The same bytes whoever writes them: names in order, slashes as they are.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        try DirectJSON.encode(value) ?? byFoundation(value)
    }

    static func byFoundation(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try Array(encoder.encode(value))
    }

    /// Throws `invalid` with a JSON pointer to what was refused.
    public static func decode<T: Decodable>(_ type: T.Type, from body: [UInt8]) throws(Fault) -> T {
        do {
            return try value(type, from: body)
        } catch let error as DecodingError {
            // A number that does not fit its field is told without its place.
            guard case .dataCorrupted(let context) = error, context.codingPath.isEmpty,
                let pointer = Misfit.pointer(in: body, for: type)
            else { throw fault(error) }
            throw Fault(
                .invalid, "a field was refused",
                fields: [FieldFault(pointer, "is not a number that fits here")])
        } catch {
            throw unreadable
        }
    }

    /// The same for the same JSON, however its fields are ordered and spaced; nil for what is none.
    public static func canonical(_ body: [UInt8]) -> [UInt8]? {
        guard let value = JSONValue(parsing: body) else {
            return nil
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init)
    }

    static func value<T: Decodable>(_ type: T.Type, from body: [UInt8]) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(body))
    }

    private static let unreadable = Fault(
        .invalid, "the body is not JSON", fields: [FieldFault("", "is not JSON")])

    private static func fault(_ error: DecodingError) -> Fault {
        switch error {
        case .keyNotFound(let key, let context):
            return refused(context.codingPath + [key], "is missing")
        case .valueNotFound(_, let context): return refused(context.codingPath, "is null")
        case .typeMismatch(let type, let context):
            return refused(context.codingPath, "is not \(name(type))")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return unreadable
        case .dataCorrupted(let context): return refused(context.codingPath, "has no valid value")
        @unknown default: return unreadable
        }
    }

    private static func refused(_ path: [any CodingKey], _ what: String) -> Fault {
        let pointer = path.map { key in
            "/" + (key.intValue.map(String.init) ?? escaped(snake(key.stringValue)))
        }.joined()
        return Fault(
            .invalid, "a field was refused",
            fields: [FieldFault(pointer, what)])
    }

    static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.append(character)
            }
        }
        return out
    }

    /// `maxRounds` as the outside writes it: `max_rounds`; `costMicroUSD` is `cost_micro_usd`. Must
    /// agree with `convertToSnakeCase`.
    static func snake(_ text: String) -> String {
        let letters = Array(text)
        var out = ""
        for (at, letter) in letters.enumerated() {
            let follows = at > 0 && letter.isUppercase
            let beginsWord =
                follows
                && (!letters[at - 1].isUppercase
                    || at + 1 < letters.count && letters[at + 1].isLowercase)
            if beginsWord { out += "_" }
            out += letter.lowercased()
        }
        return out
    }

    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Int.Type, is Int64.Type: "a whole number"
        case is Double.Type: "a number"
        default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
        }
    }
}
