import Console

/// One message of an event stream.
struct ServerEvent: Sendable, Equatable {
    var id: String?
    var type: String
    var data: String
}

/// Reads the event stream format (WHATWG HTML, "Interpreting an event stream"), however its bytes
/// come in pieces.
struct EventStreamParser: Sendable {
    /// Largest message, and largest line, in bytes.
    static let limit = 8 << 20

    private var line: [UInt8] = []
    private var isFirstLine = true
    private var afterReturn = false
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id: String?
    /// How long to wait before connecting again, where the server said so.
    private(set) var retry: Duration?

    /// The messages that are complete now. Throws when one is larger than the limit.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Refusal) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            if afterReturn {
                afterReturn = false
                if byte == 10 { continue }
            }
            guard byte == 10 || byte == 13 else {
                line.append(byte)
                try check()
                continue
            }
            afterReturn = byte == 13
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    private func check() throws(Refusal) {
        guard line.count + data.count <= Self.limit else {
            throw Refusal(.unavailable, "the gateway sent an event that is larger than 8 MiB")
        }
    }

    private mutating func endLine() throws(Refusal) -> ServerEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        if line.isEmpty { return endMessage() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let name = String(decoding: line[..<colon], as: UTF8.self)
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch name {
        case "event": type = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(10) }
            data += value
            hasData = true
        case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        case "retry":
            if let number = Int(String(decoding: value, as: UTF8.self)), (0...60_000) ~= number {
                retry = .milliseconds(number)
            }
        default: break  // a comment, or a field of a later day
        }
        return nil
    }

    /// An id holds for the message it stands in only: ours that have none are hints.
    private mutating func endMessage() -> ServerEvent? {
        defer {
            (type, id, hasData) = ("", nil, false)
            data.removeAll(keepingCapacity: true)
        }
        guard hasData else { return nil }
        return ServerEvent(
            id: id, type: type.isEmpty ? "message" : type,
            data: String(decoding: data, as: UTF8.self))
    }
}
