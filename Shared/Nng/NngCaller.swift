public import EventLoop
import Synchronization

/// Calls to one service over libnng. Any number of calls run at once, on one raw REQ socket and one
/// connection: the numbers on the wire are ours, so a call can be taken back, and nothing is sent
/// twice.
///
/// Unchecked: `state` is a mutex; the rest is the loop's thread only.
public final class NngCaller: Pollable, @unchecked Sendable {
    typealias Answer = CheckedContinuation<[UInt8], any Error>

    struct Waiting {
        let answer: Answer
        let deadline: UInt64
        /// nil once libnng has it.
        var unsent: [UInt8]?
        /// How many bytes libnng had been given when it was given this request, itself included.
        var mark: UInt64 = 0
    }

    /// What is to be given to libnng: a request of `calls`, or that one has been given up.
    struct Outgoing {
        let number: UInt32
        let isWithdrawal: Bool
    }

    struct State {
        var calls: [UInt32: Waiting] = [:]
        var queue = Backlog()
        /// Bytes of the requests that libnng does not have yet.
        var unsentBytes = 0
        /// Bytes given to libnng on this connection, and how many of them it has surely sent: those
        /// up to a request that was answered.
        var given: UInt64 = 0
        var sent: UInt64 = 0
        var socket: CallerSocket?
        var isUp = false
        /// What the preface asks next.
        var question: (UInt32, [UInt8])?
        /// Why there was no agreement at the last try.
        var trouble: String?
        /// The other side has said goodbye on this connection.
        var isLeaving = false
        /// A thread is giving requests to libnng.
        var isPumping = false
        /// libnng has no room, and will say when it has.
        var isBlocked = false
        var isClosed = false

        mutating func take(_ number: UInt32) -> Waiting? {
            guard let call = calls.removeValue(forKey: number) else { return nil }
            unsentBytes -= call.unsent?.count ?? 0
            return call
        }
    }

    /// The most calls that may wait for their answers.
    private static let most = 65_536
    /// Replies read before the loop's other members have their turn.
    private static let turn = 256

    let state = Mutex(State())
    private let numbers: Atomic<UInt32>
    let loop: EventLoop
    let url: String
    let limit: Int
    private let room: Int
    private let changed: @Sendable () -> Void
    let preface: NngPreface?
    /// The question of the preface under way, and how many were before it.
    var asked: UInt32?
    var questions = 0
    /// When the preface is due again, and when the one under way has to be over.
    var askAt = UInt64.max
    var answerBy = UInt64.max
    var retryAt = UInt64.max
    var pause = NngCaller.firstPause

    /// Dials at once, and again whenever the connection is lost. `limit` is the largest message,
    /// `room` the most bytes that may wait to be sent. `changed` hears, from the loop, whenever
    /// `isUp` may have changed. `preface` goes before any call.
    public init(
        _ url: String, on loop: EventLoop, limit: Int = 16 << 20, room: Int = 64 << 20,
        preface: NngPreface? = nil, changed: @escaping @Sendable () -> Void = {}
    ) {
        (self.url, self.loop, self.limit, self.room) = (url, loop, limit, room)
        (self.preface, self.changed) = (preface, changed)
        _ = LibraryThreads.haveBegun
        numbers = Atomic(UInt32.random(in: 0...UInt32.max))
        let isKnown = loop.perform {
            loop.addTimed(self)
            self.dial()
        }
        if !isKnown { state.withLock { $0.isClosed = true } }
    }

    /// True while requests are sent at once, instead of waiting for a connection.
    public var isUp: Bool { state.withLock { $0.isUp && !$0.isLeaving } }

    /// True from the other side's goodbye to the end of the connection.
    public var isLeaving: Bool { state.withLock { $0.isLeaving } }

    /// Why the last try brought no connection that both sides agree to; nil since one did.
    public var trouble: String? { state.withLock { $0.trouble } }

    /// Later, for whoever hears it may close this caller.
    func tell() { loop.performLater { self.changed() } }

