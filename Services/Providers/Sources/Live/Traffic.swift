import Curl
import Dialects
import EventLoop
import MeshContract
import Routing
import Synchronization

/// The state of all ways together: who may be asked now, who is left alone, and how each has fared.
final class Traffic: Sendable {
    /// A request that is on its way; ended once, however it ends.
    struct Ticket: Sendable {
        let target: Target
        fileprivate let grant: LimitBook.Grant
        let startedAt: UInt64
    }

    /// What is to be done next, with the place taken if that is to ask.
    enum Turn: Sendable {
        case ask(Ticket)
        case wait(until: UInt64)
        case queue(until: UInt64)
        case stop(AttemptPlan.End)
    }

    private struct State {
        var cool = CoolDowns()
        var limits: LimitBook
        var board = HealthBoard()
        var waits: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Those who wait, and those who are about to.
        var waiting = 0
    }

    /// Questions that wait for a place at once.
    private static let mostWaits = 512

    let isLimited: Bool
    private let alarms: Alarms
    private let state: Mutex<State>

    init(_ book: RouteBook, alarms: Alarms) {
        let limits = book.limits
        isLimited = !limits.isEmpty || !book.concurrency.isEmpty
        self.alarms = alarms
        state = Mutex(
            State(limits: LimitBook(limits, targets: book.concurrency, now: monotonic())))
    }

    /// Advances a plan and takes what it needs, in one step: two questions never take one place.
    func next(_ plan: inout AttemptPlan, tokens: Int) -> Turn {
        let now = monotonic()
        let chance = Double.random(in: 0..<1)
        return state.withLock { state in
            let step = plan.next(now: now, chance: chance) { target in
                .init(
                    state.cool.standing(target, now: now),
                    state.limits.room(for: target, tokens: tokens, now: now))
            }
            switch step {
            case .ask(let target):
                guard let grant = state.limits.take(target, tokens: tokens, now: now) else {
                    plan.withdrew(target)
                    return .queue(until: now &+ 1_000_000_000)
                }
                state.cool.began(target, now: now)
                state.board.began(target)
                return .ask(Ticket(target: target, grant: grant, startedAt: now))
            case .wait(let until): return .wait(until: until)
            case .queue(let until): return .queue(until: until)
            case .stop(let end): return .stop(end)
            }
        }
    }

    /// Ends a request: without a failure, or with one. `used` is what it came to.
    func end(
        _ ticket: Ticket, _ failure: Failure?, used: TokenUsage, firstAt: UInt64?, wall: Int64
    ) {
        let now = monotonic()
        let waits = state.withLock { state in
            state.limits.settle(ticket.grant, used: used.input + used.output, now: now)
            if let failure {
                state.cool.failed(ticket.target, failure, now: now)
            } else {
                state.cool.succeeded(ticket.target)
            }
            state.board.ended(
                ticket.target,
                HealthBoard.Run(
                    failure: failure?.kind, used: used, duration: now - ticket.startedAt,
                    firstToken: firstAt.map { $0 > ticket.startedAt ? $0 - ticket.startedAt : 0 }),
                now: now, wall: wall)
            defer { state.waits = [:] }
            return state.waits
        }
        for wait in waits.values { wait.resume() }
    }

    /// Returns when a place came free, at `moment`, or when the task is cancelled.
    func waitForRoom(until moment: UInt64) async throws {
        let hasPlace = state.withLock { state in
            guard state.waiting < Self.mostWaits else { return false }
            state.waiting += 1
            return true
        }
        guard hasPlace else {
            throw Fault(
                .overloaded, "\(Self.mostWaits) questions wait for a place already",
                retryAfterMilliseconds: 1_000)
        }
        defer { state.withLock { $0.waiting -= 1 } }
        let id = alarms.makeID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { wait in
                let isOver = state.withLock { state in
                    guard !Task.isCancelled, monotonic() < moment else { return true }
                    state.waits[id] = wait
                    return false
                }
                if isOver { return wait.resume() }
                alarms.set(id, at: moment) { [weak self] in self?.wake(id) }
            }
        } onCancel: {
            wake(id)
        }
        alarms.cancel(id)
        try Task.checkCancellation()
    }

    private func wake(_ id: UInt64) {
        state.withLock { $0.waits.removeValue(forKey: id) }?.resume()
    }

    /// A lane has got another key: what was said against the one before holds no longer.
    func forgive(_ lane: Lane) { state.withLock { $0.cool.forgive(lane) } }

    /// How long first tokens of a target took lately.
    func firstToken(_ target: Target, percentile: Int) -> (time: Duration, count: Int)? {
        state.withLock { $0.board.firstToken(target, percentile: percentile) }
    }

    /// How everything stands, for reports.
    var view: (targets: [HealthBoard.Entry], cooling: [CoolDowns.Entry], now: UInt64) {
        let now = monotonic()
        return state.withLock { ($0.board.entries, $0.cool.list(now: now), now) }
    }

    /// What a failure means to the rules.
    static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as UpstreamFailure: Failure(failure)
        case let error as HTTPClientError: Self.failure(error)
        case let fault as Fault where fault.code == .timedOut:
            Failure(.timeout, mayRepeat: false)
        default: Failure(.cancelled)
        }
    }

    private static func failure(_ error: HTTPClientError) -> Failure {
        switch error {
        case .resolve, .connect: Failure(.unreachable)
        case .tls: Failure(.unreachable, mayRepeat: false)
        case .truncated: Failure(.truncated)
        case .other: Failure(.server)
        case .timedOut, .idle: Failure(.timeout, mayRepeat: false)
        case .tooLarge: Failure(.garbage)
        // Our own doing, of which the target knows nothing.
        case .badURL, .cancelled, .overloaded: Failure(.cancelled)
        }
    }
}
