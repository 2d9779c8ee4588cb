import EventLoop
import MeshContract
import SP
import Synchronization

/// Waiting for a replica, and what happens to them by themselves: connections, pings, names.
extension Replicas {
    /// The most calls that may wait for a replica to come up.
    private static let mostWaiting = 65_536
    private static let pingTime: UInt64 = 1_000_000_000
    /// How often those who wait look by themselves: not every channel tells when it comes up.
    private static let look: UInt64 = 100_000_000
    /// How soon names are looked up again after a connection was lost.
    private static let soon: UInt64 = 1_000_000_000

    /// A replica to ask, as soon as there is one.
    nonisolated(nonsending) func take(
        avoiding tried: [Int] = [], isReserved: Bool = false, until end: UInt64
    ) async throws(CallFailure) -> Pick {
        while true {
            let now = monotonic()
            switch pick(avoiding: tried, isReserved: isReserved, at: now) {
            case .pick(let pick): return pick
            case .closed:
                throw CallFailure(Fault(.unavailable, "the way to \(service) is closed"), .final)
            case .open(let rest):
                throw CallFailure(
                    Fault(
                        .unavailable, "\(service) does not answer and is left alone for now",
                        retryAfterMilliseconds: max(Int(rest / 1_000_000), 100), notExecuted: true),
                    .final)
            case .nobody(let changes):
                if let trouble {
                    throw CallFailure(
                        ChannelError.refused(trouble).fault(service, 0, within: .zero), .final)
                }
                try await change(since: changes, until: end)
            }
        }
    }

    /// Why no replica takes us, where each has said so: waiting would tell nothing more.
    private var trouble: String? {
        state.withLock { state in
            let troubles = state.replicas.filter { !$0.isGoing }.map(\.channel.trouble)
            return troubles.contains(nil) ? nil : troubles.first ?? nil
        }
    }

