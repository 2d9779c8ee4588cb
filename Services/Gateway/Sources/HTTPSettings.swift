import HTTP
import MeshContract
import ServiceKit

/// What the public port allows, by `ATELIER_HTTP_` and `ATELIER_TLS_`; judged before it listens.
struct HTTPSettings: Sendable {
    let limits: HTTPLimits
    let sockets: WebSocketOptions
    /// Live streams and WebSockets at once.
    let streams: Int
    /// Runs that are followed at once, whoever watches them.
    let feeds: Int
    /// Bytes of the latest news that are kept of each.
    let ringBytes: Int
    /// How long a watcher may take for what is written at once.
    let slowest: Duration
    /// While it stops: how long it still listens, saying on `/health` that it does not want more.
    let stopDelay: Duration
    /// How long requests in hand may take to end.
    let drain: Duration
    /// How long browsers are to come over TLS alone; 0 to tell them nothing of it.
    let strictSeconds: Int
    /// PEM files; nil to speak in the open.
    let certificate: (file: String, key: String)?

    init(_ settings: Settings) throws(Fault) {
        limits = try Self.limits(settings)
        func number(
            _ name: String, _ standard: Int, _ range: ClosedRange<Int>
        ) throws(Fault) -> Int {
            try settings.integer("ATELIER_HTTP_" + name, default: standard, in: range)
        }
        streams = try number("STREAMS", 10_000, 1...1_000_000)
        feeds = try number("FOLLOWED_RUNS", 3_500, 1...4_000)
        ringBytes = try number("RING_BYTES", 65_536, 1_024...16 << 20)
        slowest = .seconds(try number("SLOW_SECONDS", 15, 1...3_600))
        stopDelay = .seconds(try number("STOP_DELAY_SECONDS", 0, 0...600))
        drain = .seconds(try number("DRAIN_SECONDS", 5, 0...600))
        strictSeconds = try number("STRICT_SECONDS", 31_536_000, 0...315_360_000)
        var sockets = WebSocketOptions()
        sockets.maxMessage = try number("MESSAGE_BYTES", 1 << 20, 1_024...64 << 20)
        sockets.pingInterval = .seconds(try number("PING_SECONDS", 20, 1...3_600))
        sockets.pongTimeout = sockets.pingInterval
        self.sockets = sockets
        let files = (settings.text("ATELIER_TLS_CERTIFICATE"), settings.text("ATELIER_TLS_KEY"))
        switch files {
        case (nil, nil): certificate = nil
        case (let file?, let key?): certificate = (file, key)
        default:
            throw Fault(
                .invalid, "ATELIER_TLS_CERTIFICATE and ATELIER_TLS_KEY go together",
                detail: "both are PEM files; the key's is for nobody else to read")
        }
    }

    private static func limits(_ settings: Settings) throws(Fault) -> HTTPLimits {
        func number(
            _ name: String, _ standard: Int, _ range: ClosedRange<Int>
        ) throws(Fault) -> Int {
            try settings.integer("ATELIER_HTTP_" + name, default: standard, in: range)
        }
        var limits = HTTPLimits()
        limits.maxHead = try number("HEAD_BYTES", limits.maxHead, 1_024...1 << 20)
        limits.maxHeaders = try number("HEADERS", limits.maxHeaders, 8...10_000)
        limits.maxBody = try number("BODY_BYTES", 24 << 20, 1_024...1 << 36)
        limits.maxConnections = try number("CONNECTIONS", 12_000, 1...1_000_000)
        limits.maxReadAhead = try number("READ_AHEAD_BYTES", limits.maxReadAhead, 1_024...1 << 26)
        limits.writeHighWater = try number(
            "WRITE_BYTES", limits.writeHighWater, 1_024...1 << 26)
        limits.headTimeout = .seconds(try number("HEAD_SECONDS", 10, 1...3_600))
        limits.idleTimeout = .seconds(try number("IDLE_SECONDS", 60, 1...86_400))
        limits.answerTimeout = .seconds(try number("ANSWER_SECONDS", 900, 1...86_400))
        limits.minBodyRate = try number("BODY_RATE", limits.minBodyRate, 1...1 << 30)
        limits.bodyGrace = .seconds(try number("BODY_GRACE_SECONDS", 10, 1...3_600))
        limits.minAnswerRate = try number("ANSWER_RATE", limits.minAnswerRate, 1...1 << 30)
        limits.responseStall = .seconds(try number("STALL_SECONDS", 30, 1...3_600))
        limits.lingerTimeout = .seconds(try number("LINGER_SECONDS", 2, 1...600))
        return limits
    }
}
