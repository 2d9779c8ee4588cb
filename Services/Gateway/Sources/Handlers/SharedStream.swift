import HTTP
import REST

/// A stream of a workspace's run, which ends when its watcher may not watch any more.
final class SharedStream: WatchedBody {
    private let body: any WatchedBody
    private let watches: SharedWatches
    private let watch: Int

    init(
        _ body: any WatchedBody, of workspace: String, by person: String, in watches: SharedWatches
    ) {
        (self.body, self.watches) = (body, watches)
        watch = watches.enter(workspace, person) { body.stop() }
    }

    /// Also when it was never begun.
    deinit { watches.leave(watch) }

    func begin(_ writer: ResponseWriter, ended: @escaping @Sendable () -> Void) {
        body.begin(writer) { [self] in
            watches.leave(watch)
            ended()
        }
    }

    func stop() { body.stop() }
}
