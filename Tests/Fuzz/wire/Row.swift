import FoundationEssentials

/// A type that reads itself in one pass, with every kind of item.
struct Row: WireCodable {
    var id: Int
    var name: String?
    var at: Date?
    var key: UUID?
    var weights: [Float]?
    var blob: [UInt8]?
    var rows: [Row]?
    var count: UInt64?
    var ratio: Double?
    var share: Float?
    var flag: Bool?
    var link: URL?
    var data: Data?
    var doubles: [Double]?
    var labels: [String]?
    var small: Int8?
    var numbered: Numbered?

    func encode(to writer: inout WireWriter) {
        let absent = [
            name == nil, at == nil, key == nil, weights == nil, blob == nil, rows == nil,
            count == nil, ratio == nil, share == nil, flag == nil, link == nil, data == nil,
            doubles == nil, labels == nil, small == nil, numbered == nil,
        ]
        writer.map(17 - absent.count { $0 })
        writer.pair("id", id)
        if let name { writer.pair("name", name) }
        if let at { writer.pair("at", at) }
        if let key { writer.pair("key", key) }
        if let weights {
            writer.key("weights")
            writer.floats(weights)
        }
        if let blob { writer.pair("blob", blob) }
        if let rows {
            writer.key("rows")
            writer.list(rows) { $0.encode(to: &$1) }
        }
        encodeRest(to: &writer)
    }

    private func encodeRest(to writer: inout WireWriter) {
        if let count { writer.pair("count", count) }
        if let ratio { writer.pair("ratio", ratio) }
        if let share { writer.pair("share", share) }
        if let flag { writer.pair("flag", flag) }
        if let link {
            writer.key("link")
            writer.url(link)
        }
        if let data { writer.pair("data", data) }
        if let doubles {
            writer.key("doubles")
            writer.doubles(doubles)
        }
        if let labels {
            writer.key("labels")
            writer.list(labels) { $1.string($0) }
        }
        if let small { writer.pair("small", Int(small)) }
        if let numbered {
            writer.key("numbered")
            numbered.encode(to: &writer)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        var number: Int?
        id = 0
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { number = try reader.int() }
            if reader.isKey("name", &pairs), !reader.takeNull() { name = try reader.string() }
            if reader.isKey("at", &pairs), !reader.takeNull() { at = try reader.date() }
            if reader.isKey("key", &pairs), !reader.takeNull() { key = try reader.uuid() }
            if reader.isKey("weights", &pairs), !reader.takeNull() { weights = try reader.floats() }
            if reader.isKey("blob", &pairs), !reader.takeNull() { blob = try reader.bytes() }
            if reader.isKey("rows", &pairs), !reader.takeNull() {
                rows = try reader.list { item throws(WireError) in try Row(from: &item) }
            }
            try readRest(&reader, &pairs)
        } while try reader.hasMore(&pairs)
        guard let number else { throw reader.failure(.missingKey, key: "id") }
        id = number
    }

    private mutating func readRest(
        _ reader: inout WireReader, _ pairs: inout WireReader.Pairs
    ) throws(WireError) {
        if reader.isKey("count", &pairs), !reader.takeNull() { count = try reader.uint() }
        if reader.isKey("ratio", &pairs), !reader.takeNull() { ratio = try reader.double() }
        if reader.isKey("share", &pairs), !reader.takeNull() { share = try reader.float() }
        if reader.isKey("flag", &pairs), !reader.takeNull() { flag = try reader.bool() }
        if reader.isKey("link", &pairs), !reader.takeNull() { link = try reader.url() }
        if reader.isKey("data", &pairs), !reader.takeNull() { data = try reader.data() }
        if reader.isKey("doubles", &pairs), !reader.takeNull() { doubles = try reader.doubles() }
        if reader.isKey("labels", &pairs), !reader.takeNull() {
            labels = try reader.list { item throws(WireError) in try item.string() }
        }
        if reader.isKey("small", &pairs), !reader.takeNull() { small = try reader.integer() }
        if reader.isKey("numbered", &pairs), !reader.takeNull() {
            numbered = try Numbered(from: &reader)
        }
    }
}

/// A type whose keys are numbers of every width.
struct Numbered: WireCodable {
    var first: Int?
    var second: String?
    var third: [Int]?
    var below: Bool?

    enum CodingKeys: Int, CodingKey {
        case first = 1
        case second = 24
        case third = 70000
        case below = -3
    }

    func encode(to writer: inout WireWriter) {
        writer.map([first == nil, second == nil, third == nil, below == nil].count { !$0 })
        if let first {
            writer.key(1)
            writer.int(first)
        }
        if let second {
            writer.key(24)
            writer.string(second)
        }
        if let third {
            writer.key(70000)
            writer.list(third) { $1.int($0) }
        }
        if let below {
            writer.key(-3)
            writer.bool(below)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey(1, &pairs), !reader.takeNull() { first = try reader.int() }
            if reader.isKey(24, &pairs), !reader.takeNull() { second = try reader.string() }
            if reader.isKey(70000, &pairs), !reader.takeNull() {
                third = try reader.list { item throws(WireError) in try item.int() }
            }
            if reader.isKey(-3, &pairs), !reader.takeNull() { below = try reader.bool() }
        } while try reader.hasMore(&pairs)
    }
}
