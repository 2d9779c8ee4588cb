/// What has been said once. It remembers everything for longer than anything counts, and never more
/// than there is room for.
struct NonceCache {
    /// One key's nonce, without memory of its own.
    private struct Entry: Hashable {
        let key: UInt64
        let nonce: (UInt64, UInt64)

        init(_ statement: Statement) {
            key = UInt64(statement.key, radix: 16) ?? 0
            nonce = statement.nonce.withUnsafeBytes { raw in
                guard raw.count >= 16 else { return (0, 0) }
                return (
                    raw.loadUnaligned(as: UInt64.self),
                    raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                )
            }
        }

        static func == (left: Entry, right: Entry) -> Bool {
            left.key == right.key && left.nonce == right.nonce
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(nonce.0)
            hasher.combine(nonce.1)
        }
    }

    enum Verdict { case new, known, full }

    /// What the newer half of the time brought, and the older.
    private var newer: Set<Entry> = []
    private var older: Set<Entry> = []
    private var turnAt: Int64 = 0
    private let most: Int
    /// Longer than a statement counts, with what the clocks may differ, in milliseconds.
    private static let half = Statement.lasts + 2 * Statement.skew

    init(most: Int = 1 << 17) { self.most = most }

    /// Notes the nonce of a statement whose signature is good: strangers do not fill it. `now` in
    /// milliseconds of a clock that nobody sets.
    mutating func note(_ statement: Statement, at now: Int64) -> Verdict {
        if now >= turnAt {
            older = now - turnAt < Self.half ? newer : []
            newer = []
            turnAt = now + Self.half
        }
        let entry = Entry(statement)
        guard !newer.contains(entry), !older.contains(entry) else { return .known }
        guard newer.count + older.count < most else { return .full }
        newer.insert(entry)
        return .new
    }
}
