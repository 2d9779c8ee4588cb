import Lifecycle
import Log
import ServiceKit

/// Forgets what is over: sign-ins, notices, and entries of the audit log past their time.
struct Housekeeping: Sendable {
    private static let day: Int64 = 86_400_000

    let accounts: Accounts
    let config: GatewayConfig
    let log: Log

    var job: Running {
        Running("housekeeping") {
            while true {
                await sweep()
                try await Task.sleep(for: .seconds(300))
            }
        }
    }

    func sweep() async {
        let now = accounts.ambient.now()
        do {
            try await accounts.store.forgetSignIns(endedBefore: now)
            try await accounts.store.forgetAttempts(endedBefore: now)
            try await WorkspaceStore(database: accounts.store.database)
                .forgetInvitations(endedBefore: now)
            while try await NoticeStore(database: accounts.store.database)
                .forget(keptBefore: now - NoticeStore.keptFor) > 0
            { try Task.checkCancellation() }
            let oldest = now - Int64(config.auditDays) * Self.day
            for _ in 0..<1_000 {
                guard
                    try await accounts.audit.store.forget(
                        before: oldest, most: config.auditEntries)
                else { return }
            }
        } catch {
            log.warning("what is over could not be forgotten", ["error": "\(error)"])
        }
    }
}
