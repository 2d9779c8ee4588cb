import EventLoop
import REST
import Synchronization

/// What tokens say whose signature was right, and who has shown them, by their digest: a client shows
/// the same one with every request.
///
/// Who it is holds for one edition of the database: after any change the account and the sign-in are
/// read anew. What another process writes is seen after a second at most.
final class VerifiedTokens: Sendable {
    private static let lifetime: UInt64 = 1_000_000_000
    private static let most = 4_096

    private struct Entry {
        let claims: Claims
        let bearer: Identity
        let edition: UInt64
        let until: UInt64
    }

    private let known = Mutex<[[UInt8]: Entry]>([:])

    /// nil for one that was not seen, or is over; `now` in seconds since 1970. Without its bearer
    /// where something may have changed since that was read.
    func find(
        _ digest: [UInt8], now: Int64, edition: UInt64
    ) -> (claims: Claims, bearer: Identity?)? {
        guard let entry = known.withLock({ $0[digest] }), now < entry.claims.exp else {
            return nil
        }
        let isFresh = entry.edition == edition && monotonic() < entry.until
        return (entry.claims, isFresh ? entry.bearer : nil)
    }

    /// `edition` is that of the database from before the bearer was read.
    func keep(
        _ claims: Claims, of bearer: Identity, edition: UInt64, under digest: [UInt8]
    ) {
        let entry = Entry(
            claims: claims, bearer: bearer, edition: edition, until: monotonic() + Self.lifetime)
        known.withLock { known in
            if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
            known[digest] = entry
        }
    }
}
