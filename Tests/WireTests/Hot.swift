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
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("id") {
                id = try reader.uuid()
            } else if reader.isKey("name") {
                name = try reader.string()
            } else if reader.isKey("at") {
                at = try reader.date()
            } else if reader.isKey("count") {
                count = try reader.int()
            } else if reader.isKey("ratio") {
                ratio = try reader.double()
            } else if reader.isKey("weights") {
                weights = try reader.floats()
            } else if reader.isKey("note") {
                note = try reader.string()
            } else if reader.isKey("children") {
                children = try reader.list { item throws(WireError) in try Hot(from: &item) }
            } else {
                try reader.skipPair()
            }
        }
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
