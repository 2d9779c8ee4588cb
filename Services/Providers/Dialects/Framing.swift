/// Cuts a byte stream into messages, each of them whole.
protocol Framing: Sendable {
    associatedtype Frame
    /// Set when the stream breaks a limit; nothing is cut after it.
    var failure: UpstreamFailure? { get }
    mutating func feed(_ bytes: [UInt8]) -> [Frame]
    /// The last message, where the stream's end completes one.
    mutating func rest() -> Frame?
}

/// Sizes past which a stream is refused rather than collected.
struct FrameLimits: Sendable {
    var lineBytes = 1 << 20
    var eventBytes = 4 << 20
}
