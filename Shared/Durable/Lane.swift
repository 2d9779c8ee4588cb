/// Whose turn a run waits for, where more is to be run than may be at once.
///
/// Runs of one queue share its places; among the shares of a queue, such as its users, each place
/// that falls free goes to whoever has the fewest.
public struct Lane: Sendable, Equatable {
    /// Named in `EngineOptions.queues` where it has limits.
    public var queue: String
    /// Within the queue, who is to be treated alike.
    public var share: String
    /// The most of this share in this queue at once; the newest word counts. Nil leaves it to the
    /// queue.
    public var most: Int?

    /// The queue without limits that everybody shares.
    public init(queue: String = "", share: String = "", most: Int? = nil) {
        (self.queue, self.share) = (queue, share)
        self.most = most.map { max($0, 1) }
    }
}

/// How many runs of a queue are in memory at once. A run that waits takes no place.
public struct QueueLimits: Sendable, Equatable {
    /// In all.
    public var width: Int
    /// Of one share, unless the lane itself says.
    public var perShare: Int

    /// Without a word, as many as fit the engine.
    public init(width: Int = .max, perShare: Int = .max) {
        (self.width, self.perShare) = (max(width, 1), max(perShare, 1))
    }
}
