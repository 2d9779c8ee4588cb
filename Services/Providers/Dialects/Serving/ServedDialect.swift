/// A dialect in which clients speak to us: the other side of `Dialect`. Values and state machines
/// only: somebody else listens.
public protocol ServedDialect: Sendable {
    static var name: DialectName { get }

    /// What a client asks for.
    func request(_ body: [UInt8]) throws(InvalidRequest) -> ModelRequest

    /// A whole reply, as JSON.
    func answer(_ answer: ModelAnswer, to request: ModelRequest, as reply: ReplyName) -> [UInt8]

    /// Writes a reply in pieces, as server-sent events.
    func makeWriter(for request: ModelRequest, as reply: ReplyName) -> any StreamWriter

    /// A response for what went wrong before a reply began.
    func refusal(_ fault: ServedFault) -> ErrorReply
}

/// What a reply is called towards the client: identifiers and clocks are not ours to make.
public struct ReplyName: Sendable {
    /// Letters and digits, new for each reply. Each dialect puts its own beginning before it.
    public var id: String
    /// Seconds since 1970.
    public var created: Int
    /// The model, by the name that the client knows.
    public var model: String

    public init(id: String, created: Int, model: String) {
        (self.id, self.created, self.model) = (id, created, model)
    }
}

/// Turns events into the bytes of a streamed reply. Whoever writes calls `end` once the upstream
/// reply has come to its end, or `fail` if it has not: no client takes a mere close for a failure.
public protocol StreamWriter: Sendable {
    /// What to send for an event; nothing, where the dialect has no use for it.
    mutating func write(_ event: ModelEvent) -> [UInt8]

    /// The last events of a reply that is whole.
    mutating func end() -> [UInt8]

    /// The last event of one that is not.
    mutating func fail(_ fault: ServedFault) -> [UInt8]

    /// A sign of life in a silence, which clients skip.
    func beat() -> [UInt8]
}

extension StreamWriter {
    public mutating func write(_ events: [ModelEvent]) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events { bytes += write(event) }
        return bytes
    }

    public func beat() -> [UInt8] { Array(": \n\n".utf8) }
}

/// An HTTP response that is an error.
public struct ErrorReply: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
}

/// The dialects that clients can speak, for those who choose by a path.
extension DialectName {
    public var served: (any ServedDialect)? {
        switch self {
        case .anthropic: ServedAnthropic()
        case .openai: ServedChat()
        case .responses: ServedResponses()
        case .gemini, .ollama: nil
        }
    }
}

/// One server-sent event.
enum EventFrame {
    static func bytes(_ data: JSONValue, named name: String? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        if let name { bytes += "event: \(name)\n".utf8 }
        bytes += "data: ".utf8
        data.write(to: &bytes)
        bytes += "\n\n".utf8
        return bytes
    }
}

extension JSONValue {
    /// A client's body.
    static func request(_ body: [UInt8]) throws(InvalidRequest) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: body)
        } catch {
            throw InvalidRequest(.root, .noJSON(error.words))
        }
    }
}
