import FoundationEssentials
import Wire

/// The envelope with its bytes as an array, as a hot type holds them: `Data` takes two allocations
/// and looks for other accesses whenever it is read.
struct HotEnvelope: Codable {
    var id: UUID
    var method: String
    var methodId: Int
    var deadline: Date
    var traceHi: UInt64
    var traceLo: UInt64
    var spanId: UInt64
    var authToken: String
    var payload: [UInt8]
}

extension HotEnvelope {
    init(_ plain: CallEnvelope) {
        self.init(
            id: plain.id, method: plain.method, methodId: plain.methodId, deadline: plain.deadline,
            traceHi: plain.traceHi, traceLo: plain.traceLo, spanId: plain.spanId,
            authToken: plain.authToken, payload: [UInt8](plain.payload))
    }
}

extension HotEnvelope: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(9)
        writer.pair("id", id)
        writer.pair("method", method)
        writer.pair("methodId", methodId)
        writer.pair("deadline", deadline)
        writer.pair("traceHi", traceHi)
        writer.pair("traceLo", traceLo)
        writer.pair("spanId", spanId)
        writer.pair("authToken", authToken)
        writer.pair("payload", payload)
    }

    static func read(from reader: inout WireReader) throws(WireError) -> HotEnvelope {
        var id: UUID?
        var method: String?
        var methodId: Int?
        var deadline: Date?
        var traceHi: UInt64?
        var traceLo: UInt64?
        var spanId: UInt64?
        var authToken: String?
        var payload: [UInt8]?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { id = try reader.uuid() }
            if reader.isKey("method", &pairs) { method = try reader.string() }
            if reader.isKey("methodId", &pairs) { methodId = try reader.int() }
            if reader.isKey("deadline", &pairs) { deadline = try reader.date() }
            if reader.isKey("traceHi", &pairs) { traceHi = try reader.uint() }
            if reader.isKey("traceLo", &pairs) { traceLo = try reader.uint() }
            if reader.isKey("spanId", &pairs) { spanId = try reader.uint() }
            if reader.isKey("authToken", &pairs) { authToken = try reader.string() }
            if reader.isKey("payload", &pairs) { payload = try reader.bytes() }
        } while try reader.hasMore(&pairs)
        guard let id, let method, let methodId, let deadline, let traceHi, let traceLo, let spanId,
            let authToken, let payload
        else { throw reader.failure(.missingKey) }
        return HotEnvelope(
            id: id, method: method, methodId: methodId, deadline: deadline, traceHi: traceHi,
            traceLo: traceLo, spanId: spanId, authToken: authToken, payload: payload)
    }
}

extension CallEnvelope: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(9)
        writer.pair("id", id)
        writer.pair("method", method)
        writer.pair("methodId", methodId)
        writer.pair("deadline", deadline)
        writer.pair("traceHi", traceHi)
        writer.pair("traceLo", traceLo)
        writer.pair("spanId", spanId)
        writer.pair("authToken", authToken)
        writer.pair("payload", payload)
    }

    static func read(from reader: inout WireReader) throws(WireError) -> CallEnvelope {
        var id: UUID?
        var method: String?
        var methodId: Int?
        var deadline: Date?
        var traceHi: UInt64?
        var traceLo: UInt64?
        var spanId: UInt64?
        var authToken: String?
        var payload: Data?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("id", &pairs) { id = try reader.uuid() }
            if reader.isKey("method", &pairs) { method = try reader.string() }
            if reader.isKey("methodId", &pairs) { methodId = try reader.int() }
            if reader.isKey("deadline", &pairs) { deadline = try reader.date() }
            if reader.isKey("traceHi", &pairs) { traceHi = try reader.uint() }
            if reader.isKey("traceLo", &pairs) { traceLo = try reader.uint() }
            if reader.isKey("spanId", &pairs) { spanId = try reader.uint() }
            if reader.isKey("authToken", &pairs) { authToken = try reader.string() }
            if reader.isKey("payload", &pairs) { payload = try reader.data() }
        } while try reader.hasMore(&pairs)
        guard let id, let method, let methodId, let deadline, let traceHi, let traceLo, let spanId,
            let authToken, let payload
        else { throw reader.failure(.missingKey) }
        return CallEnvelope(
            id: id, method: method, methodId: methodId, deadline: deadline, traceHi: traceHi,
            traceLo: traceLo, spanId: spanId, authToken: authToken, payload: payload)
    }
}
