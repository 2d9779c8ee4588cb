// Who lends a `Connection` to a closure lets the closure call it: one import is enough.
@_exported public import SQLite

/// One SQLite file: a thread that writes, with group commit, and threads that read.
///
/// Bodies are synchronous and run on those threads, so no `await` can fall inside a transaction and
/// nothing here ever blocks the shared pool. They must not keep the connection they are lent.
public final class Database: Sendable {
    /// Where the file is; for `:memory:` a folder in memory that only this object knows.
    public let path: String

    private let scratch: Scratch?
    private let writer: Writer
    private let readers: Readers
    private let glancer: Glancer

    /// Opens or creates the file and runs the migrations it has not seen.
    ///
    /// `:memory:` is a fresh database that is private to this object and goes with it. A file that
    /// holds migrations which the code does not know is refused with `DatabaseError.newer`.
    public init(
        path: String, migrations: [Migration], readers count: Int = 2,
        options: DatabaseOptions = .init()
    ) throws {
        scratch = path == ":memory:" ? try Scratch() : nil
        let file = scratch?.path ?? path
        self.path = file
        let connection = try Connection(path: file, pragmas: Settings.writer)
        try Migrator(connection: connection, path: file).migrate(migrations)
        writer = try Writer(connection, options)
        do {
            readers = try Readers(path: file, count: count, limit: options.readQueueLimit)
        } catch {
            writer.close()
            throw error
        }
        do {
            glancer = try Glancer(path: file)
        } catch {
            readers.close()
            writer.close()
            throw error
        }
    }

    deinit { close() }

    /// Runs `body` in a transaction and returns once it is on disk.
    ///
    /// What `body` throws undoes what it did, and nothing else. It may run beside others' bodies in
    /// one commit; a failing disk refuses them all.
    @discardableResult
    public func transaction<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await transaction(committed: { _ in }, body)
    }

    /// The same, with a word on the writer's thread between the commit and the caller's resumption:
    /// nothing that commits later is heard of earlier. `committed` must be brief.
    @discardableResult
    public func transaction<T: Sendable>(
        committed: @escaping @Sendable (T) -> Void,
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = Writer.Job { connection in
                let value = try body(connection)
                return {
                    committed(value)
                    continuation.resume(returning: value)
                }
            } refuse: {
                continuation.resume(throwing: $0)
            }
            if let refusal = writer.submit(job) { continuation.resume(throwing: refusal) }
        }
    }

    /// Runs `body` on a connection that can only read, in one snapshot of what was committed.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = Readers.Job { connection in
                continuation.resume(with: Result { try body(connection) })
            } refuse: {
                continuation.resume(throwing: $0)
            }
            if let refusal = readers.submit(job) { continuation.resume(throwing: refusal) }
        }
    }

    /// Runs `body` like `read`, but at once and on the caller's thread where nothing stands in the
    /// way: a thread that has to be woken and to wake costs more than a row does.
    ///
    /// Only for what one statement finds by an index; more than one do not see one snapshot.
    public nonisolated(nonsending) func glance<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        if let value = try glancer.look(body) { return value }
        return try await read(body)
    }

    /// Grows with every commit, before its caller hears of it: what was read since the number was
    /// the same is still so, as far as this process writes.
    public var edition: UInt64 { writer.edition }

    /// Makes an alarm that calls `body` on the writer's thread, in a transaction, when it is rung
    /// and from then on whenever it asked to be. A call that throws is rolled back and repeated.
    public func addAlarm(_ body: @escaping Alarm.Body) -> Alarm {
        Alarm(number: writer.addAlarm(body), writer: writer)
    }

    /// Finishes what is queued, ends the threads and closes the file. Later calls throw `closed`.
    public func close() {
        glancer.close()
        readers.close()
        writer.close()  // last, so that its connection folds the log into the file
        scratch?.remove()
    }
}
