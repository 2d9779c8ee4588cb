import FoundationEssentials
import Wire

/// A hot type with both codings; `Plain` is its twin that only has the synthesized one.
struct Hot: WireCodable, Equatable {
    var id: UUID
    var name: String
    var at: Date
    var count: Int
    var ratio: Double
    var weights: [Float]
    var note: String?
    var children: [Hot]

    func encode(to writer: inout WireWriter) {
        writer.map(note == nil ? 7 : 8)
        writer.key("id")
        writer.uuid(id)
        writer.key("name")
        writer.string(name)
        writer.key("at")
        writer.date(at)
        writer.key("count")
        writer.int(count)
        writer.key("ratio")
        writer.double(ratio)
        writer.key("weights")
        writer.floats(weights)
        if let note {
            writer.key("note")
            writer.string(note)
        }
        writer.key("children")
        writer.array(children.count)
        for child in children { child.encode(to: &writer) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        var id: UUID?
        var name: String?
        var at: Date?
        var count = 0
        var ratio = 0.0
        var weights: [Float] = []
        var note: String?
        var children: [Hot] = []
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { id = try reader.uuid() }
            if reader.isKey("name", &pairs) { name = try reader.string() }
            if reader.isKey("at", &pairs) { at = try reader.date() }
            if reader.isKey("count", &pairs) { count = try reader.int() }
            if reader.isKey("ratio", &pairs) { ratio = try reader.double() }
            if reader.isKey("weights", &pairs) { weights = try reader.floats() }
            if reader.isKey("note", &pairs) { note = try reader.string() }
            if reader.isKey("children", &pairs) {
                children = try reader.list { item throws(WireError) in try Hot(from: &item) }
            }
        } while try reader.hasMore(&pairs)
        guard let id else { throw reader.failure(.missingKey, key: "id") }
        guard let name else { throw reader.failure(.missingKey, key: "name") }
        guard let at else { throw reader.failure(.missingKey, key: "at") }
        self.init(
            id: id, name: name, at: at, count: count, ratio: ratio, weights: weights, note: note,
            children: children)
    }

    init(
        id: UUID, name: String, at: Date, count: Int, ratio: Double, weights: [Float],
        note: String?, children: [Hot]
    ) {
        self.id = id
        self.name = name
        self.at = at
        self.count = count
        self.ratio = ratio
        self.weights = weights
        self.note = note
        self.children = children
    }
}

struct Plain: Codable, Equatable {
    var id: UUID
    var name: String
    var at: Date
    var count: Int
    var ratio: Double
    var weights: [Float]
    var note: String?
    var children: [Plain]

    init(_ hot: Hot) {
        (id, name, at, count, ratio) = (hot.id, hot.name, hot.at, hot.count, hot.ratio)
        (weights, note, children) = (hot.weights, hot.note, hot.children.map(Plain.init))
    }
}
