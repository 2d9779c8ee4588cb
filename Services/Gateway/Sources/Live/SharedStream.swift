import HTTP
import REST

/// That a person watches a run of a workspace: `end` is called when they may not any more.
final class WatchPass: Sendable {
    private let watches: SharedWatches
    private let number: Int

    init(
        of workspace: String, by person: String, in watches: SharedWatches,
        end: @escaping @Sendable () -> Void
    ) {
        self.watches = watches
        number = watches.enter(workspace, person, end: end)
    }

    /// Also when nothing was ever watched with it.
    deinit { leave() }

    func leave() { watches.leave(number) }
}

/// A stream of a workspace's run, which ends when its watcher may not watch any more.
final class SharedStream: WatchedBody {
    private let body: any WatchedBody
    private let pass: WatchPass

    init(_ body: any WatchedBody, _ pass: WatchPass) { (self.body, self.pass) = (body, pass) }

    func begin(_ writer: ResponseWriter, ended: @escaping @Sendable () -> Void) {
        body.begin(writer) { [self] in
            pass.leave()
            ended()
        }
    }

    func stop() { body.stop() }
}
