import Contracts
import EventLoop
import Lifecycle
import Log
import Mesh
import Synchronization

/// Books what served answers have used, some time after they were sent: all that wait, in one
/// transaction. While the disk refuses, they are kept, and past a number nothing more is served.
final class Bookkeeper: Sendable {
    private static let most = 20_000
    /// Between two transactions: many answers share one, and few have to wait beside it.
    private static let pause = Duration.milliseconds(250)
    private static let longPause = Duration.seconds(1)

    private let store: AnswerStore
    private let publisher: any EventPublisher
    private let log: Log
    private let entries = Mutex<[Providers.UsageEntry]>([])
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(store: AnswerStore, publisher: any EventPublisher, log: Log) {
        (self.store, self.publisher, self.log) = (store, publisher, log)
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// True when no more is to be begun: what it costs could not be remembered.
    var isFull: Bool { entries.withLock { $0.count >= Self.most } }

    func take(_ entry: Providers.UsageEntry) {
        let isFirst = entries.withLock { entries in
            entries.append(entry)
            return entries.count == 1
        }
        if isFirst { ring.yield() }
    }

    /// Told to stop, it books the rest.
    var job: Running {
        Running("books", run: run, stop: { [self] in await book() })
    }

    private func run() async {
        for await _ in bell {
            let isBooked = await book()
            // Ends early when the service stops.
            try? await Task.sleep(for: isBooked ? Self.pause : Self.longPause)
            if entries.withLock({ !$0.isEmpty }) { ring.yield() }
        }
    }

    @discardableResult
    func book() async -> Bool {
        let some = entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
        guard !some.isEmpty else { return true }
        do {
            publisher.publish(Providers.UsageRecorded(last: try await store.book(some)))
            return true
        } catch {
            log.error("what was used could not be booked", ["error": "\(error)"])
            entries.withLock { $0 = some + $0 }
            return false
        }
    }
}
