import FoundationEssentials

/// A type that reads itself in one pass.
struct Row: WireCodable, Equatable {
    var id: Int
    var name: String?
    var at: Date?
    var key: UUID?
    var weights: [Float]?
    var blob: [UInt8]?
    var rows: [Row]?

    enum CodingKeys: String, CodingKey { case id, name, at, key, weights, blob, rows }

    func encode(to writer: inout WireWriter) {
        let present = [
            name == nil, at == nil, key == nil, weights == nil, blob == nil, rows == nil,
        ]
        writer.map(7 - present.count { $0 })
        writer.key("id")
        writer.int(id)
        if let name {
            writer.key("name")
            writer.string(name)
        }
        if let at {
            writer.key("at")
            writer.date(at)
        }
        if let key {
            writer.key("key")
            writer.uuid(key)
        }
        if let weights {
            writer.key("weights")
            writer.floats(weights)
        }
        if let blob {
            writer.key("blob")
            writer.bytes(blob)
        }
        if let rows {
            writer.key("rows")
            writer.list(rows) { $0.encode(to: &$1) }
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        var number: Int?
        id = 0
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { number = try reader.int() }
            if reader.isKey("name", &pairs) { name = try reader.string() }
            if reader.isKey("at", &pairs) { at = try reader.date() }
            if reader.isKey("key", &pairs) { key = try reader.uuid() }
            if reader.isKey("weights", &pairs) { weights = try reader.floats() }
            if reader.isKey("blob", &pairs) { blob = try reader.bytes() }
            if reader.isKey("rows", &pairs) {
                rows = try reader.list { item throws(WireError) in try Row(from: &item) }
            }
        } while try reader.hasMore(&pairs)
        guard let number else { throw reader.failure(.missingKey, key: "id") }
        id = number
    }
}

/// Its twin with the synthesized coding, which a validated document is decoded into.
struct Twin: Codable {
    var id: Int
    var name: String?
    var at: Date?
    var key: UUID?
    var weights: [Float]?
    var blob: [UInt8]?
    var rows: [Twin]?
}

/// Everything else that synthesized code does.
struct Mixed: Codable {
    enum Shape: Codable {
        case empty
        case circle(radius: Double)
        case text(String, size: Int)
    }

    struct Pair: Codable {
        var first: Int8
        var second: UInt64?
        enum CodingKeys: Int, CodingKey { case first = 1, second }
    }

    var shapes: [Shape]?
    var labels: [String: Int]?
    var numbers: [Int: String]?
    var pair: Pair?
    var link: URL?
    var list: [[Int64?]]?
    var values: [Double]?
    var flag: Bool?
    var open: WireValue?
}
