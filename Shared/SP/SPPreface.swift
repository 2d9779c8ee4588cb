public import TLS

/// What a caller needs to be let in, and to know where it is.
public struct SPTrust: Sendable {
    /// Our certificate and whom we believe, for a secure address.
    public var tls: TLSContext?
    /// What the certificate there must say; nil for the address's host.
    public var name: String?
    /// Goes before any call.
    public var preface: SPPreface?

    public init(tls: TLSContext? = nil, name: String? = nil, preface: SPPreface? = nil) {
        (self.tls, self.name, self.preface) = (tls, name, preface)
    }
}

/// What a caller says of itself at the start of each connection, and again from time to time: a
/// dialogue of requests. Calls wait until it is over.
public struct SPPreface: Sendable {
    /// What comes next.
    public enum Step: Sendable {
        case ask([UInt8])
        /// Calls may be sent.
        case open
        /// The other side does not want us; the calls that wait are told why.
        case refused(String)
        /// It cannot tell now; the calls that wait go on waiting.
        case later
    }

    /// The most questions of one dialogue: the other side must not keep us talking.
    static let longest = 4

    /// Between two dialogues on a connection that lives.
    public let period: Duration
    /// Gives what comes next.
    public let next: @Sendable (_ answer: [UInt8]?) -> Step

    /// `next` is asked first with nil, then with the answer to what it asked. On a connection that
    /// lives, the dialogue is held again after each `period`, beside the calls.
    public init(
        every period: Duration, _ next: @escaping @Sendable (_ answer: [UInt8]?) -> Step
    ) {
        (self.period, self.next) = (period, next)
    }
}
