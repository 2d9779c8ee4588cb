import Lifecycle
import Log
import ServiceKit

/// Lets go of the text of old answers; what they cost stays in the log.
struct Retention: Sendable {
    let store: AnswerStore
    let days: Int
    let ambient: Ambient
    let log: Log

    private static let period = Duration.seconds(3_600)
    private static let batch = 500

    var job: Running {
        Running("retention") {
            while !Task.isCancelled {
                do {
                    let count = try await sweep()
                    if count > 0 { log.info("old answers were let go", ["count": "\(count)"]) }
                } catch {
                    log.warning("old answers could not be let go", ["error": "\(error)"])
                }
                try await Task.sleep(for: Self.period)
            }
        }
    }

    /// In batches, so that writers wait no longer than for one.
    func sweep() async throws -> Int {
        let moment = ambient.now() - Int64(days) * 86_400_000
        var count = 0
        while true {
            let some = try await store.forgetTexts(before: moment, limit: Self.batch)
            count += some
            if some < Self.batch { return count }
        }
    }
}
