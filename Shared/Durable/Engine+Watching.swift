internal import Database
import Synchronization

/// What an engine notices now and then about the runs it holds.
extension Engine {
    /// One run of ours as the journal has it.
    private struct Look: Sendable {
        let run: Int64
        let state: RunState
        let woken: Int64
    }

    /// Asks the journal about the runs in memory: another engine on the same file, or an operator's
    /// command, may have decided a gate of theirs or told them to end. What runs past its time, or
    /// does not end although it must, is stopped here.
    func lookAround() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: options.poll)
                for look in try await looks() { try await heed(look) }
                let now = options.now()
                for activation in state.withLock({ Array($0.active.values) }) {
                    activation.enforce(at: now, grace: options.grace)
                }
            } catch is CancellationError {
                return
            } catch {
                options.report("look around: \(error)")
            }
        }
    }

    private func looks() async throws -> [Look] {
        let (id, isIdle) = state.withLock { ($0.id, $0.active.isEmpty) }
        if isIdle { return [] }
        return try await read { journal in
            try journal.db.all(
                """
                SELECT id, state, woken FROM durable_run
                WHERE owner = $1 AND state IN ('running', 'pausing', 'cancelling')
                """, id
            ) {
                Look(
                    run: $0.int64(0), state: try RunState(journaled: $0.text(1)),
                    woken: $0.int64(2))
            }
        }
    }

    private func heed(_ look: Look) async throws {
        guard let activation = active(look.run) else { return }
        switch look.state {
        case .cancelling where !activation.isCancelling: activation.cancel()
        case .pausing: activation.pause()
        default: break
        }
        guard look.woken != activation.woken else { return }
        let waiting = Set(activation.waiting)
        guard !waiting.isEmpty else { return }
        let entries = try await read { try $0.entries(of: look.run) }
        for entry in entries where waiting.contains(entry.path) {
            if let outcome = entry.outcome { activation.resolve(entry.path, outcome) }
        }
    }
}
