/// Runs parts together: started in order, stopped in reverse, all within one deadline.
public struct RunGroup: Sendable {
    private enum Event: Sendable {
        case ended(Result<Void, any Error>)
        case signal
        case cancelled
        case stopped
        case late
    }

    /// How long parts that were cancelled, because the drain is over, have to notice it.
    private static let lastMoment = Duration.milliseconds(500)

    private let parts: [Running]
    private let drain: Duration

    /// `drain` is how long the parts may take to finish, together, once asked to stop.
    public init(_ parts: [Running], drain: Duration = .seconds(10)) {
        (self.parts, self.drain) = (parts, drain)
    }

    /// Runs until a part has ended, a signal has asked for the end, or the task was cancelled; then
    /// stops all parts. Throws what the part threw that ended first.
    ///
    /// Past the drain, or at a second signal, the parts' tasks are cancelled. One that does not heed
    /// even that is left behind: the process is to end.
    public func run(
        signals: @escaping @Sendable () -> AsyncStream<Int32> = Signals.stream
    ) async throws {
        let (events, tell) = AsyncStream.makeStream(of: Event.self)
        let heard = signals()
        let watch = Task {
            for await _ in heard { tell.yield(.signal) }
        }
        // Its own task, for in a cancelled one nothing could be waited for any more.
        let conductor = Task {
            defer { watch.cancel() }
            return try await conduct(events, tell)
        }
        try await withTaskCancellationHandler {
            try await conductor.value
        } onCancel: {
            tell.yield(.cancelled)
        }
    }

    private func conduct(
        _ events: AsyncStream<Event>, _ tell: AsyncStream<Event>.Continuation
    ) async throws {
        // Immediate: each part has come to its first wait before the next one starts.
        let tasks = parts.map { part in Task.immediate { try await part.run() } }
        for task in tasks {
            Task { tell.yield(.ended(await task.result)) }
        }
        var coming = events.makeAsyncIterator()
        var end = Result<Void, any Error>.success(())
        if case .ended(let result) = await coming.next() { end = result }
        await stop(tasks, &coming, tell)
        try end.get()
    }

    private func stop(
        _ tasks: [Task<Void, any Error>], _ coming: inout AsyncStream<Event>.Iterator,
        _ tell: AsyncStream<Event>.Continuation
    ) async {
        let stopper = Task {
            for (part, task) in zip(parts, tasks).reversed() {
                await part.stop()
                task.cancel()
                _ = await task.result
            }
            tell.yield(.stopped)
        }
        let timer = Task {
            try await Task.sleep(for: drain)
            tell.yield(.late)
        }
        var isOver = await wait(&coming, for: [.late, .signal])
        timer.cancel()
        guard !isOver else { return }
        stopper.cancel()
        for task in tasks { task.cancel() }
        let last = Task {
            try await Task.sleep(for: Self.lastMoment)
            tell.yield(.late)
        }
        isOver = await wait(&coming, for: [.late])
        last.cancel()
    }

    private enum Interruption { case late, signal }

    /// True when all parts have stopped, false when something came first.
    private func wait(
        _ coming: inout AsyncStream<Event>.Iterator, for interruptions: Set<Interruption>
    ) async -> Bool {
        while let event = await coming.next() {
            switch event {
            case .stopped: return true
            case .late where interruptions.contains(.late): return false
            case .signal where interruptions.contains(.signal): return false
            default: continue
            }
        }
        return false
    }
}
