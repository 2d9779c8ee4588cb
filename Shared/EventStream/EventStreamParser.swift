/// One message of an event stream.
public struct ServerSentEvent: Sendable, Equatable {
    /// The `id` field of this message; nil where it has none.
    public var id: String?
    /// The `event` field, else `message`.
    public var type: String
    /// The `data` lines, joined by line feeds.
    public var data: [UInt8]

    public init(id: String? = nil, type: String = "message", data: [UInt8]) {
        (self.id, self.type, self.data) = (id, type, data)
    }

    public init(id: String? = nil, type: String = "message", text: String) {
        self.init(id: id, type: type, data: Array(text.utf8))
    }

    public var text: String { String(decoding: data, as: UTF8.self) }
}

/// Reads the event stream format (WHATWG HTML, 9.2.6), however its bytes come in pieces.
///
/// An id holds for the message it stands in only. A message without the empty line that ends it does
/// not count.
public struct EventStreamParser: Sendable {
    /// Sizes past which a stream is refused rather than collected, in bytes.
    public struct Limits: Sendable {
        public var line: Int
        public var message: Int

        public init(line: Int = 8 << 20, message: Int = 8 << 20) {
            (self.line, self.message) = (line, message)
        }
    }

    /// Which limit the stream broke; nothing is read after it.
    public enum Overflow: Error, Sendable, Equatable { case line, message }

    public private(set) var overflow: Overflow?
    /// How long to wait before connecting again, where the server said so.
    public private(set) var retry: Duration?

    private let limits: Limits
    private var line: [UInt8] = []
    private var afterReturn = false
    private var isFirstLine = true
    private var id: String?
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// The messages that are complete now. After an overflow there are no more.
    public mutating func feed(_ bytes: [UInt8]) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes[...]
        while overflow == nil, let first = rest.first {
            if afterReturn {
                afterReturn = false
                if first == 0x0A {
                    rest = rest.dropFirst()
                    continue
                }
            }
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
            guard line.count + (end ?? rest.endIndex) - rest.startIndex <= limits.line else {
                overflow = .line
                break
            }
            line += rest[..<(end ?? rest.endIndex)]
            guard let end else { break }
            afterReturn = rest[end] == 0x0D
            rest = rest[(end + 1)...]
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return endMessage() }
        let colon = line.firstIndex(of: 0x3A) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data": add(value)
        case "event": type = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        case "retry":
            if let number = Int(String(decoding: value, as: UTF8.self)), (0...60_000) ~= number {
                retry = .milliseconds(number)
            }
        default: break  // a comment, or a field of a later day
        }
        return nil
    }

    private mutating func add(_ value: ArraySlice<UInt8>) {
        guard data.count + value.count < limits.message else {
            overflow = .message
            return
        }
        if hasData { data.append(0x0A) }
        data += value
        hasData = true
    }

    private mutating func endMessage() -> ServerSentEvent? {
        defer {
            (id, type, hasData) = (nil, "", false)
            data = []
        }
        guard hasData else { return nil }
        return ServerSentEvent(id: id, type: type.isEmpty ? "message" : type, data: data)
    }
}
