import Lifecycle
import MeshContract

/// What is open for long, by the credentials that it was opened with. They are looked at again now and
/// then: who has signed out, or was shut out, hears no more.
struct CredentialWatches: Sendable {
    private static let period = Duration.seconds(30)
    /// Looked at side by side: one whose issuer is slow does not hold up the others.
    private static let atOnce = 16

    let accounts: Accounts
    /// By token or API key.
    private let watches = Watches<String>()

    init(_ accounts: Accounts) { self.accounts = accounts }

    /// How many are open.
    var count: Int { watches.count }

    /// `end` is called when this token or API key counts no more.
    func enter(_ token: String, end: @escaping @Sendable () -> Void) -> WatchPass {
        watches.enter(token, end: end)
    }

    var job: Running {
        Running("credentials") {
            while true {
                try await Task.sleep(for: Self.period)
                await sweep()
            }
        }
    }

    /// One round.
    func sweep() async {
        let tokens = watches.keys
        await withDiscardingTaskGroup { group in
            for first in 0..<min(Self.atOnce, tokens.count) {
                group.addTask {
                    for place in stride(from: first, to: tokens.count, by: Self.atOnce)
                    where await isOver(tokens[place]) { watches.end(tokens[place]) }
                }
            }
        }
    }

    /// What cannot be told at the moment is told the next time.
    private func isOver(_ token: String) async -> Bool {
        do {
            _ = try await accounts.known(token)
            return false
        } catch {
            return (error as? Fault)?.code == .unauthenticated
        }
    }
}
