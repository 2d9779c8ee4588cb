/// Why a WebSocket is closed (RFC 6455, 7.4, and the IANA registry).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// As it stands on the wire.
    public let rawValue: UInt16

    /// Any number; `isAllowed` tells whether it may be sent.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Done.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The server stops, or the page was left.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of message that is not taken here.
    public static let unsupported = WebSocketCloseCode(rawValue: 1003)
    /// The peer gave no code. Never on the wire.
    public static let none = WebSocketCloseCode(rawValue: 1005)
    /// The connection ended without a farewell. Never on the wire.
    public static let lost = WebSocketCloseCode(rawValue: 1006)
    /// Text that is not UTF-8.
    public static let badText = WebSocketCloseCode(rawValue: 1007)
    /// Against the rules of the application.
    public static let policy = WebSocketCloseCode(rawValue: 1008)
    /// A message longer than is taken.
    public static let tooLarge = WebSocketCloseCode(rawValue: 1009)
    /// Our own failure.
    public static let failed = WebSocketCloseCode(rawValue: 1011)
    /// Come again later.
    public static let tryLater = WebSocketCloseCode(rawValue: 1013)

    /// Whether it may stand in a frame.
    public var isAllowed: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// How a WebSocket ended.
public struct WebSocketEnd: Sendable, Equatable {
    /// What the peer said, or what we said to it; `lost` without a farewell.
    public let code: WebSocketCloseCode
    public let reason: String
    /// Whether the peer has begun, or answered, the farewell.
    public let isClean: Bool
}
