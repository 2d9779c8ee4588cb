import Contracts
import Lifecycle
import Log
import Mesh
import MeshContract
import ServiceKit

/// Looks at the credits of whoever has had a run end, and tells them when few are left: once in each of
/// billing's periods.
struct CreditWatch: Sendable {
    private static let atOnce = 50
    private static let pace = Duration.seconds(2)

    let store: NoticeStore
    let mesh: MeshClient
    let making: NoticeStore.Making
    let log: Log

    var job: Running {
        Running("credit-watch") {
            while true {
                await sweep()
                try await Task.sleep(for: Self.pace)
            }
        }
    }

    /// One round. It ends where billing is away: what is due stays so.
    func sweep() async {
        do {
            for look in try await store.creditLooks(limit: Self.atOnce) {
                guard let status = try await status(of: look.account) else {
                    try await store.looked(look, low: nil, period: 0, making)
                    continue
                }
                try await store.looked(
                    look, low: Notice.Draft(status, at: making.ambient.now()),
                    period: status.renewsAt ?? 0, making)
            }
        } catch {
            guard (error as? Fault)?.isTransient != true, !Task.isCancelled else { return }
            log.warning("credits could not be looked at", ["error": "\(error)"])
        }
    }

    /// nil for an account that billing does not know, or knows no more.
    private func status(of account: String) async throws(Fault) -> Billing.Status? {
        do {
            return try await mesh.call(Billing.GetStatus(account: account))
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
