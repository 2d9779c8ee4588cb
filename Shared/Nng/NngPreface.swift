/// What a caller says of itself at the start of each connection, and again from time to time: a
/// dialogue of requests. Calls wait until it is over.
public struct NngPreface: Sendable {
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

    let period: Duration
    let next: @Sendable (_ answer: [UInt8]?) -> Step

    /// `next` is asked first with nil, then with the answer to what it asked. On a connection that
    /// lives, the dialogue is held again after each `period`, beside the calls.
    public init(
        every period: Duration, _ next: @escaping @Sendable (_ answer: [UInt8]?) -> Step
    ) {
        (self.period, self.next) = (period, next)
    }
}
