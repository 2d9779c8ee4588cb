/// What one WebSocket allows; every size and wait of it is here.
public struct WebSocketOptions: Sendable {
    /// Bytes of one message in all its fragments; past it the close code is 1009.
    public var maxMessage = 1 << 20
    /// Bytes of whole messages that wait for `receive`; past it nothing more is read, and the peer
    /// has to wait.
    public var maxWaiting = 64 * 1024
    /// After so long without a word from the peer it is asked whether it is there.
    public var pingInterval = Duration.seconds(20)
    /// After so much more it is given up.
    public var pongTimeout = Duration.seconds(20)
    /// How long the peer may take to answer our farewell.
    public var closeTimeout = Duration.seconds(2)
    /// Subprotocols that are spoken here; the first that the client offers as well is taken.
    public var protocols: [String] = []

    /// The defaults.
    public init() {}
}
