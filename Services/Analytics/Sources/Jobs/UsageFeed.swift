import Contracts
import Lifecycle
import Log
import Mesh
import MeshContract

/// Counts the providers' usage log as it grows: at each hint, and every few seconds for the hints
/// that were lost.
struct UsageFeed: Sendable {
    static let batch = 500
    /// After a failed read; the clock may take longer.
    static let retryPause = Duration.seconds(1)

    let source: UsageSource
    let store: AnalyticsStore
    let directory: MeshDirectory
    let pause: Duration
    let log: Log

    var job: Running {
        Running("usage-feed") {
            // However many hints come while a batch is read, one more look answers them all.
            let (bell, ring) = AsyncStream.makeStream(
                of: Void.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await listen { ring.yield() } }
                group.addTask {
                    while !Task.isCancelled {
                        ring.yield()
                        try await Task.sleep(for: pause)
                    }
                }
                group.addTask { try await follow(bell) { ring.yield() } }
                try await group.waitForAll()
            }
        }
    }

    /// Reads and counts until the log has no more; answers with how far that was.
    @discardableResult
    func catchUp() async throws -> Int64 {
        var last = try await store.cursor()
        while true {
            try Task.checkCancellation()
            let entries = try await source.read(last, Self.batch)
            let newest = entries.isEmpty ? last : try await store.count(entries)
            // A source that repeats itself must not keep this loop busy.
            guard newest > last else { return last }
            last = newest
        }
    }

    private func listen(_ ring: @escaping @Sendable () -> Void) async {
        do {
            let hints = try EventSubscription(Providers.UsageRecorded.self, in: directory)
            let heard = { (_: Providers.UsageRecorded) in ring() }
            await hints.forEach(heard)
        } catch {
            log.warning("no hints of usage; it is read by the clock", ["error": "\(error)"])
        }
    }

    private func follow(_ bell: AsyncStream<Void>, _ ring: () -> Void) async throws {
        var isFailing = false
        for await _ in bell {
            do {
                try await catchUp()
                if isFailing { log.info("the usage log is read again") }
                isFailing = false
            } catch {
                try Task.checkCancellation()
                // The owner may be starting: that is said once, and is no error.
                if !isFailing { log.warning("the usage log waits", ["error": "\(error)"]) }
                isFailing = true
                try await Task.sleep(for: min(pause, Self.retryPause))
                ring()
            }
        }
    }
}
