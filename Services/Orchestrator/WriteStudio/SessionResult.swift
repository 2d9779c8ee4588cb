/// What a session's run ends with.
public struct SessionResult: Codable, Sendable, Equatable {
    public var artifact: String
    public var score: Double?
    public var bestRound: Int?
    public var rounds: Int
    public var stopReason: String
    /// The same for people.
    public var stopText: String?
}
