import Contracts
import Lifecycle
import Log
import Mesh

/// Opens an account at billing for every account here: at once when it is made, later when billing
/// was away. The mark in our own table is what is left to do.
struct BillingOpening: Sendable {
    let store: AccountStore
    let mesh: MeshClient
    let log: Log

    var job: Running {
        Running("billing-opening") {
            while true {
                await sweep()
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// One round. It ends at the first account that cannot be opened: billing is away, and the log
    /// need not say so a hundred times.
    func sweep() async {
        do {
            for account in try await store.unopened(limit: 100) {
                guard await open(account) else { return }
            }
        } catch {
            log.warning("the accounts to open cannot be read", ["error": "\(error)"])
        }
    }

    /// False when it must be tried again.
    @discardableResult
    func open(_ account: AccountStore.Account) async -> Bool {
        do {
            _ = try await mesh.call(Billing.OpenAccount(account: account.id, plan: account.plan))
            try await store.markOpened(account.id)
            return true
        } catch {
            log.warning(
                "billing did not open an account", ["user": account.id, "error": "\(error)"])
            return false
        }
    }
}
