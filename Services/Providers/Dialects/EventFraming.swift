/// Server-sent events, as the WHATWG HTML standard reads them (9.2.6). Identifiers and times for
/// reconnecting are skipped: nobody reconnects to a reply.
struct EventFraming: Framing {
    struct Event: Equatable, Sendable {
        var type = "message"
        var data: [UInt8] = []
    }

    private(set) var failure: UpstreamFailure?
    private let limits: FrameLimits
    private var line: [UInt8] = []
    private var afterReturn = false
    private var isFirstLine = true
    private var type: String?
    private var data: [UInt8] = []
    private var hasData = false

    init(limits: FrameLimits = FrameLimits()) { self.limits = limits }

    mutating func feed(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while failure == nil, let first = rest.first {
            if afterReturn {
                afterReturn = false
                if first == 0x0A {
                    rest = rest.dropFirst()
                    continue
                }
            }
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
            guard line.count + (end ?? rest.endIndex) - rest.startIndex <= limits.lineBytes else {
                failure = .garbage("a line of the reply is too long")
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

    /// An event without the empty line that ends it does not count.
    mutating func rest() -> Event? { nil }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: 0x3A) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        if line[..<colon].elementsEqual("data".utf8) {
            add(value)
        } else if line[..<colon].elementsEqual("event".utf8) {
            type = String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private mutating func add(_ value: ArraySlice<UInt8>) {
        guard data.count + value.count < limits.eventBytes else {
            failure = .garbage("an event of the reply is too long")
            return
        }
        if hasData { data.append(0x0A) }
        data += value
        hasData = true
    }

    private mutating func dispatch() -> Event? {
        defer {
            type = nil
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        return Event(type: type.flatMap { $0.isEmpty ? nil : $0 } ?? "message", data: data)
    }
}
