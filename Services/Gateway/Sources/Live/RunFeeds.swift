import MeshContract
import Synchronization

/// The runs that are being watched now, each with its one feed. What one user sees is never another's:
/// a feed is of a run and a user.
final class RunFeeds: Sendable {
    private struct Key: Hashable {
        let user: String
        let run: String
    }

    private struct Entry {
        var feed: RunFeed
        var watchers = 0
    }

    private let most: Int
    private let ringBytes: Int
    private let feeds = Mutex<[Key: Entry]>([:])

    /// Each feed has a call in hand at the orchestrator, which takes 4,096 from everybody.
    init(most: Int, ringBytes: Int) { (self.most, self.ringBytes) = (most, ringBytes) }

    /// How many runs are followed.
    var count: Int { feeds.withLock { $0.count } }

    /// The feed of a run, which `leave` gives back.
    func enter(user: String, run: String) throws(Fault) -> RunFeed {
        let key = Key(user: user, run: run)
        let feed = feeds.withLock { feeds -> RunFeed? in
            // One that has ended says nothing of a run that was begun again.
            var entry = feeds[key].flatMap { $0.feed.isEnded ? nil : $0 }
            if entry == nil {
                guard feeds.count < most || feeds[key] != nil else { return nil }
                entry = Entry(feed: RunFeed(ringBytes: ringBytes))
            }
            entry?.watchers += 1
            feeds[key] = entry
            return entry?.feed
        }
        guard let feed else {
            throw Fault(
                .overloaded, "\(most) runs are watched already", retryAfterMilliseconds: 5_000)
        }
        return feed
    }

    func leave(_ feed: RunFeed, user: String, run: String) {
        let key = Key(user: user, run: run)
        feeds.withLock { feeds in
            guard let entry = feeds[key], entry.feed === feed else { return }
            feeds[key]?.watchers -= 1
            if entry.watchers <= 1 { feeds[key] = nil }
        }
    }
}
