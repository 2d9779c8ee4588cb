public import EventLoop
import Synchronization

/// Calls to one service: REQ on the wire, without resending. Any number of calls run at once. Or
/// hears one publisher: SUB on the wire.
///
/// Unchecked: `state` is a mutex; the rest is the loop's thread only.
public final class SPPeer: Pollable, @unchecked Sendable {
    typealias Answer = CheckedContinuation<[UInt8], any Error>

    struct Waiting {
        let answer: Answer
        let deadline: UInt64
        var unsent: [UInt8]?
    }

    struct State {
        var calls: [UInt32: Waiting] = [:]
        var out = SendBuffer()
        /// Bytes of calls that wait for a connection.
        var unsentBytes = 0
        /// nil while there is no connection.
        var stream: SPStream?
        /// Counts the connections, so that the end of an old one is not taken for the new one's.
        var connection = 0
        var isOpen = false
        var isBlocked = false
        var isClosed = false
        /// The other side has said goodbye on this connection.
        var isLeaving = false
        /// Why there was no agreement at the last try.
        var trouble: String?

        mutating func take(_ number: UInt32) -> Waiting? {
            guard let call = calls.removeValue(forKey: number) else { return nil }
            unsentBytes -= call.unsent?.count ?? 0
            return call
        }
    }

    /// The most calls that may wait for their answers.
    private static let most = 65_536
    /// How often is read from one peer while others wait.
    private static let rounds = 16

    let state = Mutex(State())
    private let numbers: Atomic<UInt32>
    let loop: EventLoop
    let address: SPAddress
    let limit: Int
    let trust: SPTrust
    private let room: Int
    /// Who hears what is published; nil for a peer that calls.
    private let hear: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    /// Told, from the loop, that `isUp` may have changed.
    private let changed: @Sendable () -> Void

    var inbox: ReceiveBuffer
    var retryAt = UInt64.max
    /// When a connection that has not greeted is given up.
    var openBy = UInt64.max
    var pause = SPPeer.firstPause
    var isShaking = false
    /// The question of the preface under way, and how many were before it.
    var asked: UInt32?
    var questions = 0
    var answer: [UInt8]?
    /// When the preface is due again.
    var askAt = UInt64.max

    /// Dials at once, and again whenever the connection is lost. `limit` is the largest message,
    /// `room` the most bytes that may wait to be sent, `trust` what a secure address and a listener
    /// that asks for names need. `changed` hears, from the loop, whenever `isUp` may have changed.
    public convenience init(
        _ address: SPAddress, on loop: EventLoop, limit: Int = 16 << 20, room: Int = 64 << 20,
        trust: SPTrust = SPTrust(), changed: @escaping @Sendable () -> Void = {}
    ) {
        self.init(address, loop, limit, room, trust, hear: nil, changed)
    }

    /// Hears everything that is published at `address`, as soon as somebody is there. `hear` sees a
    /// message of at most `limit` bytes, only during the call, on the loop's thread; `changed` hears
    /// from there, too, whenever `isUp` may have changed.
    public convenience init(
        hearing address: SPAddress, on loop: EventLoop, limit: Int = 1 << 20,
        trust: SPTrust = SPTrust(),
        _ hear: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
        changed: @escaping @Sendable () -> Void = {}
    ) {
        self.init(address, loop, limit, 0, trust, hear: hear, changed)
    }

    private init(
        _ address: SPAddress, _ loop: EventLoop, _ limit: Int, _ room: Int,
        _ trust: SPTrust, hear: (@Sendable (UnsafeRawBufferPointer) -> Void)?,
        _ changed: @escaping @Sendable () -> Void
    ) {
        (self.address, self.loop, self.limit, self.room) = (address, loop, limit, room)
        (self.trust, self.hear, self.changed) = (trust, hear, changed)
        numbers = Atomic(UInt32.random(in: 0...UInt32.max))
        inbox = Self.inbox(address, limit, hears: hear != nil)
        let isKnown = loop.perform {
            loop.addTimed(self)
            self.dial()
        }
        if !isKnown { state.withLock { $0.isClosed = true } }
    }

    /// True while requests are sent at once, instead of waiting for a connection.
    public var isUp: Bool { state.withLock { $0.isOpen && !$0.isLeaving } }

    /// True from the other side's goodbye to the end of the connection.
    public var isLeaving: Bool { state.withLock { $0.isLeaving } }

    /// Why the last try brought no connection that both sides agree to; nil since one did.
    public var trouble: String? { state.withLock { $0.trouble } }

    /// Later, for whoever hears it may close this peer.
    func tell() { loop.performLater { self.changed() } }

    var greeting: [UInt8] {
        SPFrames.greeting(hear == nil ? SPFrames.request : SPFrames.subscribe)
    }

    /// For the next connection.
    func emptyInbox() { inbox = Self.inbox(address, limit, hears: hear != nil) }

    private static func inbox(_ address: SPAddress, _ limit: Int, hears: Bool) -> ReceiveBuffer {
        ReceiveBuffer(
            prefix: address.prefix, expected: hears ? SPFrames.publish : SPFrames.reply,
            limit: Ceiling(limit))
    }

