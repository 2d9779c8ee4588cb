import Database
import Glibc
import Synchronization
import Testing

let things = Migration(
    "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT")

/// A path of its own for each test, removed with the value.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/database-tests-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for end in ["", "-wal", "-shm"] { unlink("\(path)/file.db\(end)") }
        rmdir(path)
    }

    var file: String { path + "/file.db" }
}

/// A value that a test shares with the threads of the database.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    @discardableResult
    func change<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T {
        value.withLock { body(&$0) }
    }
}

extension Shared<Bool> {
    func set() { change { $0 = true } }

    /// Holds the calling thread, which is one of the database's own.
    func hold() { while !now { sched_yield() } }
}
