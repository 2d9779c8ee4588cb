import Wire

extension ChatMessage: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(name == nil ? 2 : 3)
        writer.key("role")
        writer.string(role.rawValue)
        writer.key("content")
        writer.string(content)
        if let name {
            writer.key("name")
            writer.string(name)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> ChatMessage {
        var role: Role?
        var content: String?
        var name: String?
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("role") {
                role = Role(rawValue: try reader.string())
            } else if reader.isKey("content") {
                content = try reader.string()
            } else if reader.isKey("name") {
                name = try reader.string()
            } else {
                try reader.skipPair()
            }
        }
        guard let role, let content else { throw reader.failure(.missingKey) }
        return ChatMessage(role: role, content: content, name: name)
    }
}

extension ChatRequest: Handwritten {
    func write(to writer: inout WireWriter) {
        writer.map(user == nil ? 6 : 7)
        writer.key("model")
        writer.string(model)
        writer.key("messages")
        writer.list(messages) { $0.write(to: &$1) }
        writer.key("temperature")
        writer.double(temperature)
        writer.key("maxTokens")
        writer.int(maxTokens)
        writer.key("stream")
        writer.bool(stream)
        writer.key("stop")
        writer.list(stop) { $1.string($0) }
        if let user {
            writer.key("user")
            writer.string(user)
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
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("model") {
                model = try reader.string()
            } else if reader.isKey("messages") {
                messages = try reader.list { item throws(WireError) in
                    try ChatMessage.read(from: &item)
                }
            } else if reader.isKey("temperature") {
                temperature = try reader.double()
            } else if reader.isKey("maxTokens") {
                maxTokens = try reader.int()
            } else if reader.isKey("stream") {
                stream = try reader.bool()
            } else if reader.isKey("stop") {
                stop = try reader.list { item throws(WireError) in try item.string() }
            } else if reader.isKey("user") {
                user = try reader.string()
            } else {
                try reader.skipPair()
            }
        }
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
        writer.key("name")
        writer.string(name)
        writer.key("userId")
        writer.uint(userId)
        writer.key("ts")
        writer.int(Int(ts))
        writer.key("value")
        writer.double(value)
        writer.key("ok")
        writer.bool(ok)
        if let country {
            writer.key("country")
            writer.string(country)
        }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> UsageEvent {
        var name: String?
        var userId: UInt64?
        var ts: Int?
        var value: Double?
        var ok: Bool?
        var country: String?
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("name") {
                name = try reader.string()
            } else if reader.isKey("userId") {
                userId = try reader.uint()
            } else if reader.isKey("ts") {
                ts = try reader.int()
            } else if reader.isKey("value") {
                value = try reader.double()
            } else if reader.isKey("ok") {
                ok = try reader.bool()
            } else if reader.isKey("country") {
                country = try reader.string()
            } else {
                try reader.skipPair()
            }
        }
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
        writer.key("source")
        writer.string(source)
        writer.key("events")
        writer.list(events) { $0.write(to: &$1) }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> EventBatch {
        var source: String?
        var events: [UsageEvent]?
        try reader.pairs { reader throws(WireError) in
            if reader.isKey("source") {
                source = try reader.string()
            } else if reader.isKey("events") {
                events = try reader.list { item throws(WireError) in
                    try UsageEvent.read(from: &item)
                }
            } else {
                try reader.skipPair()
            }
        }
        guard let source, let events else { throw reader.failure(.missingKey) }
        return EventBatch(source: source, events: events)
    }
}
