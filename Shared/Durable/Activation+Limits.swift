import Synchronization

/// What keeps a run from going on for ever.
extension Activation {
    /// The newest answer of a step to its input, and how often it came in a row.
    struct Repeat {
        let digest: Int64
        let answer: Int64
        var count: Int64
    }

    /// Remembers what a step with an input came to. A replay passes here as well, so the count
    /// survives the process.
    func note(_ path: String, _ digest: Int64, _ outcome: Entry.Outcome, number: Int64? = nil) {
        guard digest != 0, number ?? .max > claim.floor else { return }
        let answer =
            switch outcome {
            case .value(let bytes): Codec.digest(bytes)
            case .failure(let failure):
                Codec.digest(Array("\(failure.code) \(failure.message)".utf8))
            }
        state.withLock { state in
            let shape = Path.shape(path)
            if let last = state.repeats[shape], last.digest == digest, last.answer == answer {
                state.repeats[shape]?.count += 1
            } else {
                state.repeats[shape] = Repeat(digest: digest, answer: answer, count: 1)
            }
        }
    }

    /// Stops what runs past its time, and leaves behind what does not end although it was
    /// cancelled: then the next activation of the run, which begins at once, does the cleanup.
    func enforce(at now: Int64, grace: Duration) {
        enum Verdict { case late, stuck, fine }
        let verdict: Verdict = state.withLock { state in
            if state.ending != nil { return .fine }
            if let since = state.cancelledAt {
                return state.bodies > 0 && now - since > grace.milliseconds ? .stuck : .fine
            }
            return now > state.deadline && !state.cancelling ? .late : .fine
        }
        switch verdict {
        case .fine: break
        case .late:
            end(.paused("time limit"))
            state.withLock { $0.task }?.cancel()
        case .stuck:
            engine.options.report("\(key) has a step that ignores its cancellation")
            end(.abandoned)
            conclude(nil)
        }
    }

    /// New limits for a run that is in memory.
    func limit(_ limits: Limits, deadline: Int64) {
        state.withLock { ($0.limits, $0.deadline) = (limits, deadline) }
    }

    /// Counts the bodies of steps that a cancel is to end.
    func bodies(add count: Int) { state.withLock { $0.bodies += count } }

    // MARK: The function's end

    /// Runs the function in a task of its own, so that cancelling this run ends it alone. Nil when
    /// it was left behind.
    func run(_ function: @escaping @Sendable () async throws -> [UInt8]) async -> Answer? {
        await withCheckedContinuation { continuation in
            state.withLock { $0.ender = continuation }
            let task = Task {
                do {
                    conclude(.success(try await function()))
                } catch {
                    conclude(.failure(error))
                }
            }
            let isOver = state.withLock { state in
                state.task = task
                return state.cancelling || state.ending != nil
            }
            if isOver { task.cancel() }
        }
    }

    private func conclude(_ result: Answer?) {
        let ender = state.withLock { state in
            defer { state.ender = nil }
            return state.ender
        }
        ender?.resume(returning: result)
    }
}

extension Activation.State {
    /// The step gave the same answer to this input too often in a row.
    func loop(at path: String, _ digest: Int64) -> String? {
        guard digest != 0, let last = repeats[Path.shape(path)], last.digest == digest,
            last.count >= limits.repeats
        else { return nil }
        return "loop at \(path): the same answer to the same input \(last.count) times"
    }
}
