import Lifecycle
import Log

/// Forgets what was noteworthy long ago, whether or not somebody has read it.
struct NoteworthyTidying: Sendable {
    private static let pause = Duration.seconds(600)

    let store: NoteworthyStore
    let now: @Sendable () -> Int64
    let log: Log

    var job: Running {
        Running("noteworthy-tidying") {
            while true {
                await tidy()
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    func tidy() async {
        do {
            var count = 0
            repeat {
                count = try await store.forget(before: now() - NoteworthyStore.keptFor)
            } while count > 0 && !Task.isCancelled
        } catch {
            log.warning("what was noteworthy could not be forgotten", ["error": "\(error)"])
        }
    }
}
