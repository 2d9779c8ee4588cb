import EventLoop
import REST
import Synchronization

/// Whose the API keys are that were shown lately: a client that asks often is not looked up each
/// time. What is known holds for one edition of the database; what another process writes is seen
/// after a second at most.
final class KeyCache: Sendable {
    private static let lifetime: UInt64 = 1_000_000_000
    private static let most = 4_096

    private struct Entry {
        var identity: Identity
        /// Wall milliseconds at which the key itself ends.
        var endsAt: Int64?
        var edition: UInt64
        var until: UInt64
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// The bearer of the key with this hash, if that is known and fresh; `wall` in milliseconds.
    func find(_ hash: [UInt8], wall: Int64, edition: UInt64) -> Identity? {
        let now = monotonic()
        return entries.withLock { entries in
            guard let entry = entries[hash], entry.edition == edition, now < entry.until,
                entry.endsAt.map({ wall < $0 }) ?? true
            else { return nil }
            return entry.identity
        }
    }

    /// `edition` is that of the database from before the key was read.
    func keep(
        _ identity: Identity, until endsAt: Int64?, edition: UInt64, under hash: [UInt8]
    ) {
        let entry = Entry(
            identity: identity, endsAt: endsAt, edition: edition,
            until: monotonic() + Self.lifetime)
        entries.withLock { entries in
            if entries.count >= Self.most { entries.removeAll(keepingCapacity: true) }
            entries[hash] = entry
        }
    }
}
