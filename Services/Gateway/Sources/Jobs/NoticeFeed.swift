import Contracts
import Lifecycle
import Log
import Mesh
import MeshContract

/// Takes what the orchestrator has noted and makes notices of it: each once, whoever is killed when.
struct NoticeFeed: Sendable {
    /// An orchestrator that stops waits for who asks it.
    private static let wait = 1_000
    private static let batch = 200
    private static let pause = Duration.milliseconds(250)
    private static let longestPause = Duration.seconds(5)

    let store: NoticeStore
    let mesh: MeshClient
    let making: NoticeStore.Making
    let log: Log

    var job: Running {
        Running("notices") {
            var failures = 0
            while true {
                do {
                    let count = try await turn(waiting: Self.wait)
                    failures = 0
                    if count > 0 { continue }
                } catch {
                    try Task.checkCancellation()
                    // The orchestrator may be starting: that is said once.
                    if failures == 0 {
                        log.warning("what is noteworthy cannot be taken", ["error": "\(error)"])
                    }
                    failures += 1
                }
                try await Task.sleep(
                    for: min(Self.pause * (1 << min(failures, 6)), Self.longestPause))
            }
        }
    }

    /// One look, which may wait for something to be there; answers with how many it took.
    func turn(waiting wait: Int = 0) async throws -> Int {
        let last = try await store.cursor()
        let page = try await mesh.call(
            Orchestrator.ListNoteworthy(after: last, limit: Self.batch, waitMilliseconds: wait),
            within: .seconds(10) + .milliseconds(wait))
        if page.newest < last {
            // A copy was brought back there: what happens from now on has those numbers again.
            log.warning(
                "the orchestrator's numbers begin again",
                ["taken": "\(last)", "newest": "\(page.newest)"])
            try await store.move(to: page.newest)
        }
        guard !page.entries.isEmpty else { return 0 }
        try await store.take(page.entries, making)
        return page.entries.count
    }
}
