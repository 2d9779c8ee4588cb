import Lifecycle
import Log

/// Does what the calendar asks for when nobody calls: gives each month's credits and ends the holds
/// whose time is over.
struct Housekeeping: Sendable {
    private static let batch = 200

    let store: BillingStore
    let now: @Sendable () -> Int64
    let pause: Duration
    let log: Log

    var job: Running {
        Running("housekeeping") {
            while !Task.isCancelled {
                do {
                    try await pass()
                } catch {
                    log.error("the housekeeping failed", ["error": "\(error)"])
                }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Everything that is due now, in short transactions that let the calls in between.
    func pass() async throws {
        let holds = try await repeated { try await store.expire(limit: Self.batch, at: now()) }
        if holds > 0 { log.info("holds expired", ["holds": "\(holds)"]) }
        let accounts = try await repeated {
            try await store.allocate(limit: Self.batch, at: now())
        }
        if accounts > 0 { log.info("credits allocated", ["accounts": "\(accounts)"]) }
    }

    private func repeated(_ step: () async throws -> Int) async throws -> Int {
        var total = 0
        while true {
            let count = try await step()
            total += count
            if count < Self.batch { return total }
            try Task.checkCancellation()
        }
    }
}
