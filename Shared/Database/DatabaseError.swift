/// Why the database did not even try, or would not open. What SQLite itself refused comes as
/// `SQLiteError`.
public enum DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As many jobs as allowed wait already; the caller may try again later.
    case overloaded(limit: Int)
    /// The database was closed before the job began.
    case closed
    /// The file was written by newer code; older code would damage it.
    case newer(path: String, migration: String)
    /// A released migration no longer says what it said when it ran.
    case changed(path: String, migration: String)
    /// Two migrations have one name, so the table cannot tell them apart.
    case repeated(migration: String)
    /// A transaction's body ended the transaction that it was lent.
    case transactionEnded
    /// The system gave no thread or no folder.
    case system(doing: String, errno: Int32)

    public var description: String {
        switch self {
        case .overloaded(let limit): "the database is overloaded: \(limit) jobs wait"
        case .closed: "the database is closed"
        case .newer(let path, let name):
            "open \(path): it holds migration \"\(name)\", which this code does not know"
        case .changed(let path, let name):
            "open \(path): migration \"\(name)\" has changed since it ran"
        case .repeated(let name): "two migrations are named \"\(name)\""
        case .transactionEnded: "a transaction's body ran COMMIT or ROLLBACK itself"
        case .system(let doing, let code): "\(doing): errno \(code)"
        }
    }
}
