import FoundationEssentials

/// JSON as the dialects need it: the same bytes for the same request, so that providers' caches
/// find it again, and lenient when reading.
enum JSON {
    static func encode(_ value: some Encodable) throws(UpstreamFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw .badRequest("the request cannot be written as JSON")
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(UpstreamFailure) -> Value {
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw .garbage("a message of the reply is not the JSON expected")
        }
    }

    private static let decoder = JSONDecoder()
}

/// A provider's error in one of the shapes in use: an object or a text under `error`, its fields
/// at the top, or a list of one.
struct ErrorBody: Decodable {
    var message: String?
    var type: String?
    var code: String?

    private enum Keys: String, CodingKey { case error, message, detail, type, code, status }

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            self = try list.decode(ErrorBody.self)
            return
        }
        let top = try decoder.container(keyedBy: Keys.self)
        if let text = try? top.decode(String.self, forKey: .error) {
            message = text
            return
        }
        let inner = try? top.nestedContainer(keyedBy: Keys.self, forKey: .error)
        let fields = inner ?? top
        message = Self.text(fields, .message) ?? Self.text(fields, .detail)
        type = Self.text(fields, .type) ?? Self.text(fields, .status)
        code = Self.text(fields, .code)
    }

    /// Some servers write numbers where others write names.
    private static func text(_ fields: KeyedDecodingContainer<Keys>, _ key: Keys) -> String? {
        if let text = try? fields.decode(String.self, forKey: key) { return text }
        return (try? fields.decode(Int.self, forKey: key)).map(String.init)
    }
}

/// A value that is nil, rather than an error, when it is not what is expected.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        value = try? decoder.singleValueContainer().decode(Value.self)
    }
}

/// Whether there is anything, whatever it is.
struct Presence: Decodable {
    let isPresent: Bool

    init(from decoder: any Decoder) throws {
        isPresent = try !decoder.singleValueContainer().decodeNil()
    }
}

/// A count as a provider gives it, held to what any reply can have, so that sums cannot overflow.
func tokens(_ count: Int?) -> Int { min(max(count ?? 0, 0), 1 << 40) }
