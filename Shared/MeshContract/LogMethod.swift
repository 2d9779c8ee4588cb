/// A hint that a log has grown, which says how far.
public protocol LogHint: MeshEvent {
    /// The number of the log's newest entry.
    var last: Int64 { get }
}

/// One entry of a service's log.
public protocol LogEntry: Sendable {
    /// Grows from entry to entry, not always by one, and is never used twice.
    var seq: Int64 { get }
}

/// Some of a log's entries, oldest first, and what there is to know of the rest.
public protocol LogPage: Sendable {
    associatedtype Entry: LogEntry
    var entries: [Entry] { get }
    /// The last entry that the owner has forgotten; nil for none.
    var pruned: Int64? { get }
    /// The newest entry that was ever written, forgotten or not; nil where the owner does not say.
    var newest: Int64? { get }
}

/// Reads the entries of the owner's log after a number, at most so many.
public protocol LogMethod: MeshMethod where Reply: LogPage {
    init(after: Int64, limit: Int)
}
