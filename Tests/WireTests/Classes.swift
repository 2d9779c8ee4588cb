class Base: Codable {
    var base: Int
    init(base: Int) { self.base = base }
}

/// Keeps its superclass under a key of its own, as synthesized code does.
final class Separate: Base {
    var own: String
    private enum CodingKeys: String, CodingKey { case own }

    init(base: Int, own: String) {
        self.own = own
        super.init(base: base)
    }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        own = try container.decode(String.self, forKey: .own)
        try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(own, forKey: .own)
        try super.encode(to: container.superEncoder())
    }
}

/// Hands its own coder to its superclass, so both write into one map.
final class Shared: Base {
    var own: String
    private enum CodingKeys: String, CodingKey { case own }

    init(base: Int, own: String) {
        self.own = own
        super.init(base: base)
    }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        own = try container.decode(String.self, forKey: .own)
        try super.init(from: decoder)
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(own, forKey: .own)
        try super.encode(to: encoder)
    }
}

/// Builds and reads its containers by hand.
struct Nested: Codable {
    var rows: [[Int]]
    var x: Int
    var y: Int

    enum Key: String, CodingKey { case rows, point, none, end }
    enum Axis: String, CodingKey { case x, y }

    init(rows: [[Int]], x: Int, y: Int) {
        self.rows = rows
        self.x = x
        self.y = y
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let point = try container.nestedContainer(keyedBy: Axis.self, forKey: .point)
        y = try point.decode(Int.self, forKey: .y)
        var outer = try container.nestedUnkeyedContainer(forKey: .rows)
        rows = []
        while !outer.isAtEnd {
            var inner = try outer.nestedUnkeyedContainer()
            var row: [Int] = []
            while !inner.isAtEnd { row.append(try inner.decode(Int.self)) }
            rows.append(row)
        }
        x = try point.decode(Int.self, forKey: .x)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        var outer = container.nestedUnkeyedContainer(forKey: .rows)
        for row in rows {
            var inner = outer.nestedUnkeyedContainer()
            for value in row { try inner.encode(value) }
        }
        var point = container.nestedContainer(keyedBy: Axis.self, forKey: .point)
        try point.encode(x, forKey: .x)
        try point.encode(y, forKey: .y)
        _ = container.nestedUnkeyedContainer(forKey: .none)
        _ = container.superEncoder(forKey: .end)
    }
}
