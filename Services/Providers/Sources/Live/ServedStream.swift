import EventLoop
import MeshContract
import Synchronization

/// The bytes of one answer to an outside client on their way to the one who passes them on: one
/// writes, one reads, and what was read is forgotten.
final class ServedStream: Sendable {
    /// What stands before the body.
    struct Head: Sendable {
        var status = 200
        var headers: [(name: String, value: String)]
    }

    /// Why an answer ends before its time.
    enum Interruption: Sendable {
        /// The client is gone: nobody reads the rest.
        case gone
        /// The service ends: the rest is a word of that.
        case stopped
    }

    private struct State {
        var head: Head?
        var bytes: [UInt8] = []
        /// Where `bytes` begin.
        var base = 0
        var isEnded = false
        var interruption: Interruption?
        /// Which call reads; an earlier one has lost its place.
        var reader: UInt64 = 0
        var waiter: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?
    }

    /// A writer waits while more than this is unread.
    static let highWater = 512 << 10
    static let largestPiece = 1 << 20
    /// How long an answer waits for its reader to come back: longer than a slow client is borne
    /// with; after a cancelled read only for one that was sent again.
    private static let lease = Duration.seconds(60)
    private static let shortLease = Duration.milliseconds(300)

    let id: String
    private let alarms: Alarms
    private let leaseID: UInt64
    private let state = Mutex(State())
    private let interrupted = AsyncStream.makeStream(of: Never.self)

    private let gone: @Sendable (ServedStream) -> Void

    /// `gone` is told when nobody will read the rest.
    init(_ id: String, alarms: Alarms, gone: @escaping @Sendable (ServedStream) -> Void) {
        (self.id, self.alarms, leaseID) = (id, alarms, alarms.makeID())
        self.gone = gone
    }

    deinit { alarms.cancel(leaseID) }

    var interruption: Interruption? { state.withLock { $0.interruption } }
    var head: Head? { state.withLock { $0.head } }
    /// How many calls have read.
    var readers: UInt64 { state.withLock { $0.reader } }
    /// True once the last byte was read, or nobody will read it.
    var isOver: Bool {
        state.withLock { $0.interruption == .gone || $0.isEnded && $0.bytes.isEmpty }
    }

    // MARK: Writing

    /// Adds to the body, and waits while there is too much of it. `head` stands before the first
    /// bytes, and counts once.
    func write(_ bytes: [UInt8], after head: @autoclosure () -> Head) async throws {
        if bytes.isEmpty { return }
        let (waiter, isFull) = try state.withLock { state in
            guard state.interruption == nil else { throw CancellationError() }
            if state.head == nil { state.head = head() }
            state.bytes += bytes
            defer { state.waiter = nil }
            return (state.waiter, state.bytes.count > Self.highWater)
        }
        waiter?.resume()
        if isFull { try await untilRead() }
    }

    private func untilRead() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { writer in
                let goesOn = state.withLock { state in
                    if state.bytes.count <= Self.highWater || state.interruption != nil
                        || Task.isCancelled
                    {
                        return true
                    }
                    state.writer = writer
                    return false
                }
                if goesOn { writer.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.writer = nil }
                return state.writer
            }?.resume()
        }
        try Task.checkCancellation()
    }

    /// Adds the last bytes.
    func end(_ bytes: [UInt8], after head: Head) {
        let waiter = state.withLock { state in
            if state.head == nil { state.head = head }
            if state.interruption != .gone { state.bytes += bytes }
            state.isEnded = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
        interrupted.continuation.finish()
    }

    // MARK: Interrupting

    func interrupt(_ reason: Interruption) {
        let (waiter, writer) = state.withLock { state in
            if !state.isEnded || reason == .gone {
                state.interruption = state.interruption ?? reason
            }
            if reason == .gone { state.bytes = [] }
            defer { (state.waiter, state.writer) = (nil, nil) }
            return (state.waiter, state.writer)
        }
        waiter?.resume()
        writer?.resume()
        interrupted.continuation.finish()
        if reason == .gone { gone(self) }
    }

    /// Returns when the answer is interrupted or has ended, or the task is cancelled.
    func untilInterrupted() async { for await _ in interrupted.stream {} }

    // MARK: Reading

    typealias Piece = (bytes: [UInt8], isEnded: Bool)

    /// The bytes since `offset`; none when the time is over first. `beat` then gives a sign of life.
    func read(
        from offset: Int, until deadline: UInt64, beat: () -> [UInt8] = { [] }
    ) async throws -> Piece {
        alarms.cancel(leaseID)
        let reader = state.withLock { state in
            state.reader += 1
            return state.reader
        }
        do {
            let piece = try await next(reader, offset, deadline, beat)
            if !isOver { rent(Self.lease) }
            return piece
        } catch {
            if !isOver { rent(Self.shortLease) }
            throw error
        }
    }

    /// Gives it up unless somebody reads on in time.
    func rent(_ time: Duration = lease) {
        alarms.set(leaseID, at: monotonic() &+ time.nanoseconds) { [weak self] in
            self?.interrupt(.gone)
        }
    }

    private func next(
        _ reader: UInt64, _ offset: Int, _ deadline: UInt64, _ beat: () -> [UInt8]
    ) async throws -> Piece {
        while true {
            if let piece = try take(reader, offset) { return piece }
            try Task.checkCancellation()
            guard monotonic() < deadline else {
                state.withLock { state in
                    guard state.bytes.isEmpty, !state.isEnded, state.head != nil else { return }
                    state.bytes = beat()
                }
                return try take(reader, offset) ?? ([], false)
            }
            await wait(reader, offset, until: deadline)
        }
    }

    private func take(_ reader: UInt64, _ offset: Int) throws -> Piece? {
        let (piece, writer) = try state.withLock { state throws(Fault) in
            guard state.interruption != .gone else {
                throw Fault(.notFound, "this answer was given up")
            }
            guard state.reader == reader else {
                throw Fault(.conflict, "this answer is read by a later call")
            }
            guard offset >= state.base, offset <= state.base + state.bytes.count else {
                throw Fault(.invalid, "the offset is outside of what is left of the answer")
            }
            if offset > state.base {
                state.bytes.removeFirst(offset - state.base)
                state.base = offset
            }
            let count = min(state.bytes.count, Self.largestPiece)
            let isEnd = state.isEnded && count == state.bytes.count
            guard count > 0 || isEnd else { return (nil as Piece?, nil as Waiting?) }
            let piece = Piece(Array(state.bytes.prefix(count)), isEnd)
            if isEnd {
                state.base += count
                state.bytes = []
            }
            // What was handed out is kept until the next read says that it came.
            let isEasy = state.bytes.count - count <= Self.highWater
            defer { if isEasy { state.writer = nil } }
            return (piece, isEasy ? state.writer : nil)
        }
        writer?.resume()
        return piece
    }

    private typealias Waiting = CheckedContinuation<Void, Never>

    private func wait(_ reader: UInt64, _ offset: Int, until deadline: UInt64) async {
        let id = alarms.makeID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let (isNews, other) = state.withLock { state -> (Bool, Waiting?) in
                    let isNews =
                        state.base + state.bytes.count > offset || state.isEnded
                        || state.interruption == .gone || state.reader != reader
                        || Task.isCancelled
                    guard !isNews else { return (true, nil) }
                    defer { state.waiter = waiter }
                    return (false, state.waiter)
                }
                other?.resume()
                if isNews { return waiter.resume() }
                alarms.set(id, at: deadline) { [weak self] in self?.wake() }
            }
        } onCancel: {
            wake()
        }
        alarms.cancel(id)
    }

    private func wake() {
        state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }
}
