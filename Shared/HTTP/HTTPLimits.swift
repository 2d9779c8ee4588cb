/// What a server allows; every size and wait of the module is here.
public struct HTTPLimits: Sendable {
    /// Bytes of request line and headers together; past it 431, or 414 within the request line.
    public var maxHead = 16 * 1024
    /// Header fields of one request, and trailer fields of one body.
    public var maxHeaders = 100
    /// Bytes of one body, declared or chunked; past it 413.
    public var maxBody = 64 * 1024 * 1024
    /// From the first byte of a head to its last, or from accepting to the first byte.
    public var headTimeout = Duration.seconds(10)
    /// Between two requests of one connection.
    public var idleTimeout = Duration.seconds(60)
    /// Bytes per second that a peer has to send while a handler waits for its body.
    public var minBodyRate = 1024
    /// How long a peer may fall behind `minBodyRate`.
    public var bodyGrace = Duration.seconds(10)
    /// Over all loops; past it 503.
    public var maxConnections = 10_000
    /// Bytes read ahead of a handler that does not ask for them.
    public var maxReadAhead = 64 * 1024
    /// Bytes waiting for the peer above which `write` suspends, until half of them are sent.
    public var writeHighWater = 256 * 1024
    /// Bytes per second that a peer has to take while something waits for it.
    public var minAnswerRate = 256
    /// How long a peer may fall behind `minAnswerRate`, taking nothing at all included.
    public var responseStall = Duration.seconds(30)
    /// From the head, or from the last bytes of the body that the handler took, until the answer
    /// begins; past it 504, and the handler is cancelled.
    public var answerTimeout = Duration.seconds(900)
    /// Bytes of an unread body that are skipped to keep the connection.
    public var maxSkippedBody = 64 * 1024
    /// How long an answered peer may go on sending before it is cut off.
    public var lingerTimeout = Duration.seconds(2)
    /// The rest after the process has run out of descriptors.
    public var acceptPause = Duration.milliseconds(100)
    /// The length of the queue in the kernel of each listener.
    public var backlog = 4096

    /// The defaults.
    public init() {}
}
