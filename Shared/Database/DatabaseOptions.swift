/// The limits of one database.
public struct DatabaseOptions: Sendable {
    /// The most transactions that may wait for the writer.
    public var writeQueueLimit = 16_384
    /// The most reads that may wait for a reader.
    public var readQueueLimit = 4_096
    /// The most transactions that go to disk in one commit.
    public var batchLimit = 1_024

    /// Asked before each commit; what it throws refuses the whole of it. Crash tests let a process
    /// die here: what it had not committed is gone, its neighbours' work included.
    public var beforeCommit: (@Sendable () throws -> Void)?

    /// The limits that suit a service.
    public init() {}
}

/// How every connection is set up: the one place that says so.
enum Settings {
    /// Another process may hold the write lock, while it migrates for example, for this long.
    private static let busyTimeout = "busy_timeout=5000"

    /// `synchronous=FULL` makes the commit wait for the disk; with WAL it is one sync a commit.
    static let writer = [
        busyTimeout, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
        "trusted_schema=OFF", "temp_store=MEMORY", "wal_autocheckpoint=4000",
        "journal_size_limit=67108864",
    ]

    static let reader = [busyTimeout, "query_only=ON", "trusted_schema=OFF", "temp_store=MEMORY"]

    /// On a loop's thread: it looks somewhere else instead of waiting.
    static let glancer = [
        "busy_timeout=0", "query_only=ON", "trusted_schema=OFF", "temp_store=MEMORY",
    ]
}
