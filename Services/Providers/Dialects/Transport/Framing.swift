/// Cuts a byte stream into messages, each of them whole.
protocol Framing: Sendable {
    associatedtype Frame
    /// Set when the stream breaks a limit; nothing is cut after it.
    var failure: UpstreamFailure? { get }
    mutating func feed(_ bytes: [UInt8]) -> [Frame]
    /// The last message, where the stream's end completes one.
    mutating func rest() -> Frame?
    /// What a stream was that ended too early, if it was something else.
    func strangeness(sawFrame: Bool, sawBytes: Bool) -> UpstreamFailure?
}

extension Framing {
    func strangeness(sawFrame: Bool, sawBytes: Bool) -> UpstreamFailure? {
        sawBytes && !sawFrame ? .garbage("the reply is not a stream of this dialect") : nil
    }
}

/// Sizes past which a stream is refused rather than collected.
struct FrameLimits: Sendable {
    var lineBytes = 16 << 20
    var eventBytes = 16 << 20
    var streamBytes = 512 << 20
}
