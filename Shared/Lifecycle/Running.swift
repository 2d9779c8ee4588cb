/// Something that runs until its task is cancelled or its work is over.
public struct Running: Sendable {
    public let name: String
    let run: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void

    /// `stop` asks it to finish what it has in hand; its task is cancelled right afterwards.
    public init(
        _ name: String, run: @escaping @Sendable () async throws -> Void,
        stop: @escaping @Sendable () async -> Void = {}
    ) {
        (self.name, self.run, self.stop) = (name, run, stop)
    }

    /// Runs the part alone, outside a group: for tests.
    public func start() async throws { try await run() }

    /// Runs until cancelled: for a part whose work happens elsewhere.
    public static let idle: @Sendable () async throws -> Void = {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        defer { continuation.finish() }
        for await _ in stream {}
    }
}
