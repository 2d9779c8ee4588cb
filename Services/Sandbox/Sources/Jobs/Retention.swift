import Log
import ServiceKit

/// Forgets executions that nobody will ask for again, keys included.
struct Retention: Sendable {
    static let pause = Duration.seconds(3_600)

    let store: ExecutionStore
    let keepHours: Int
    let log: Log

    /// Once an hour until cancelled. What fails is tried again the next time.
    func repeatedly() async throws {
        while true {
            do {
                let count = try await once()
                if count > 0 { log.info("old executions forgotten", ["count": "\(count)"]) }
            } catch {
                log.warning("old executions could not be forgotten", ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Answers with how many went.
    func once() async throws -> Int {
        let oldest = store.ambient.now() - Int64(keepHours) * 3_600_000
        var count = 0
        while true {
            let removed = try await store.removeOlder(than: oldest)
            count += removed
            if removed == 0 { return count }
        }
    }
}
