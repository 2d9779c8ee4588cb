/// A provider's error in one of the shapes in use: an object or a text under `error`, its fields at
/// the top, or a list of one.
struct ErrorBody: Sendable {
    var message: String?
    var type: String?
    var code: String?
    /// How long to wait, where the body says it (Google's `RetryInfo`).
    var retryAfter: Duration?

    /// Nil for a body that is no JSON, and for one without a word of an error.
    init?(reading body: [UInt8]) {
        guard body.count <= 1 << 20, let value = try? JSONValue(parsing: body) else { return nil }
        self.init(value)
    }

    init?(_ value: JSONValue) {
        if case .array(let list) = value {
            guard let first = list.first, case .object = first else { return nil }
            self.init(first)
        } else {
            guard case .object(let top) = value else { return nil }
            self.init(top, in: value)
            if message == nil, type == nil, code == nil { return nil }
        }
    }

    private init(_ top: JSONObject, in value: JSONValue) {
        if let text = top["error"]?.string {
            message = text
            type = Self.text(top["type"])
            code = Self.text(top["code"])
            return
        }
        let fields = value["error"]?.object ?? value["response"]?["error"]?.object ?? top
        message = Self.text(fields["message"]) ?? Self.text(fields["detail"])
        type = Self.text(fields["type"]) ?? Self.text(fields["status"])
        code = Self.text(fields["code"])
        for detail in fields["details"]?.array ?? [] {
            guard let text = detail["retryDelay"]?.string, text.last == "s" else { continue }
            retryAfter = Double(text.dropLast()).flatMap(RetryAdvice.wait)
        }
    }

    /// Some servers write numbers where others write names, and a list where others write a text.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text)?: text
        case .number(let number)?: number.literal
        case .array(let list)?:
            list.first?["msg"]?.string ?? (list.isEmpty ? nil : JSONValue.array(list).text)
        default: nil
        }
    }
}

extension JSONValue {
    /// One message of a stream.
    static func event(_ bytes: [UInt8]) throws(UpstreamFailure) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes, limits: .event)
        } catch {
            throw .garbage("a message of the reply is not the JSON expected: \(error.words)")
        }
    }

    /// A whole reply.
    static func reply(_ bytes: [UInt8]) throws(UpstreamFailure) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .garbage("the reply is not the JSON expected: \(error.words)")
        }
    }
}
