/// A value of a request and the way to it, so that what is wrong can be pointed at.
struct Field {
    let value: JSONValue
    let path: FieldPath

    func fail(_ problem: InvalidRequest.Problem) -> InvalidRequest {
        InvalidRequest(path, problem)
    }

    func wrong(_ expected: String) -> InvalidRequest {
        fail(.wrongType(expected: expected, got: value.kind))
    }

    func text() throws(InvalidRequest) -> String {
        guard let text = value.string else { throw wrong("string") }
        return text
    }

    func flag() throws(InvalidRequest) -> Bool {
        guard let flag = value.bool else { throw wrong("boolean") }
        return flag
    }

    func int(_ range: ClosedRange<Int>) throws(InvalidRequest) -> Int {
        guard case .number(let number) = value else { throw wrong("integer") }
        guard let int = number.int else {
            // A whole number that is too large for us is too large for the range as well.
            if number.literal.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) {
                throw outOfRange("\(range.lowerBound)", "\(range.upperBound)")
            }
            throw wrong("integer")
        }
        guard range.contains(int) else {
            throw outOfRange("\(range.lowerBound)", "\(range.upperBound)")
        }
        return int
    }

    func double(_ range: ClosedRange<Double>) throws(InvalidRequest) -> Double {
        guard case .number(let number) = value else { throw wrong("number") }
        guard let double = number.double, range.contains(double) else {
            throw outOfRange(
                JSONValue(range.lowerBound).text, JSONValue(range.upperBound).text)
        }
        return double
    }

    private func outOfRange(_ least: String, _ most: String) -> InvalidRequest {
        let literal = String(value.text.prefix(40))
        return fail(.outOfRange(got: literal, least: least, most: most))
    }

    func list(_ expected: String = "array") throws(InvalidRequest) -> [Field] {
        guard let items = value.array else { throw wrong(expected) }
        return items.enumerated().map { Field(value: $1, path: .index(path, $0)) }
    }

    func members(_ expected: String = "object") throws(InvalidRequest) -> Members {
        guard let object = value.object else { throw wrong(expected) }
        return Members(object, path)
    }

    func texts() throws(InvalidRequest) -> [String] {
        var texts: [String] = []
        for item in try list() { texts.append(try item.text()) }
        return texts
    }

    /// One of some words.
    func word(_ allowed: [String]) throws(InvalidRequest) -> String {
        let text = try text()
        guard allowed.contains(text) else {
            throw fail(.unknownValue(String(text.prefix(80)), allowed: allowed))
        }
        return text
    }
}

/// The members of an object, taken out one after the other; what is left is what the model has no
/// word for. A member that is null stays, and counts as absent.
struct Members {
    var rest: JSONObject
    let path: FieldPath

    init(_ object: JSONObject, _ path: FieldPath = .root) {
        (rest, self.path) = (object, path)
    }

    func has(_ key: String) -> Bool { rest[key].map { $0 != .null } ?? false }

    func field(_ key: String) -> Field? {
        guard let value = rest[key], value != .null else { return nil }
        return Field(value: value, path: .key(path, key))
    }

    mutating func take(_ key: String) -> Field? {
        guard let field = field(key) else { return nil }
        rest[key] = nil
        return field
    }

    mutating func need(_ key: String) throws(InvalidRequest) -> Field {
        guard let field = take(key) else {
            throw InvalidRequest(.key(path, key), .missing)
        }
        return field
    }

    mutating func text(_ key: String) throws(InvalidRequest) -> String? {
        try take(key)?.text()
    }

    mutating func flag(_ key: String) throws(InvalidRequest) -> Bool? {
        try take(key)?.flag()
    }

    mutating func int(
        _ key: String, _ range: ClosedRange<Int> = Int.min...Int.max
    ) throws(InvalidRequest) -> Int? {
        try take(key)?.int(range)
    }

    mutating func double(
        _ key: String, _ range: ClosedRange<Double>
    ) throws(InvalidRequest) -> Double? {
        try take(key)?.double(range)
    }
}
