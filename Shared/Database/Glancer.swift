internal import SQLite
import Synchronization

/// A connection for short looks on the caller's own thread. It waits for nobody: neither for another
/// look nor for another process.
final class Glancer: Sendable {
    /// Unchecked: the mutex around it lends it to one thread at a time.
    private struct Lent: @unchecked Sendable {
        let connection: Connection
    }

    private let lent: Mutex<Lent?>

    init(path: String) throws {
        lent = Mutex(
            Lent(
                connection: try Connection(
                    path: path, mode: .readOnly, pragmas: Settings.glancer)))
    }

    /// nil when it would have to wait.
    func look<T>(_ body: (Connection) throws -> T) throws -> T? {
        let looked = try lent.withLockIfAvailable { lent -> T? in
            guard let lent else { throw DatabaseError.closed }
            do {
                return try body(lent.connection)
            } catch {
                guard let error = error as? SQLiteError, error.isBusy else { throw error }
                return nil
            }
        }
        return looked ?? nil
    }

    func close() {
        lent.withLock { lent in
            lent?.connection.close()
            lent = nil
        }
    }
}
