import Synchronization

/// Who waits, who is woken, and when the run leaves memory.
extension Activation {
    /// Changes the number of branches that run; when it falls to zero while some wait, the run is
    /// evicted.
    func branches(add count: Int) {
        let idle = state.withLock { state in
            state.busy += count
            return state.evictIfIdle()
        }
        if idle { end(.evicted) }
    }

    func wait(_ path: String) async throws -> Entry.Outcome {
        let answer = await withCheckedContinuation { continuation in
            let (now, idle): (Answer?, Bool) = state.withLock { state in
                if let outcome = state.early.removeValue(forKey: path) {
                    return (outcome.result, false)
                }
                if state.ending != nil { return (.failure(Unwound()), false) }
                if state.cancelling { return (.failure(CancellationError()), false) }
                state.waiters[path] = continuation
                state.busy -= 1
                return (nil, state.evictIfIdle())
            }
            if let now { continuation.resume(returning: now) }
            if idle { end(.evicted) }
        }
        switch answer {
        case .success(let bytes): return .value(bytes)
        case .failure(let failure as StepFailure): return .failure(failure)
        case .failure(let error): throw error
        }
    }

    /// Hands over what a wait was for. The journal has it already.
    func resolve(_ path: String, _ outcome: Entry.Outcome) {
        let waiter: CheckedContinuation<Answer, Never>? = state.withLock { state in
            guard state.ending == nil, state.delivered.insert(path).inserted else { return nil }
            guard let waiter = state.waiters.removeValue(forKey: path) else {
                state.early[path] = outcome
                return nil
            }
            state.busy += 1
            return waiter
        }
        waiter?.resume(returning: outcome.result)
    }

    /// Ends the activation; the first reason stays. Answers with the error to throw.
    @discardableResult
    func end(_ ending: Ending) -> Unwound {
        let (waiters, task) = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            defer { state.waiters = [:] }
            return (Array(state.waiters.values), state.task)
        }
        for waiter in waiters { waiter.resume(returning: .failure(Unwound())) }
        switch ending {
        case .lost, .released, .abandoned: task?.cancel()
        case .evicted, .paused, .attention, .interrupted: break
        }
        return Unwound()
    }

    /// Reaches a running step through its task, and every wait.
    func cancel() {
        let now = engine.options.now()
        let (waiters, task) = state.withLock { state in
            state.cancelling = true
            state.cancelledAt = state.cancelledAt ?? now
            defer { state.waiters = [:] }
            state.busy += state.waiters.count
            return (Array(state.waiters.values), state.task)
        }
        for waiter in waiters { waiter.resume(returning: .failure(CancellationError())) }
        task?.cancel()
    }

    /// Takes effect at the next step boundary; the journal has it already.
    func pause() { state.withLock { $0.standing.state = .pausing } }
}

extension Activation.State {
    /// Decided under the lock: a wake that comes a moment later must find the run evicted, or it is
    /// lost.
    fileprivate mutating func evictIfIdle() -> Bool {
        guard busy == 0, !waiters.isEmpty, ending == nil else { return false }
        ending = .evicted
        return true
    }
}

extension Entry.Outcome {
    var result: Activation.Answer {
        switch self {
        case .value(let bytes): .success(bytes)
        case .failure(let failure): .failure(failure)
        }
    }
}
