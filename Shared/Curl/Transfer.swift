import Synchronization

/// Status and header fields of a response.
struct Head: Sendable {
    var status = 0
    var headers = ResponseHeaders()
}

/// One exchange: what libcurl has delivered, and who waits for it.
///
/// Unchecked: `state` is a mutex; what stands below the mark is touched by the loop's thread only.
final class Transfer: @unchecked Sendable {
    private struct State {
        var head: Head?
        var bytes: [UInt8] = []
        var paused = false
        var outcome: Result<Void, HTTPClientError>?
        var waiter: Waiter?
    }

    let request: ClientRequest
    /// Bytes a stream may hold before it pauses; nil reads to the end.
    let readAhead: Int?
    private let state = Mutex(State())

    // The loop's thread only, from here on.
    var carrier: (any Carrier)?
    /// Libcurl's, where it carries.
    var easy: UnsafeMutableRawPointer?
    var uploaded = 0
    /// The connection of our own that carries it.
    var connection: PlainConnection?
    var deadline = UInt64.max
    var lastByte: UInt64 = 0
    /// Something of it has gone over a connection that a server may have read from.
    var wasSent = false
    /// What we refused ourselves: libcurl reports it as a failed write.
    var refusal: HTTPClientError?
    private var draft = Head()
    private var draftBytes = 0
    private var headDone = false
    private var received = 0

    /// Larger heads are refused.
    private static let headLimit = 64 << 10

    init(_ request: ClientRequest, readAhead: Int?) {
        self.request = request
        self.readAhead = readAhead
    }

    var isFinished: Bool { state.withLock { $0.outcome != nil } }
    /// Set where there was no room, and cleared on the loop, which notes at the same time that the
    /// silence was not the server's.
    var isPaused: Bool {
        get { state.withLock { $0.paused } }
        set { state.withLock { $0.paused = newValue } }
    }

    // MARK: The reader's side, from any thread

    /// Answers at once or later. True when the transfer was held back and should go on.
    @discardableResult
    func wait(_ waiter: Waiter) -> Bool {
        let (ready, resume) = state.withLock { state -> (Delivery?, Bool) in
            if state.waiter != nil {
                return (waiter.failing(.other("two readers of one stream")), false)
            }
            state.waiter = waiter
            let ready = Self.take(&state)
            return (ready, state.paused && state.bytes.isEmpty && state.outcome == nil)
        }
        ready?.send()
        return resume
    }

    /// False when it had ended already.
    func cancel() -> Bool {
        let (ready, live) = state.withLock { state -> (Delivery?, Bool) in
            let live = state.outcome == nil
            state.outcome = .failure(.cancelled)
            state.bytes = []
            return (Self.take(&state), live)
        }
        ready?.send()
        return live
    }

    // MARK: The carrier's side

    func finish(_ outcome: Result<Void, HTTPClientError>) {
        let ready = state.withLock { state -> Delivery? in
            if state.outcome == nil { state.outcome = outcome }
            return Self.take(&state)
        }
        ready?.send()
    }

    /// False when the reader is behind: the transfer is to be held back until it is resumed.
    func hasRoom() -> Bool {
        guard let readAhead else { return true }
        return state.withLock { state in
            guard state.bytes.count >= readAhead else { return true }
            state.paused = true
            return false
        }
    }

    /// Takes body bytes, of which there may be one read more than there is room for.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        let ready = state.withLock { state -> Delivery? in
            state.bytes.append(contentsOf: bytes)
            return Self.take(&state)
        }
        ready?.send()
        received += bytes.count
        if received > request.maxBody { refusal = .tooLarge }
    }

    /// Takes one line of the head, of so many bytes. An interim response is forgotten; trailers are
    /// not kept.
    func receive(_ line: HeadLine, bytes: Int) {
        draftBytes += bytes
        if draftBytes > Self.headLimit { refusal = .tooLarge }
        guard !headDone else { return }
        switch line {
        case .status(let code, _): draft = Head(status: code)
        case .field(let name, let value):
            draft.headers.append(String(decoding: name, as: UTF8.self), Self.trimmed(value))
        case .end: endHead()
        case .other: break
        }
    }

    private func endHead() {
        guard draft.status >= 200 else { return }
        headDone = true
        let ready = state.withLock { state -> Delivery? in
            state.head = draft
            return Self.take(&state)
        }
        ready?.send()
    }

    private static func trimmed(_ value: HeadLine.Text) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = value.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) }
        return String(decoding: start[..<(end ?? start.startIndex)], as: UTF8.self)
    }

    // MARK: Matching the two

    /// What the waiter gets now, if anything: bytes before an error, an error before nothing.
    private static func take(_ state: inout State) -> Delivery? {
        guard let waiter = state.waiter, let delivery = delivery(to: waiter, &state) else {
            return nil
        }
        state.waiter = nil
        return delivery
    }

    private static func delivery(to waiter: Waiter, _ state: inout State) -> Delivery? {
        if case .head(let answer) = waiter, let head = state.head {
            return .head(answer, .success(head))
        }
        if case .chunk(let answer) = waiter, !state.bytes.isEmpty {
            var bytes: [UInt8] = []
            swap(&bytes, &state.bytes)
            return .chunk(answer, .success(bytes))
        }
        switch (waiter, state.outcome) {
        case (_, nil): return nil
        case (_, .failure(let error)): return waiter.failing(error)
        case (.chunk(let answer), .success): return .chunk(answer, .success(nil))
        case (.head, .success): return waiter.failing(.truncated)
        case (.whole(let answer), .success):
            guard let head = state.head else { return waiter.failing(.truncated) }
            return .whole(
                answer,
                .success(
                    ClientResponse(
                        status: head.status, headers: head.headers, body: state.bytes)))
        }
    }
}
