import Synchronization

/// What tokens say whose signature was right, by their digest: a client shows the same one with every
/// request. Whether its account and its sign-in still are is asked each time.
final class VerifiedTokens: Sendable {
    private static let most = 4_096

    private let known = Mutex<[[UInt8]: Claims]>([:])

    /// nil for one that was not seen, or is over; `now` in seconds since 1970.
    func find(_ digest: [UInt8], now: Int64) -> Claims? {
        known.withLock { $0[digest] }.flatMap { now < $0.exp ? $0 : nil }
    }

    func keep(_ claims: Claims, under digest: [UInt8]) {
        known.withLock { known in
            if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
            known[digest] = claims
        }
    }
}
