import Synchronization

/// What a step's body may use: its key, its events, its progress, its bill.
public final class Step: Sendable {
    /// The most that one call of `spend` may take: far above any bill, far below an overflow.
    static let spendLimit: Int64 = 1 << 44

    private struct State {
        var events: [Event] = []
        var spent: Int64 = 0
    }

    /// Stable over attempts, crashes and engines. Give it to every service the step calls.
    public let key: String
    /// Where in the code the step stands.
    public let path: String
    /// Begins at 1. Attempts are not journaled, so a crash begins them anew.
    public let attempt: Int
    private let state = Mutex(State())
    private let notify: @Sendable ([UInt8]) -> Void

    init(
        key: String, path: String, attempt: Int, notify: @escaping @Sendable ([UInt8]) -> Void
    ) {
        (self.key, self.path, self.attempt, self.notify) = (key, path, attempt, notify)
    }

    /// Appends to the run's events, in the transaction that journals this step.
    public func emit(_ kind: String, _ body: some Encodable) throws {
        let event = Event(kind: kind, body: try Codec.encode(body))
        state.withLock { $0.events.append(event) }
    }

    /// Tells who is watching now; nothing is kept.
    public func progress(_ body: some Encodable) throws { notify(try Codec.encode(body)) }

    /// Adds to the run's bill, also when this attempt fails. A step spends, it does not earn.
    public func spend(_ amount: Int64) {
        state.withLock { $0.spent = min($0.spent + min(max(amount, 0), 1 << 40), Step.spendLimit) }
    }

    var outcome: (events: [Event], spent: Int64) { state.withLock { ($0.events, $0.spent) } }
}

extension Step {
    /// What came of all the attempts, to be journaled as one row.
    struct Outcome: Sendable {
        let outcome: Entry.Outcome
        let events: [Event]
        let spent: Int64
    }

    /// Runs `body` until it succeeds, may not be repeated, or has used its attempts.
    static func attempt(
        _ path: String, _ options: StepOptions, in activation: Activation, shielded: Bool,
        _ body: @escaping @Sendable (Step) async throws -> [UInt8]
    ) async throws -> Outcome {
        var spent: Int64 = 0
        var attempt = 1
        while true {
            let key = "\(activation.claim.lifeID)/\(path)"
            let step = Step(key: key, path: path, attempt: attempt) {
                activation.progress(path, $0)
            }
            do {
                let value = try await limited(options.timeout) { try await body(step) }
                let (events, bill) = step.outcome
                return Outcome(outcome: .value(value), events: events, spent: spent + bill)
            } catch {
                spent = min(spent + step.outcome.spent, spendLimit)  // a failure was paid, too
                try activation.unwindIfEnded(shielded: shielded, ignoringPause: true)
                if Task.isCancelled { throw CancellationError() }
                let coded = error as? any CodedFailure
                if coded?.isPermanent ?? false || attempt >= options.attempts
                    || options.effect == .once
                {
                    let failure = StepFailure(path: path, error)
                    return Outcome(outcome: .failure(failure), events: [], spent: spent)
                }
                try activation.unwindIfEnded(shielded: shielded)
                let wait = options.backoff * (1 << min(attempt - 1, 10))
                let pause = min(wait, .seconds(60)) * Double.random(in: 0.8...1.2)
                try await Task.sleep(
                    for: max(pause, min(coded?.retryAfter ?? .zero, .seconds(600))))
                attempt += 1
            }
        }
    }

    /// A body that ignores its cancellation is left behind when the time is over; what it comes to
    /// is not asked for any more.
    private static func limited(
        _ limit: Duration?, _ body: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> [UInt8] {
        guard let limit else { return try await body() }
        let race = Race<[UInt8]>()
        let work = Task {
            do {
                race.end(.success(try await body()))
            } catch {
                race.end(.failure(error))
            }
        }
        let clock = Task {
            try await Task.sleep(for: limit)
            race.end(.failure(StepTimeout(limit: limit)))
        }
        defer {
            work.cancel()
            clock.cancel()
        }
        return try await withTaskCancellationHandler {
            try await race.result()
        } onCancel: {
            work.cancel()
        }
    }
}

/// Whoever is first says how it ended.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func end(_ result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = state.withLock { state in
            guard state.result == nil else { return nil }
            state.result = result
            return state.waiter
        }
        waiter?.resume(with: result)
    }

    func result() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                state.waiter = continuation
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
