/// A whole answer that is there at once, as `ResponseWriter.send` takes one.
public struct ReadyAnswer: Sendable {
    /// Such as 200.
    public var status: Int
    /// Beside those that the core writes.
    public var headers: [(String, String)]
    /// All of it.
    public var body: [UInt8]

    /// An answer of these parts.
    public init(status: Int, headers: [(String, String)], body: [UInt8]) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}
