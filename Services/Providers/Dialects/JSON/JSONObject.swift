/// The members of a JSON object in their order, each name once.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
    public typealias Member = (key: String, value: JSONValue)

    public private(set) var members: [Member]

    public init() { members = [] }

    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// Of members with the same name the last one counts.
    public init(_ elements: [(String, JSONValue)]) {
        members = []
        members.reserveCapacity(elements.count)
        guard elements.count > 12 else {
            for (key, value) in elements { self[key] = value }
            return
        }
        // Many members are looked up in a table, so that a long list takes no square of time.
        var places: [String: Int] = [:]
        for (key, value) in elements {
            if let place = places[key] {
                members[place].value = value
            } else {
                places[key] = members.count
                members.append((key, value))
            }
        }
    }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var keys: [String] { members.map(\.key) }

    /// Setting nil takes the member out; a new one goes to the end.
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            guard let place = members.firstIndex(where: { $0.key == key }) else {
                if let newValue { members.append((key, newValue)) }
                return
            }
            if let newValue {
                members[place].value = newValue
            } else {
                members.remove(at: place)
            }
        }
    }

    /// Takes a member out and answers with it.
    mutating func take(_ key: String) -> JSONValue? {
        guard let place = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: place).value
    }

    /// Adds the members of `other` whose names are new here.
    mutating func fill(from other: JSONObject) {
        for (key, value) in other.members where self[key] == nil { members.append((key, value)) }
    }
}

extension JSONObject: Equatable {
    /// The order of members means nothing.
    public static func == (one: JSONObject, other: JSONObject) -> Bool {
        guard one.count == other.count else { return false }
        if zip(one.members, other.members).allSatisfy({ $0.key == $1.key && $0.value == $1.value })
        {
            return true
        }
        let table = Dictionary(other.members.map { ($0.key, $0.value) }) { $1 }
        return one.members.allSatisfy { table[$0.key] == $0.value }
    }
}
