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

extension CallEnvelope: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(9)
        writer.key("id")
        writer.uuid(id)
        writer.key("method")
        writer.string(method)
        writer.key("methodId")
        writer.int(methodId)
        writer.key("deadline")
        writer.date(deadline)
        writer.key("traceHi")
        writer.uint(traceHi)
        writer.key("traceLo")
        writer.uint(traceLo)
        writer.key("spanId")
        writer.uint(spanId)
        writer.key("authToken")
        writer.string(authToken)
        writer.key("payload")
        writer.data(payload)
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
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("id") {
                id = try reader.uuid()
            } else if reader.isKey("method") {
                method = try reader.string()
            } else if reader.isKey("methodId") {
                methodId = try reader.int()
            } else if reader.isKey("deadline") {
                deadline = try reader.date()
            } else if reader.isKey("traceHi") {
                traceHi = try reader.uint()
            } else if reader.isKey("traceLo") {
                traceLo = try reader.uint()
            } else if reader.isKey("spanId") {
                spanId = try reader.uint()
            } else if reader.isKey("authToken") {
                authToken = try reader.string()
            } else if reader.isKey("payload") {
                payload = try reader.data()
            } else {
                try reader.skipPair()
            }
        }
        guard let id, let method, let methodId, let deadline, let traceHi, let traceLo, let spanId,
            let authToken, let payload
        else { throw reader.failure(.missingKey) }
        return CallEnvelope(
            id: id, method: method, methodId: methodId, deadline: deadline, traceHi: traceHi,
            traceLo: traceLo, spanId: spanId, authToken: authToken, payload: payload)
    }
}

extension TokenEvent: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(3 + (logprob == nil ? 0 : 1) + (finish == nil ? 0 : 1))
        writer.key("streamId")
        writer.uint(streamId)
        writer.key("index")
        writer.int(index)
        writer.key("token")
        writer.string(token)
        if let logprob {
            writer.key("logprob")
            writer.float(logprob)
        }
        if let finish {
            writer.key("finish")
            writer.int(finish)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> TokenEvent {
        var streamId: UInt64?
        var index: Int?
        var token: String?
        var logprob: Float?
        var finish: Int?
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("streamId") {
                streamId = try reader.uint()
            } else if reader.isKey("index") {
                index = try reader.int()
            } else if reader.isKey("token") {
                token = try reader.string()
            } else if reader.isKey("logprob") {
                logprob = try reader.float()
            } else if reader.isKey("finish") {
                finish = try reader.int()
            } else {
                try reader.skipPair()
            }
        }
        guard let streamId, let index, let token else { throw reader.failure(.missingKey) }
        return TokenEvent(
            streamId: streamId, index: index, token: token, logprob: logprob, finish: finish)
    }
}

extension Chunk: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(4)
        writer.key("id")
        writer.uuid(id)
        writer.key("offset")
        writer.int(Int(offset))
        writer.key("last")
        writer.bool(last)
        writer.key("data")
        writer.data(data)
    }

    static func read(from reader: inout WireReader) throws(WireError) -> Chunk {
        var id: UUID?
        var offset: Int?
        var last: Bool?
        var data: Data?
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("id") {
                id = try reader.uuid()
            } else if reader.isKey("offset") {
                offset = try reader.int()
            } else if reader.isKey("last") {
                last = try reader.bool()
            } else if reader.isKey("data") {
                data = try reader.data()
            } else {
                try reader.skipPair()
            }
        }
        guard let id, let offset, let last, let data else { throw reader.failure(.missingKey) }
        return Chunk(id: id, offset: Int64(offset), last: last, data: data)
    }
}
