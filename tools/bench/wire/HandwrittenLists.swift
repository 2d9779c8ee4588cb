import Wire

extension ChatMessage: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(name == nil ? 2 : 3)
        writer.pair("role", role.rawValue)
        writer.pair("content", content)
        if let name {
            writer.pair("name", name)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> ChatMessage {
        var role: Role?
        var content: String?
        var name: String?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("role", &pairs) { role = Role(rawValue: try reader.string()) }
            if reader.isKey("content", &pairs) { content = try reader.string() }
            if reader.isKey("name", &pairs) { name = try reader.string() }
        } while try reader.hasMore(&pairs)
        guard let role, let content else { throw reader.failure(.missingKey) }
        return ChatMessage(role: role, content: content, name: name)
    }
}

extension ChatRequest: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(user == nil ? 6 : 7)
        writer.pair("model", model)
        writer.key("messages")
        writer.list(messages) { $0.write(to: &$1) }
        writer.pair("temperature", temperature)
        writer.pair("maxTokens", maxTokens)
        writer.pair("stream", stream)
        writer.key("stop")
        writer.list(stop) { $1.string($0) }
        if let user {
            writer.pair("user", user)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> ChatRequest {
        var model: String?
        var messages: [ChatMessage]?
        var temperature: Double?
        var maxTokens: Int?
        var stream: Bool?
        var stop: [String]?
        var user: String?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("model", &pairs) { model = try reader.string() }
            if reader.isKey("messages", &pairs) {
                messages = try reader.list { item throws(WireError) in
                    try ChatMessage.read(from: &item)
                }
            }
            if reader.isKey("temperature", &pairs) { temperature = try reader.double() }
            if reader.isKey("maxTokens", &pairs) { maxTokens = try reader.int() }
            if reader.isKey("stream", &pairs) { stream = try reader.bool() }
            if reader.isKey("stop", &pairs) {
                stop = try reader.list { item throws(WireError) in try item.string() }
            }
            if reader.isKey("user", &pairs) { user = try reader.string() }
        } while try reader.hasMore(&pairs)
        guard let model, let messages, let temperature, let maxTokens, let stream, let stop
        else { throw reader.failure(.missingKey) }
        return ChatRequest(
            model: model, messages: messages, temperature: temperature, maxTokens: maxTokens,
            stream: stream, stop: stop, user: user)
    }
}

extension UsageEvent: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(country == nil ? 5 : 6)
        writer.pair("name", name)
        writer.pair("userId", userId)
        writer.pair("ts", Int(ts))
        writer.pair("value", value)
        writer.pair("ok", ok)
        if let country {
            writer.pair("country", country)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> UsageEvent {
        var name: String?
        var userId: UInt64?
        var ts: Int?
        var value: Double?
        var ok: Bool?
        var country: String?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("name", &pairs) { name = try reader.string() }
            if reader.isKey("userId", &pairs) { userId = try reader.uint() }
            if reader.isKey("ts", &pairs) { ts = try reader.int() }
            if reader.isKey("value", &pairs) { value = try reader.double() }
            if reader.isKey("ok", &pairs) { ok = try reader.bool() }
            if reader.isKey("country", &pairs) { country = try reader.string() }
        } while try reader.hasMore(&pairs)
        guard let name, let userId, let ts, let value, let ok else {
            throw reader.failure(.missingKey)
        }
        return UsageEvent(
            name: name, userId: userId, ts: Int64(ts), value: value, ok: ok, country: country)
    }
}

extension EventBatch: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(2)
        writer.pair("source", source)
        writer.key("events")
        writer.list(events) { $0.write(to: &$1) }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> EventBatch {
        var source: String?
        var events: [UsageEvent]?
        var pairs = try reader.pairs()
        repeat {
            if reader.isKey("source", &pairs) { source = try reader.string() }
            if reader.isKey("events", &pairs) {
                events = try reader.list { item throws(WireError) in
                    try UsageEvent.read(from: &item)
                }
            }
        } while try reader.hasMore(&pairs)
        guard let source, let events else { throw reader.failure(.missingKey) }
        return EventBatch(source: source, events: events)
    }
}
