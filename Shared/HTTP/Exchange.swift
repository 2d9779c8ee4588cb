import EventLoop
import Synchronization

/// One request and its answer: what `BodyStream` and `ResponseWriter` speak to, so that a writer
/// kept too long cannot reach into the answer of the next request.
///
/// Unchecked: `shared` is a mutex; everything below the mark is touched by the loop's thread only.
final class Exchange: @unchecked Sendable {
    enum Answer: Equatable {
        case none, chunked, untilClose, done, upgraded
        case length(remaining: Int)
        /// HEAD, 204 and 304: what is written goes nowhere.
        case silent
    }

    private struct Shared {
        var closed = false
        var callbacks: [@Sendable () -> Void] = []
    }

    /// The most that `next` gives at once.
    private static let maxPiece = 64 * 1024

    let loop: EventLoop
    let limits: HTTPLimits
    let declaredLength: Int?
    let isHead: Bool
    let minor: Int
    private let shared = Mutex(Shared())

    // The loop's thread only, from here on.
    var connection: Connection?
    var task: Task<Void, Never>?
    /// How many tasks were started for it.
    var tasks = 0
    /// The number of the last one that has ended.
    var ended = 0
    var answer = Answer.none
    var keepAlive: Bool
    /// Whether the answer goes on without its handler.
    var isDetached = false
    var writers: [Waiter<Void>] = []
    /// Bytes written since a writer last gave others a turn.
    var burst = 0
    private(set) var body: BodyDecoder
    private(set) var reader: Waiter<[UInt8]?>?
    private(set) var fault: HTTPError?
    private(set) var owesContinue: Bool
    private var stash: Result<[UInt8]?, HTTPError>?
    private var pace: BodyPace

    init(_ connection: Connection, framing: Framing, body: BodyDecoder, isHead: Bool) {
        self.connection = connection
        self.body = body
        self.isHead = isHead
        loop = connection.listener.loop
        limits = connection.limits
        minor = framing.minor
        keepAlive = framing.keepAlive
        owesContinue = framing.expectsContinue
        declaredLength = framing.body == .chunked ? nil : body.remaining
        pace = BodyPace(rate: limits.minBodyRate, grace: limits.bodyGrace)
    }

    // MARK: From any thread

    var isClosed: Bool { shared.withLock { $0.closed } }

    func onClose(_ callback: @escaping @Sendable () -> Void) {
        let late = shared.withLock { state in
            if !state.closed { state.callbacks.append(callback) }
            return state.closed
        }
        if late { callback() }
    }

    /// Has the loop do something that `waiter` is told of. A loop that has ended does nothing more.
    func perform<Value>(
        for waiter: Waiter<Value>, _ work: @escaping @Sendable () -> Void
    ) {
        if !loop.perform(work) { waiter.resolve(.failure(.closed)) }
    }

    /// What `waiter` gets. Who is cancelled because the peer has gone hears the cause.
    nonisolated(nonsending) func value<Value>(of waiter: Waiter<Value>) async throws(HTTPError)
        -> Value
    {
        do throws(HTTPError) {
            return try await waiter.value()
        } catch {
            throw error == .cancelled && isClosed ? .closed : error
        }
    }

    // MARK: The body

    /// The handler takes no more of the body than this; the core says so, if the handler does not.
    func refuseBody(over limit: Int) {
        if fault == nil { fault = .bodyTooLarge(limit: limit) }
    }

    /// What can be had without waiting; nil when nothing can.
    func takeBody() -> Result<[UInt8]?, HTTPError>? {
        if let stash {
            self.stash = nil
            return stash
        }
        if let fault { return .failure(fault) }
        if body.isComplete { return .success(nil) }
        guard let connection else { return .failure(.closed) }
        var piece: [UInt8] = []
        piece.reserveCapacity(min(connection.input.count, Self.maxPiece))
        do throws(Refusal) {
            try connection.input.take { bytes throws(Refusal) in
                (try body.decode(bytes, into: &piece, room: Self.maxPiece), ())
            }
        } catch {
            let fault = Self.fault(error, limit: limits.maxBody)
            self.fault = fault
            return .failure(fault)
        }
        connection.updateInterest()
        guard piece.isEmpty else {
            owesContinue = false
            pace.received(piece.count)
            if answer == .none { connection.setAnswerDeadline(limits.answerTimeout) }
            return .success(piece)
        }
        return body.isComplete ? .success(nil) : nil
    }

    func wantBody(_ waiter: Waiter<[UInt8]?>) {
        if let reader, !reader.isResolved {
            waiter.resolve(.failure(.misuse("two readers of one body")))
            return
        }
        if let ready = takeBody() {
            if !waiter.resolve(ready) { stash = ready }
            return
        }
        reader = waiter
        connection?.setBodyDeadline(pace.begin(at: monotonic()))
        if owesContinue && answer == .none {
            owesContinue = false
            connection?.output.append(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            connection?.flushOutput()
        }
        connection?.updateInterest()
    }

    /// Bytes have come; whoever waits for them gets them.
    func bodyArrived() {
        guard let waiter = reader else { return }
        guard !waiter.isResolved else { return stopWaiting() }
        guard let ready = takeBody() else {
            // Framing alone is no progress, or a peer could send nothing but that.
            return
        }
        stopWaiting()
        if !waiter.resolve(ready) { stash = ready }
    }

    func bodyTimedOut() {
        guard let waiter = reader else { return }
        stopWaiting()
        guard !waiter.isResolved else { return }
        fault = .timedOut
        waiter.resolve(.failure(.timedOut))
    }

    private func stopWaiting() {
        reader = nil
        pace.end(at: monotonic())
        connection?.setBodyDeadline(.max)
        connection?.updateInterest()
    }

    private static func fault(_ refusal: Refusal, limit: Int) -> HTTPError {
        refusal == .bodyTooLarge ? .bodyTooLarge(limit: limit) : .malformedBody(refusal.code)
    }

    // MARK: The end

    /// Whether the peer and this side agree on where the next request begins.
    var canKeepAlive: Bool { keepAlive && fault == nil && !owesContinue }

    /// Answered and over.
    func end() { release(running: []) }

    /// The connection is gone: cancels a handler whose answer nobody will read.
    func abandon(isRead: Bool = false) {
        let unread = answer == .done || isRead ? nil : task
        release(running: shared.withLock { $0.callbacks })
        // Last, so that those who wait hear `closed` and not `cancelled`.
        unread?.cancel()
    }

    private func release(running callbacks: [@Sendable () -> Void]) {
        connection = nil
        task = nil
        shared.withLock { state in
            state.closed = true
            state.callbacks = []
        }
        reader?.resolve(.failure(.closed))
        reader = nil
        let waiting = writers
        writers = []
        for writer in waiting { writer.resolve(.failure(.closed)) }
        for callback in callbacks { callback() }
    }
}
