import Lifecycle
import Log
import ServiceKit

/// Lets go of the text of old answers and, much later, of what they cost.
struct Retention: Sendable {
    let store: AnswerStore
    let spending: BudgetStore
    let budgets: BudgetKeeper
    let days: Int
    let usageDays: Int
    let ambient: Ambient
    let log: Log

    private static let period = Duration.seconds(3_600)
    private static let batch = 500

    var job: Running {
        Running("retention") {
            try await budgets.settleAbandoned()
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
        let now = ambient.now()
        let texts = now - Int64(days) * 86_400_000
        let usage = now - Int64(usageDays) * 86_400_000
        let count = try await Self.all { [store] in
            try await store.forgetTexts(before: texts, limit: $0)
        }
        let lines = try await Self.all { [store] in
            try await store.forgetUsage(before: usage, limit: $0)
        }
        return try await count + lines
            + Self.all { [spending] in try await spending.forget(before: usage, limit: $0) }
    }

    private static func all(_ forget: (Int) async throws -> Int) async throws -> Int {
        var count = 0
        while true {
            let some = try await forget(batch)
            count += some
            if some < batch { return count }
        }
    }
}