    /// Sends `body` and waits for the answer. A call made before the connection stands waits for
    /// it, within its time.
    public nonisolated(nonsending) func call(
        _ body: [UInt8], within time: Duration
    ) async throws -> [UInt8] {
        precondition(hear == nil, "a subscriber does not call")
        guard body.count + 4 <= limit else { throw SPError.tooLarge(limit: limit - 4) }
        let number = nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start(number, body, time, $0) }
        } onCancel: {
            withdraw(number)
        }
    }

    func nextNumber() -> UInt32 {
        while true {
            let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue | 0x8000_0000
            if number != SPFrames.goodbye { return number }
        }
    }

    /// Fails what waits and dials no more.
    public func close() { loop.perform { self.closeNow() } }

    func closeNow() {
        state.withLock { $0.isClosed = true }
        drop(.closed)
        loop.removeTimed(self)
    }

    @inline(never)
    private func start(_ number: UInt32, _ body: [UInt8], _ time: Duration, _ answer: Answer) {
        let deadline = monotonic() &+ time.nanoseconds
        var waits = 0
        let refusal = state.withLock { state -> SPError? in
            if state.isClosed { return .closed }
            if state.isLeaving { return .leaving }
            let bytes = state.out.count + state.unsentBytes
            // Numbers come round after two thousand million calls; one may still be waiting.
            guard bytes <= room, state.calls.count < Self.most, state.calls[number] == nil else {
                return .full
            }
            let unsent = state.isOpen ? nil : body
            state.calls[number] = Waiting(answer: answer, deadline: deadline, unsent: unsent)
            if state.isOpen {
                state.out.append(number: number, body: body, prefix: address.prefix)
            } else {
                state.unsentBytes += body.count
            }
            waits = state.out.count
            return nil
        }
        if let refusal {
            answer.resume(throwing: refusal)
            return
        }
        loop.changed(self, deadline: deadline, isMuch: waits >= SendBuffer.much)
        // The cancellation handler may have run before the call was known.
        if Task.isCancelled { withdraw(number) }
    }

    /// Waits no longer, and tells the other side so: an empty request under the same number.
    private func withdraw(_ number: UInt32) {
        let (call, isToldOf) = state.withLock { state -> (Waiting?, Bool) in
            guard let call = state.take(number) else { return (nil, false) }
            let isToldOf = call.unsent == nil && state.isOpen && state.out.count <= room
            if isToldOf { state.out.append(number: number, body: [], prefix: address.prefix) }
            return (call, isToldOf)
        }
        call?.answer.resume(throwing: CancellationError())
        if isToldOf { loop.changed(self) }
    }

    // MARK: Pollable

    public func flush() {
        let lost = state.withLock { state -> Int? in
            guard let stream = state.stream, !state.isBlocked, state.out.count > 0 else {
                return nil
            }
            guard state.out.write(to: stream) else { return state.connection }
            if state.out.count > 0 {
                state.isBlocked = true
                loop.watch(stream.descriptor, for: [.read, .write])
            }
            return nil
        }
        if let lost { loop.performLater { self.drop(.lost, of: lost) } }
    }

    public func ready(_ readiness: Readiness) {
        if isShaking {
            guard shake() else { return }
        }
        let found = state.withLock { state -> (SPStream, Int)? in
            guard let stream = state.stream else { return nil }
            // Under the lock: another thread may find the way blocked again, and wait for it.
            if readiness.contains(.write) {
                state.isBlocked = false
                loop.watch(stream.descriptor, for: .read)
            }
            return (stream, state.connection)
        }
        guard let (stream, connection) = found else { return }
        if readiness.contains(.write) { flush() }
        guard readiness != .write || stream.session != nil else { return }
        read(from: stream, of: connection)
    }

    private func read(from stream: SPStream, of connection: Int) {
        for _ in 0..<Self.rounds {
            guard state.withLock({ $0.stream != nil && $0.connection == connection }) else {
                return
            }
            let wasGreeted = inbox.isGreeted
            guard inbox.read(from: stream, take) else { return lost(stream) }
            if !wasGreeted && inbox.isGreeted { introduce() }
            if let answer {
                self.answer = nil
                answered(answer)
            }
            guard stream.hasPending else { return }
        }
        loop.performLater { self.read(from: stream, of: connection) }
    }

    private func take(_ message: Incoming) -> ReceiveBuffer.Verdict {
        if let hear {
            message.withBody(hear)
            return .taken
        }
        let number = UInt32(bigEndian: message.header.loadUnaligned(as: UInt32.self))
        if number == asked {
            (asked, answer) = (nil, message.body)
            return .taken
        }
        if number == SPFrames.goodbye { leave() }
        let call = state.withLock { $0.take(number) }
        call?.answer.resume(returning: message.body)
        return .taken
    }

    public func expire(_ now: UInt64) -> UInt64 {
        if now >= openBy { drop(.lost) }
        if now >= retryAt { dial() }
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
        for answer in late { answer.resume(throwing: SPError.deadline) }
        return min(next, retryAt, openBy, askAt)
    }

    public func loopEnded() { closeNow() }
}
