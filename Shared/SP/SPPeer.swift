public import EventLoop
import Glibc
import Synchronization

/// Why a call brought no answer.
public enum SPError: Error, Equatable, Sendable {
    /// No answer within the time.
    case deadline
    /// The connection ended with the call under way: it may have been carried out.
    case lost
    /// This side was closed.
    case closed
    /// Too much waits to be sent already.
    case full
}

/// Calls to one service: REQ on the wire, without resending. Any number of calls run at once.
///
/// Unchecked: `state` is a mutex; the rest is the loop's thread only.
public final class SPPeer: Pollable, @unchecked Sendable {
    private typealias Answer = CheckedContinuation<[UInt8], any Error>

    private struct Waiting {
        let answer: Answer
        let deadline: UInt64
        var unsent: [UInt8]?
    }

    private struct State {
        var calls: [UInt32: Waiting] = [:]
        var out = SendBuffer()
        var descriptor: Int32 = -1
        var isOpen = false
        var isBlocked = false
        var isClosed = false
    }

    private static let firstPause: UInt64 = 50_000_000
    private static let longestPause: UInt64 = 5_000_000_000

    private let state = Mutex(State())
    private let numbers: Atomic<UInt32>
    private let loop: EventLoop
    private let address: SPAddress
    private let limit: Int
    private let room: Int

    private var inbox: ReceiveBuffer
    private var retryAt = UInt64.max
    private var pause = SPPeer.firstPause

    /// Dials at once, and again whenever the connection is lost. `limit` is the largest answer,
    /// `room` the most bytes that may wait to be sent.
    public init(
        _ address: SPAddress, on loop: EventLoop, limit: Int = 16 << 20, room: Int = 64 << 20
    ) {
        (self.address, self.loop, self.limit, self.room) = (address, loop, limit, room)
        numbers = Atomic(UInt32.random(in: 0...UInt32.max))
        inbox = ReceiveBuffer(prefix: address.prefix, expected: SPFrames.reply, limit: limit)
        loop.perform {
            loop.addTimed(self)
            self.dial()
        }
    }

    /// Sends `body` and waits for the answer. A call made before the connection stands waits for
    /// it, within its time.
    public func call(_ body: [UInt8], within time: Duration) async throws -> [UInt8] {
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue | 0x8000_0000
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start(number, body, time, $0) }
        } onCancel: {
            finish(number, CancellationError())
        }
    }

    /// Fails what waits and dials no more.
    public func close() {
        loop.perform {
            self.state.withLock { $0.isClosed = true }
            self.drop(.closed)
            self.loop.removeTimed(self)
        }
    }

    @inline(never)
    private func start(_ number: UInt32, _ body: [UInt8], _ time: Duration, _ answer: Answer) {
        let deadline = monotonic() &+ time.nanoseconds
        let refusal = state.withLock { state -> SPError? in
            if state.isClosed { return .closed }
            if state.out.count > room { return .full }
            let unsent = state.isOpen ? nil : body
            state.calls[number] = Waiting(answer: answer, deadline: deadline, unsent: unsent)
            if state.isOpen {
                state.out.append(number: number, body: body, prefix: address.prefix)
            }
            return nil
        }
        if let refusal {
            answer.resume(throwing: refusal)
            return
        }
        loop.changed(self, deadline: deadline)
        // The cancellation handler may have run before the call was known.
        if Task.isCancelled { finish(number, CancellationError()) }
    }

    private func finish(_ number: UInt32, _ error: any Error) {
        state.withLock { $0.calls.removeValue(forKey: number) }?.answer.resume(throwing: error)
    }

    // MARK: Pollable

    public func flush() {
        let lost = state.withLock { state -> Bool in
            guard state.descriptor >= 0, !state.isBlocked, state.out.count > 0 else { return false }
            guard state.out.write(to: state.descriptor) else { return true }
            if state.out.count > 0 {
                state.isBlocked = true
                loop.watch(state.descriptor, for: [.read, .write])
            }
            return false
        }
        if lost { loop.perform { self.drop(.lost) } }
    }

    public func ready(_ readiness: Readiness) {
        let descriptor = state.withLock { $0.descriptor }
        guard descriptor >= 0 else { return }
        if readiness.contains(.write) {
            state.withLock { $0.isBlocked = false }
            loop.watch(descriptor, for: .read)
            flush()
        }
        guard readiness != .write, state.withLock({ $0.descriptor }) == descriptor else { return }
        let wasOpen = inbox.isGreeted
        let isAlive = inbox.read(from: descriptor) { message in
            guard message.count >= 4 else { return false }
            let number = UInt32(bigEndian: message.loadUnaligned(as: UInt32.self))
            let call = state.withLock { $0.calls.removeValue(forKey: number) }
            call?.answer.resume(returning: [UInt8](message.dropFirst(4)))
            return true
        }
        guard isAlive else { return drop(.lost) }
        if !wasOpen && inbox.isGreeted { opened() }
    }

    public func expire(_ now: UInt64) -> UInt64 {
        if now >= retryAt { dial() }
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
            late = numbers.compactMap { state.calls.removeValue(forKey: $0)?.answer }
            // Many deadlines close together share one pass.
            return next == .max ? next : max(next, now + 5_000_000)
        }
        for answer in late { answer.resume(throwing: SPError.deadline) }
        return min(next, retryAt)
    }

    // MARK: The connection

    private func dial() {
        retryAt = .max
        guard state.withLock({ !$0.isClosed && $0.descriptor < 0 }) else { return }
        let descriptor = address.makeSocket()
        guard descriptor >= 0,
            address.withRaw({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS
        else {
            if descriptor >= 0 { Glibc.close(descriptor) }
            return later()
        }
        loop.add(descriptor, self)
        state.withLock { state in
            state.descriptor = descriptor
            state.out.append(raw: SPFrames.greeting(SPFrames.request))
            state.isBlocked = !state.out.write(to: descriptor) || state.out.count > 0
            if state.isBlocked { loop.watch(descriptor, for: [.read, .write]) }
        }
    }

    private func opened() {
        pause = Self.firstPause
        state.withLock { state in
            state.isOpen = true
            for (number, call) in state.calls {
                guard let body = call.unsent else { continue }
                state.out.append(number: number, body: body, prefix: address.prefix)
                state.calls[number]?.unsent = nil
            }
        }
        flush()
    }

    private func drop(_ why: SPError) {
        var gone: [Answer] = []
        let descriptor = state.withLock { state -> Int32 in
            let descriptor = state.descriptor
            guard descriptor >= 0 || state.isClosed else { return descriptor }
            if descriptor >= 0 { loop.remove(descriptor) }
            state.descriptor = -1
            (state.isOpen, state.isBlocked) = (false, false)
            state.out.removeAll()
            for (number, call) in state.calls where call.unsent == nil || state.isClosed {
                gone.append(call.answer)
                state.calls[number] = nil
            }
            return descriptor
        }
        for answer in gone { answer.resume(throwing: why) }
        guard descriptor >= 0 else { return }
        inbox = ReceiveBuffer(prefix: address.prefix, expected: SPFrames.reply, limit: limit)
        later()
    }

    private func later() {
        guard state.withLock({ !$0.isClosed }) else { return }
        retryAt = monotonic() + pause
        pause = min(pause * 2, Self.longestPause)
        loop.wake(by: retryAt)
    }
}