    /// Sends `body` and waits for the answer. A call made before the connection stands waits for
    /// it, within its time.
    public nonisolated(nonsending) func call(
        _ body: [UInt8], within time: Duration
    ) async throws -> [UInt8] {
        guard body.count + 4 <= limit else { throw NngCallError.tooLarge(limit: limit - 4) }
        let number = nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start(number, body, time, $0) }
        } onCancel: {
            withdraw(number)
        }
    }

    func nextNumber() -> UInt32 {
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue | 0x8000_0000
        return number == Self.goodbye ? nextNumber() : number
    }

    /// Fails what waits and dials no more.
    public func close() { loop.perform { self.closeNow() } }

    @inline(never)
    private func start(_ number: UInt32, _ body: [UInt8], _ time: Duration, _ answer: Answer) {
        let deadline = monotonic() &+ time.nanoseconds
        let refusal = state.withLock { state -> NngCallError? in
            if state.isClosed { return .closed }
            if state.isLeaving { return .leaving }
            let bytes = state.unsentBytes + Int(state.given - state.sent)
            // Numbers come round after two thousand million calls; one may still be waiting.
            guard bytes <= room, state.calls.count < Self.most, state.calls[number] == nil else {
                return .full
            }
            state.calls[number] = Waiting(answer: answer, deadline: deadline, unsent: body)
            state.unsentBytes += body.count
            state.append(Outgoing(number: number, isWithdrawal: false))
            return nil
        }
        if let refusal {
            answer.resume(throwing: refusal)
            return
        }
        loop.changed(self, deadline: deadline)
        // The cancellation handler may have run before the call was known.
        if Task.isCancelled { withdraw(number) }
    }

    /// Waits no longer, and tells the other side so: an empty request under the same number.
    private func withdraw(_ number: UInt32) {
        let (call, isToldOf) = state.withLock { state -> (Waiting?, Bool) in
            guard let call = state.take(number) else { return (nil, false) }
            let isToldOf = call.unsent == nil && state.isUp
            if isToldOf { state.append(Outgoing(number: number, isWithdrawal: true)) }
            return (call, isToldOf)
        }
        call?.answer.resume(throwing: CancellationError())
        if isToldOf { loop.changed(self) }
    }

    // MARK: Pollable

    /// Gives libnng what waits, as far as it has room. One thread at a time; what another adds
    /// meanwhile, this one finds.
    public func flush() {
        let mayPump = state.withLock { state in
            defer { state.isPumping = true }
            return !state.isPumping
        }
        guard mayPump else { return }
        while let (socket, number, body) = state.withLock({ $0.next() }) {
            switch socket.put(number, body) {
            case .taken: break
            case .noRoom(let message):
                // Known before it is begun, for it may be over at once.
                let isCurrent = state.withLock { $0.block(socket) }
                socket.putLater(message, unless: !isCurrent)
            case .failed:
                let call = state.withLock { $0.take(number) }
                call?.answer.resume(throwing: NngCallError.lost)
            }
        }
    }

    public func ready(_ readiness: Readiness) {
        guard let socket = state.withLock({ $0.socket }) else { return }
        for _ in 0..<Self.turn {
            guard let (number, body) = socket.take() else { return }
            pause = Self.firstPause
            if number == Self.goodbye { leave() }
            if isAnswer(number, body) {
                guard state.withLock({ $0.socket === socket }) else { return }
                continue
            }
            let call = state.withLock { $0.answered(number) }
            call?.answer.resume(returning: body)
        }
    }

    public func expire(_ now: UInt64) -> UInt64 {
        if now >= retryAt { dial() }
        if now >= answerBy { disagree(nil) }
        if now >= askAt { introduce() }
        var late: [Answer] = []
        let next = state.withLock { state -> UInt64 in
            var next = UInt64.max
            var numbers: [UInt32] = []
            for (number, call) in state.calls {
                if call.deadline <= now {
                    numbers.append(number)
                } else {
                    next = min(next, call.deadline)
                }
            }
            late = numbers.compactMap { state.take($0)?.answer }
            // Many deadlines close together share one pass.
            return next == .max ? next : max(next, now &+ 5_000_000)
        }
        for answer in late { answer.resume(throwing: NngCallError.deadline) }
        return min(next, retryAt, askAt, answerBy)
    }

    public func loopEnded() { closeNow() }
}