    private nonisolated(nonsending) func change(
        since changes: Int, until end: UInt64
    ) async throws(CallFailure) {
        let number = state.withLock { state in
            state.asked += 1
            return state.asked
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                wait(number, Waiting(deadline: end, waiter: waiter), since: changes)
            }
        } onCancel: {
            release(number, .cancelled)
        }
        switch result {
        case .change, .closed: return
        case .cancelled:
            throw CallFailure(Fault(.timedOut, "the call to \(service) was cancelled"), .final)
        case .deadline:
            blame()
            throw CallFailure(
                Fault(.timedOut, "no replica of \(service) came up in time", notExecuted: true),
                .final)
        }
    }

    private func wait(_ number: Int, _ waiting: Waiting, since changes: Int) {
        let isNews = state.withLock { state in
            if state.isClosed || state.changes != changes { return true }
            guard state.waiting.count < Self.mostWaiting else { return true }
            state.waiting[number] = waiting
            return false
        }
        if isNews { return waiting.waiter.resume(returning: .change) }
        wake(by: min(waiting.deadline, monotonic() &+ Self.look))
        // Cancelled before it was known here.
        if Task.isCancelled { release(number, .cancelled) }
    }

    private func release(_ number: Int, _ end: Waiting.End) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.waiter.resume(returning: end)
    }

    /// Nobody was up in time: those that were to be are on their way to being left alone.
    private func blame() {
        let now = monotonic()
        let probeAt = state.withLock { state -> UInt64 in
            var first = UInt64.max
            for index in state.replicas.indices
            where !state.replicas[index].isGoing && !state.replicas[index].channel.isUp {
                if state.replicas[index].note(.timedOut, at: now) {
                    first = min(first, state.replicas[index].circuit.probeAt)
                }
            }
            return first
        }
        if probeAt < .max { wake(by: probeAt) }
    }

    // MARK: On the loop

    /// A channel has come up, gone down, or is about to end.
    func changed(_ id: Int) {
        let now = monotonic()
        var gone: (any Channel)?
        let (successor, probes, isLost) = state.withLock { Self.look(id, &$0, &gone, now) }
        gone?.close()
        if let successor { add(successor) }
        news()
        if probes { wake(by: now) }
        if isLost && !names.isEmpty { lookUpSoon(now) }
    }

    /// Lets those who wait choose again.
    func news() {
        let waiters = state.withLock { state in
            state.changes += 1
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.waiter)
        }
        for waiter in waiters { waiter.resume(returning: .change) }
    }

    private static func look(
        _ id: Int, _ state: inout State, _ gone: inout (any Channel)?, _ now: UInt64
    ) -> (successor: SPAddress?, probes: Bool, isLost: Bool) {
        guard let index = state.replicas.firstIndex(where: { $0.id == id }) else {
            return (nil, false, false)
        }
        let channel = state.replicas[index].channel
        if channel.isLeaving, !state.replicas[index].isGoing {
            state.replicas[index].isGoing = true
            let address = state.replicas[index].address
            if state.replicas[index].outstanding == 0 {
                gone = state.replicas.remove(at: index).channel
            }
            return (address, false, false)
        }
        guard channel.isUp else { return (nil, false, true) }
        state.replicas[index].restsUntil = 0
        state.replicas[index].circuit.cameUp(at: now)
        return (nil, state.replicas[index].circuit.state == .open, false)
    }

    func expire(_ now: UInt64) -> UInt64 {
        var late: [Waiting] = []
        var probes: [(Pick, String)] = []
        let (next, mustLookUp, isNews) = state.withLock { state -> (UInt64, Bool, Bool) in
            var next = state.waiting.isEmpty ? UInt64.max : now &+ Self.look
            for (number, waiting) in state.waiting {
                if waiting.deadline <= now {
                    late.append(waiting)
                    state.waiting[number] = nil
                } else {
                    next = min(next, waiting.deadline)
                }
            }
            for index in state.replicas.indices {
                if state.replicas[index].circuit.beginProbe(at: now) {
                    let replica = state.replicas[index]
                    state.replicas[index].outstanding += 1
                    probes.append((Pick(id: replica.id, channel: replica.channel), state.caller))
                }
                next = min(next, state.replicas[index].circuit.probeAt)
            }
            let mustLookUp = now >= state.lookUpAt
            if mustLookUp { state.lookUpAt = .max }
            let isNews =
                !state.waiting.isEmpty
                && state.replicas.contains { !$0.isGoing && $0.circuit.mayCall && $0.channel.isUp }
            return (min(next, state.lookUpAt), mustLookUp, isNews)
        }
        for waiting in late { waiting.waiter.resume(returning: .deadline) }
        for (pick, caller) in probes { probe(pick, as: caller) }
        if mustLookUp { lookUpNames() }
        if isNews { news() }
        return next
    }

    /// Asks whether anybody is there. One at a time for each replica, and over within its time.
    private func probe(_ pick: Pick, as caller: String) {
        guard let loop else { return }
        Task.immediate(executorPreference: loop) {
            let head = RequestHead(
                method: "ping", caller: caller, call: CallID.make(), trace: nil,
                time: Int(Self.pingTime / 1_000_000))
            var isAlive = false
            if let message = try? head.message({ _ in }),
                let answer = try? await pick.channel.roundTrip(
                    message, within: .nanoseconds(Int64(Self.pingTime)))
            {
                isAlive = (try? ReplyEnvelope.read(answer)) != nil
            }
            probed(pick, isAlive, as: caller)
        }
    }

    private func probed(_ pick: Pick, _ isAlive: Bool, as caller: String) {
        let now = monotonic()
        finish(pick, .nothing, by: caller, at: now)
        let probeAt = state.withLock { state -> UInt64 in
            guard let index = state.replicas.firstIndex(where: { $0.id == pick.id }) else {
                return .max
            }
            state.replicas[index].circuit.probed(isAlive: isAlive, at: now)
            return state.replicas[index].circuit.probeAt
        }
        news()
        if probeAt < .max { wake(by: probeAt) }
    }

    private func lookUpSoon(_ now: UInt64) {
        let at = state.withLock { state -> UInt64 in
            if !state.isLookingUp { state.lookUpAt = min(state.lookUpAt, now &+ Self.soon) }
            return state.lookUpAt
        }
        if at < .max { wake(by: at) }
    }
}
