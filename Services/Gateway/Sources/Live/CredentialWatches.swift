import Lifecycle
import MeshContract
import Synchronization

/// What is open for long, by the credentials that it was opened with. They are looked at again now and
/// then: who has signed out, or was shut out, hears no more.
final class CredentialWatches: Sendable {
    private struct State {
        var next = 0
        var ends: [String: [Int: @Sendable () -> Void]] = [:]
    }

    private static let period = Duration.seconds(30)

    private let accounts: Accounts
    private let state = Mutex(State())

    init(_ accounts: Accounts) { self.accounts = accounts }

    /// How many are open.
    var count: Int { state.withLock { $0.ends.values.reduce(0) { $0 + $1.count } } }

    /// `end` is called when this token or API key counts no more.
    func enter(_ token: String, end: @escaping @Sendable () -> Void) -> WatchPass {
        let number = state.withLock { state in
            state.next += 1
            state.ends[token, default: [:]][state.next] = end
            return state.next
        }
        return WatchPass { [self] in leave(token, number) }
    }

    private func leave(_ token: String, _ number: Int) {
        state.withLock { state in
            state.ends[token]?[number] = nil
            if state.ends[token]?.isEmpty == true { state.ends[token] = nil }
        }
    }

    var job: Running {
        Running("credentials") { [self] in
            while true {
                try await Task.sleep(for: Self.period)
                await sweep()
            }
        }
    }

    /// One round.
    func sweep() async {
        for token in state.withLock({ Array($0.ends.keys) }) where await isOver(token) {
            let ends = state.withLock { $0.ends[token].map { Array($0.values) } ?? [] }
            for end in ends { end() }
        }
    }

    /// What cannot be told at the moment is told the next time.
    private func isOver(_ token: String) async -> Bool {
        do {
            _ = try await accounts.identify(token)
            return false
        } catch {
            return (error as? Fault)?.code == .unauthenticated
        }
    }
}
