internal import Database
import Synchronization

/// What happens by the clock, on the writer's thread: leases, timers, claims.
extension Engine {
    private static let timersPerTick = 1_000

    func tick(_ db: Connection) throws -> Alarm.Next {
        do {
            let next = try beat(Journal(db: db, now: options.now(), mirror: options.mirror))
            options.fault?("tick in-transaction")
            return next
        } catch {
            options.report("tick: \(error)")
            throw error
        }
    }

    private func beat(_ journal: Journal) throws -> Alarm.Next {
        let leases = Leases(journal)
        let me = try keepLease(leases)
        var resolutions = try leases.recover(except: me.id) {
            LifeLine.isDead(database: database.path, engine: $0)
        }
        let fired = try journal.fireTimers(limit: Engine.timersPerTick)
        resolutions += fired
        let (room, cursor) = state.withLock {
            (options.width - $0.active.count - $0.promised, $0.cursor)
        }
        let harvest = try leases.claim(
            for: me.id, room: room, queues: options.queues, after: cursor)
        let far = journal.now + options.poll.milliseconds
        let isBusy = fired.count == Engine.timersPerTick || harvest.isCut
        let next = isBusy ? journal.now : min(try journal.nextDue() ?? far, far)
        return Alarm.Next(after: .milliseconds(next - journal.now)) { [self, resolutions] in
            options.fault?("tick committed")
            state.withLock { state in
                (state.id, state.renewed) = (me.id, me.renewed)
                if let life = me.life { state.life = life }
                (state.backlog, state.cursor) = (harvest.isMore, harvest.cursor)
            }
            deliver(resolutions)
            adopt(harvest.claims)
        }
    }

    private struct Registration: Sendable {
        let id: Int64
        let renewed: Int64
        /// New, when the engine had to register: for the first time, or after it lost its lease.
        var life: LifeLine?
    }

    private func keepLease(_ leases: Leases) throws -> Registration {
        let now = leases.journal.now
        let lease = options.lease.milliseconds
        let (id, renewed) = state.withLock { ($0.id, $0.renewed) }
        let isFresh = now - renewed <= lease / 3 && renewed <= now
        if id > 0, isFresh { return Registration(id: id, renewed: renewed) }
        if id > 0, try leases.renew(id, until: now + lease) {
            return Registration(id: id, renewed: now)
        }
        for activation in state.withLock({ Array($0.active.values) }) { activation.end(.lost) }
        let new = try leases.register(until: now + lease)
        let life = try LifeLine(database: database.path, engine: new)
        return Registration(id: new, renewed: now, life: life)
    }

    /// Takes runs into memory that the journal says are ours.
    func adopt(_ claims: [Claim]) {
        for claim in claims {
            let activation = Activation(claim, engine: self)
            state.withLock { $0.active[claim.id] = activation }
            if case .terminated = claimed.yield(activation) { activation.end(.released) }
        }
    }

    /// Tells runs in memory that their wait has ended; the others are claimed by the next tick.
    func deliver(_ resolutions: [Journal.Resolution]) {
        for resolution in resolutions {
            if let activation = active(resolution.run) {
                activation.resolve(resolution.path, resolution.outcome)
            } else {
                ring()
            }
        }
    }
}
