public import MeshContract

/// Who takes the entries of another service's log, each once.
public protocol FeedConsumer: Sendable {
    associatedtype Entry: LogEntry

    /// The number of the last entry taken; 0 for none.
    func cursor() async throws -> Int64
    /// Takes entries in one transaction with the cursor, which it answers with; passes over those
    /// that the cursor has passed. So a crash at any moment neither loses an effect nor repeats it.
    func take(_ entries: [Entry]) async throws -> Int64
    /// Decides what becomes of a gap: answers with the number to go on after, which it has kept, or
    /// throws, and the feed waits.
    func skip(_ gap: FeedGap) async throws -> Int64
}

extension FeedConsumer {
    /// Waits: somebody has to look.
    public func skip(_ gap: FeedGap) async throws -> Int64 { throw gap }
}

/// Why a log cannot be read on from the cursor.
public enum FeedGap: Error, Equatable, CustomStringConvertible {
    /// The owner has forgotten entries after the cursor.
    case pruned(after: Int64, upTo: Int64)
    /// The log is not the one that was read: it ends in front of the cursor.
    case rewound(after: Int64, newest: Int64)

    public var description: String {
        switch self {
        case .pruned(let after, let upTo):
            "read up to \(after), and the owner has forgotten what was before \(upTo + 1)"
        case .rewound(let after, let newest):
            "read up to \(after), and the owner's log ends at \(newest): it is another log"
        }
    }
}

/// How a feed fares.
public struct FeedStatus: Codable, Sendable, Equatable {
    /// The last entry taken; nil before the first look.
    public var cursor: Int64?
    /// The newest entry known of.
    public var newest: Int64 = 0
    public var hints = 0
    /// Hints that told nothing new: late, or sent twice.
    public var stale = 0
    /// Hints that told of more than one entry: others were lost, or several became one.
    public var jumps = 0
    /// Looks at the log that failed.
    public var failures = 0
}
