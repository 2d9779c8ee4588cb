import Contracts
import Dialects
import EventLoop
import Glibc
import MeshContract
import Synchronization

/// The text of one answer in memory, while it is written and for a while after: one writes, any
/// number read, and who has read all of it waits for more.
final class LiveAnswer: Sendable {
    /// How an answer ends.
    enum End: Sendable {
        case completed(Providers.Completion)
        case failed(Fault)
    }

    /// Why an answer is to end before its time.
    enum Interruption: Sendable { case cancelled, stopped }

    /// What the writing has come to, for the books.
    struct Figures: Sendable {
        var bytes = 0
        var newest: Int64 = 0
    }

    private struct State {
        var text: [UInt8] = []
        /// When the text had grown so far, once for about every 64 KiB.
        var marks: [(end: Int, at: Int64)] = []
        var figures = Figures()
        var end: End?
        var interruption: Interruption?
        var waits: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Those who wait, and those who are about to.
        var waiting = 0
        var slot: Answers.Slot?
    }

    static let largestAnswer = 8 << 20
    static let largestPiece = 256 << 10
    static let mostWaits = 64

    let info: Providers.StreamInfo
    let digest: String
    /// On the monotonic clock.
    let startedAt = monotonic()
    private let alarms: Alarms
    private let state: Mutex<State>
    private let interrupted = AsyncStream.makeStream(of: Never.self)

    /// An answer that is about to be written. It holds its slot until it ends.
    init(_ info: Providers.StreamInfo, digest: String, slot: Answers.Slot?, alarms: Alarms) {
        (self.info, self.digest, self.alarms) = (info, digest, alarms)
        var state = State()
        state.slot = slot
        self.state = Mutex(state)
    }

    /// An answer that has ended, as it was kept.
    init(
        _ info: Providers.StreamInfo, digest: String, text: String, newest: Int64, end: End,
        alarms: Alarms
    ) {
        (self.info, self.digest, self.alarms) = (info, digest, alarms)
        var state = State()
        state.text = Array(text.utf8)
        state.figures.bytes = state.text.count
        state.figures.newest = newest
        state.end = end
        self.state = Mutex(state)
    }

    var end: End? { state.withLock { $0.end } }
    /// True when only another attempt can bring the answer.
    var hasFailed: Bool {
        if case .failed = end { true } else { false }
    }
    var figures: Figures { state.withLock { $0.figures } }
    var text: String { state.withLock { String(decoding: $0.text, as: UTF8.self) } }
    var interruption: Interruption? { state.withLock { $0.interruption } }

    // MARK: Writing

    /// Adds text and wakes whoever waits for it.
    func append(_ text: String) throws(Fault) {
        let now = wallNanoseconds()
        let waits = try state.withLock { state throws(Fault) in
            guard state.end == nil else { return [CheckedContinuation<Void, Never>]() }
            guard state.text.count + text.utf8.count <= Self.largestAnswer else {
                throw Fault(.upstream, "the answer is longer than \(Self.largestAnswer >> 20) MiB")
            }
            state.text.append(contentsOf: text.utf8)
            state.figures.bytes = state.text.count
            state.figures.newest = now
            if state.text.count - (state.marks.last?.end ?? 0) >= 64 << 10 {
                state.marks.append((state.text.count, now))
            }
            defer { state.waits.removeAll() }
            return Array(state.waits.values)
        }
        for wait in waits { wait.resume() }
    }

    /// Adds the text of what comes.
    func hear(_ events: [ModelEvent]) throws(Fault) {
        var text = ""
        for case .text(_, let more) in events { text += more }
        if !text.isEmpty { try append(text) }
    }

    /// Says how the answer has ended, once; who waits hears of it.
    func finish(_ end: End) {
        let (waits, slot) = state.withLock { state in
            if state.end == nil { state.end = end }
            defer {
                state.waits.removeAll()
                state.slot = nil
            }
            return (Array(state.waits.values), state.slot)
        }
        interrupted.continuation.finish()
        for wait in waits { wait.resume() }
        withExtendedLifetime(slot) {}  // let go here, and not within the lock
    }

