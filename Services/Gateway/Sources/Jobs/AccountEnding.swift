import Contracts
import Lifecycle
import Log
import Mesh
import MeshContract

/// Tells other services of accounts that are gone: at once where they are there, later where they were
/// away. The rows in our own table are what is left to do.
struct AccountEnding: Sendable {
    let store: AccountStore
    let mesh: MeshClient
    let log: Log

    var job: Running {
        Running("account-ending") {
            while true {
                await sweep()
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// One round. It ends at the first account that somebody cannot be told of.
    func sweep() async {
        do {
            for ended in try await store.ended(limit: 100) {
                guard await finish(ended) else { return }
            }
        } catch {
            log.warning("the accounts that ended cannot be read", ["error": "\(error)"])
        }
    }

    /// False when it must be tried again. Every part can be repeated.
    @discardableResult
    func finish(_ ended: AccountStore.Ended) async -> Bool {
        do {
            for workspace in ended.workspaces {
                _ = try await mesh.call(Orchestrator.DissolveWorkspace(workspace: workspace))
            }
            _ = try await mesh.call(
                Orchestrator.ReleaseUser(user: ended.account), within: .seconds(30))
            let keys = try await mesh.call(Providers.ListProviderKeys(user: ended.account)).keys
            for key in keys {
                _ = try await mesh.call(
                    Providers.DeleteProviderKey(user: ended.account, provider: key.provider))
            }
            _ = try await mesh.call(Providers.ForgetBudgets(owner: ended.account))
            try await store.forgetEnded(ended.account)
            return true
        } catch {
            log.warning(
                "an account's end is not known everywhere yet",
                ["user": ended.account, "error": "\(error)"])
            return false
        }
    }
}
