import Database
import Synchronization

/// The places where a running function meets its journal, its limits and its end.
extension Activation {
    /// Throws where the function must unwind instead of going on.
    func unwindIfEnded(shielded: Bool, ignoringPause: Bool = false) throws {
        let (ended, cancelling, pausing, times) = state.withLock { state in
            if state.ending != nil { state.unwound += 1 }
            return (
                state.ending != nil, state.cancelling, state.standing.state == .pausing,
                state.unwound
            )
        }
        if ended {
            if times == 1_000 { engine.options.report("\(key) swallows the error that unwinds it") }
            throw Unwound()
        }
        if shielded { return }
        if cancelling { throw CancellationError() }
        if pausing && !ignoringPause { throw end(.paused("asked to")) }
    }

    /// Every operation begins here. Code that loops over a swallowed error must not take a core
    /// with it.
    func boundary() async throws {
        do {
            return try unwindIfEnded(shielded: true)
        } catch {
            if state.withLock({ $0.unwound }) > 100 {
                // A task of its own: this one may be cancelled, and would not sleep.
                _ = await Task { try await Task.sleep(for: .seconds(1)) }.result
            }
            throw error
        }
    }

    /// Every new row passes here: what ended, was cancelled, paused or has used its limits stops.
    /// What it reserves is given back by `release`.
    func admit(_ path: String, _ digest: Int64, reserve: Int64, shielded: Bool) throws {
        try unwindIfEnded(shielded: shielded)
        let now = engine.options.now()
        let exceeded: String? = state.withLock { state in
            // A cleanup goes on at any price.
            let exceeded = shielded ? nil : state.excess(at: path, digest, reserve, now)
            if exceeded == nil { state.reserved += reserve }
            return exceeded
        }
        if let exceeded { throw end(.paused(exceeded)) }
    }

    func release(reserve: Int64) { state.withLock { $0.reserved -= reserve } }

    func commit(_ record: Record, _ events: [Event], spend: Int64 = 0) async throws {
        let (id, fence) = (claim.id, claim.fence)
        let standing = try await writing(record) {
            try $0.append(record, run: id, fence: fence, events, spend: spend)
        }
        try learn(standing)
        if !events.isEmpty { engine.watchers.tell(key, .events) }
    }

    /// Journals that the run waits; a signal that was there already is the answer at once.
    func open(
        _ record: Record, _ name: String, _ events: [Event], _ start: Start?
    ) async throws -> Entry {
        let (claim, limits) = (claim, childLimits)
        let events = record.kind == .gate ? events + [try .opened(record)] : events
        let result = try await writing(record) {
            try $0.open(record, name: name, claim: claim, events, start, limits)
        }
        try learn(result.standing)
        if let due = record.due { engine.ring(by: due) }
        if start != nil { engine.ring() }
        if !events.isEmpty { engine.watchers.tell(key, .events) }
        return Entry(
            path: record.path, kind: record.kind, digest: record.digest, outcome: result.outcome,
            input: nil)
    }

    /// A child may spend what its parent has left.
    private var childLimits: Limits {
        state.withLock { state in
            var limits = state.limits
            limits.spend = max(0, limits.spend - min(state.standing.spent, limits.spend))
            return limits
        }
    }

    /// A journal that cannot be written is no failure of the workflow, which must not get to see
    /// it.
    private func writing<T: Sendable>(
        _ record: Record, _ body: @escaping @Sendable (Journal) throws -> T
    ) async throws -> T {
        do {
            return try await engine.write("\(key):\(record.path)", body)
        } catch DatabaseError.closed {
            throw end(.released)
        } catch let error as SQLiteError where error.isConstraint {
            throw end(.attention("journal \(record.path): \(error)"))
        } catch {
            throw end(.interrupted("journal \(record.path): \(error)"))
        }
    }

    private func learn(_ standing: Standing?) throws {
        guard let standing else { throw end(.lost) }
        let isNews = state.withLock { state in
            if standing.rows > state.standing.rows { state.standing = standing }
            return standing.state == .cancelling && !state.cancelling
        }
        if isNews { cancel() }
    }
}

extension Activation.State {
    /// The limit that a new row would pass, in words.
    fileprivate func excess(
        at path: String, _ digest: Int64, _ reserve: Int64, _ now: Int64
    ) -> String? {
        let spent = standing.spent
        let (total, over) = (spent + reserved).addingReportingOverflow(reserve)
        if over || total > limits.spend || spent >= limits.spend {
            return "spending limit \(limits.spend) at \(path), spent \(spent)"
        }
        if standing.rows >= limits.rows { return "row limit \(limits.rows) at \(path)" }
        if now > deadline { return "time limit at \(path)" }
        return loop(at: path, digest)
    }
}
