extension JSONObject {
    /// Sets a member that there is a value for.
    mutating func set(_ key: String, _ value: String?) {
        if let value { self[key] = .string(value) }
    }
    mutating func set(_ key: String, _ value: Int?) {
        if let value { self[key] = JSONValue(value) }
    }
    mutating func set(_ key: String, _ value: Double?) {
        if let value { self[key] = JSONValue(value) }
    }
    mutating func set(_ key: String, _ value: Bool?) {
        if let value { self[key] = .bool(value) }
    }
    mutating func set(_ key: String, _ value: JSONValue?) {
        if let value { self[key] = value }
    }
    /// Leaves an empty list out.
    mutating func set(_ key: String, _ list: [JSONValue]) {
        if !list.isEmpty { self[key] = .array(list) }
    }
    /// Leaves an empty object out.
    mutating func set(_ key: String, _ object: JSONObject) {
        if !object.isEmpty { self[key] = .object(object) }
    }
}
