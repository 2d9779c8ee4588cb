/// Something that runs until its task is cancelled or its work is over.
public struct Running: Sendable {
    public let name: String
    let run: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void

    /// `stop` asks it to finish what it has in hand; `run` must then return.
    public init(
        _ name: String, run: @escaping @Sendable () async throws -> Void,
        stop: @escaping @Sendable () async -> Void = {}
    ) {
        (self.name, self.run, self.stop) = (name, run, stop)
    }
}

/// Runs parts together: started in order, stopped in reverse, all within one deadline.
public struct RunGroup: Sendable {
    private let parts: [Running]
    private let drain: Duration

    /// `drain` is how long the parts may take to finish, together, once asked to stop.
    public init(_ parts: [Running], drain: Duration = .seconds(10)) {
        (self.parts, self.drain) = (parts, drain)
    }

    /// Returns when a part has ended, a signal has asked for it, or the task was cancelled.
    /// Throws what the part threw that ended first. A second signal ends the wait for the drain.
    public func run(
        signals: @escaping @Sendable () -> AsyncStream<Int32> = Signals.stream
    ) async throws {
        let tasks = parts.map { part in (part, Task { try await part.run() }) }
        let first = await firstEnd(tasks.map(\.1), signals())
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for (part, task) in tasks.reversed() {
                    await part.stop()
                    task.cancel()
                    _ = await task.result
                }
            }
            group.addTask { try? await Task.sleep(for: drain) }  // ends early only when cancelled
            group.addTask { for await _ in signals() { return } }
            await group.next()
            for (_, task) in tasks { task.cancel() }
            group.cancelAll()
        }
        if case .failure(let error) = first { throw error }
    }

    private func firstEnd(
        _ tasks: [Task<Void, any Error>], _ signals: AsyncStream<Int32>
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>.self) { group in
            let (ends, tell) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
            for task in tasks {
                Task { tell.yield(await task.result) }
            }
            group.addTask {
                for await end in ends { return end }
                return .success(())
            }
            group.addTask {
                for await _ in signals { break }
                return .success(())
            }
            defer { group.cancelAll() }
            return await group.next() ?? .success(())
        }
    }
}

extension Running {
    /// Runs the part alone, outside a group: for tests.
    public func start() async throws { try await run() }

    /// Runs until cancelled: for a part whose work happens elsewhere.
    public static let idle: @Sendable () async throws -> Void = {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        defer { continuation.finish() }
        for await _ in stream {}
    }
}