    // MARK: Interrupting

    /// Asks the writer to stop; the first reason stands.
    func interrupt(_ reason: Interruption) {
        state.withLock { $0.interruption = $0.interruption ?? reason }
        interrupted.continuation.finish()
    }

    /// Returns when the answer is interrupted or has ended, or the task is cancelled.
    func untilInterrupted() async { for await _ in interrupted.stream {} }

    // MARK: Reading

    /// Answers with the text since `offset`, or waits for it until `deadline`.
    func read(from offset: Int, until deadline: UInt64) async throws -> Providers.StreamPiece {
        while true {
            if let piece = try take(offset) { return piece }
            try Task.checkCancellation()
            guard monotonic() < deadline else {
                return Providers.StreamPiece(
                    text: "", nextOffset: offset, leftProviderAt: 0, completion: nil)
            }
            try await wait(past: offset, until: deadline)
        }
    }

    /// Waits for the end; false when the time is over first.
    func ended(by deadline: UInt64) async throws -> Bool {
        while end == nil {
            try Task.checkCancellation()
            guard monotonic() < deadline else { return false }
            try await wait(past: .max, until: deadline)
        }
        return true
    }

    /// What there is now; nil for nothing new. A failure is told once all text has been read.
    private func take(_ offset: Int) throws(Fault) -> Providers.StreamPiece? {
        try state.withLock { state throws(Fault) -> Providers.StreamPiece? in
            let count = state.text.count
            guard offset >= 0, offset <= count else {
                throw Fault(.invalid, "the offset is outside of the answer", detail: "0...\(count)")
            }
            guard offset < count else { return try Self.ending(state.end, at: offset) }
            guard !Self.isInside(state.text[offset]) else {
                throw Fault(.invalid, "the offset is within a character")
            }
            var end = min(offset + Self.largestPiece, count)
            while end < count, Self.isInside(state.text[end]) { end -= 1 }
            var completion: Providers.Completion?
            if end == count, case .completed(let value) = state.end { completion = value }
            let mark = end == count ? nil : state.marks.first { $0.end >= end }
            return Providers.StreamPiece(
                text: String(decoding: state.text[offset..<end], as: UTF8.self), nextOffset: end,
                leftProviderAt: mark?.at ?? state.figures.newest, completion: completion)
        }
    }

    private static func ending(
        _ end: End?, at offset: Int
    ) throws(Fault) -> Providers.StreamPiece? {
        switch end {
        case nil: return nil
        case .failed(let fault): throw fault
        case .completed(let completion):
            return Providers.StreamPiece(
                text: "", nextOffset: offset, leftProviderAt: 0, completion: completion)
        }
    }

    /// True for every byte of a character but its first.
    private static func isInside(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    private func wait(past offset: Int, until deadline: UInt64) async throws(Fault) {
        let hasPlace = state.withLock { state in
            guard state.waiting < Self.mostWaits else { return false }
            state.waiting += 1
            return true
        }
        guard hasPlace else {
            throw Fault(.overloaded, "\(Self.mostWaits) readers wait for this answer already")
        }
        defer { state.withLock { $0.waiting -= 1 } }
        let id = alarms.makeID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { wait in
                let isNews = state.withLock { state in
                    // A task that was cancelled before this line has rung in vain.
                    if state.text.count > offset || state.end != nil || Task.isCancelled {
                        return true
                    }
                    state.waits[id] = wait
                    return false
                }
                if isNews { return wait.resume() }
                alarms.set(id, at: deadline) { [weak self] in self?.wake(id) }
            }
        } onCancel: {
            wake(id)
        }
        alarms.cancel(id)
    }

    private func wake(_ id: UInt64) {
        state.withLock { $0.waits.removeValue(forKey: id) }?.resume()
    }
}

/// Wall nanoseconds since 1970.
func wallNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
