import FoundationEssentials
import Wire

/// The coding by hand of a message whose own type only has the synthesized one.
protocol Handwritten: Codable {
    func write(to writer: inout WireWriter)
    static func read(from reader: inout WireReader) throws(WireError) -> Self
}

/// A message that goes the direct way.
struct Direct<Message: Handwritten>: WireCodable {
    var message: Message

    func encode(to writer: inout WireWriter) { message.write(to: &writer) }

    init(_ message: Message) { self.message = message }

    init(from reader: inout WireReader) throws(WireError) {
        message = try Message.read(from: &reader)
    }
}

extension TokenEvent: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(3 + (logprob == nil ? 0 : 1) + (finish == nil ? 0 : 1))
        writer.pair("streamId", streamId)
        writer.pair("index", index)
        writer.pair("token", token)
        if let logprob {
            writer.pair("logprob", logprob)
        }
        if let finish {
            writer.pair("finish", finish)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> TokenEvent {
        var streamId: UInt64?
        var index: Int?
        var token: String?
        var logprob: Float?
        var finish: Int?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("streamId", &pairs) { streamId = try reader.uint() }
            if reader.isKey("index", &pairs) { index = try reader.int() }
            if reader.isKey("token", &pairs) { token = try reader.string() }
            if reader.isKey("logprob", &pairs) { logprob = try reader.float() }
            if reader.isKey("finish", &pairs) { finish = try reader.int() }
        } while try reader.hasMore(&pairs)
        guard let streamId, let index, let token else { throw reader.failure(.missingKey) }
        return TokenEvent(
            streamId: streamId, index: index, token: token, logprob: logprob, finish: finish)
    }
}

extension Chunk: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(4)
        writer.pair("id", id)
        writer.pair("offset", Int(offset))
        writer.pair("last", last)
        writer.pair("data", data)
    }

    static func read(from reader: inout WireReader) throws(WireError) -> Chunk {
        var id: UUID?
        var offset: Int?
        var last: Bool?
        var data: Data?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { id = try reader.uuid() }
            if reader.isKey("offset", &pairs) { offset = try reader.int() }
            if reader.isKey("last", &pairs) { last = try reader.bool() }
            if reader.isKey("data", &pairs) { data = try reader.data() }
        } while try reader.hasMore(&pairs)
        guard let id, let offset, let last, let data else { throw reader.failure(.missingKey) }
        return Chunk(id: id, offset: Int64(offset), last: last, data: data)
    }
}
