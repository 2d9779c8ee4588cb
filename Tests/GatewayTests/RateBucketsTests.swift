import Database
import Testing

@testable import GatewayService

@Suite("Token buckets")
struct RateBucketsTests {
    private let rule = RateRule(name: "user", perMinute: 60)
    private let second: Int64 = 1_000_000

    private func claims(_ key: String = "ada") -> [RateBuckets.Claim] { [.init(rule, key)] }

    @Test("so many at once, then as many as the time lets back in")
    func burst() {
        let buckets = RateBuckets()
        for left in (0..<60).reversed() {
            let standing = buckets.take(claims(), now: 0)
            #expect(standing?.remaining == left)
            #expect(standing?.isRefused == false)
        }
        let refused = buckets.take(claims(), now: 0)
        #expect(refused?.isRefused == true && refused?.waitMicroseconds == second)
        // Who was refused has not been counted.
        #expect(buckets.take(claims(), now: second)?.isRefused == false)
        #expect(buckets.take(claims(), now: second)?.isRefused == true)
        #expect(buckets.take(claims(), now: 61 * second)?.remaining == 59)
        #expect(buckets.take(claims("bob"), now: 0)?.remaining == 59)
    }

    @Test("from several buckets one is taken of each, or of none")
    func several() {
        let buckets = RateBuckets()
        let narrow = RateRule(name: "key", perMinute: 2)
        let both = claims() + [RateBuckets.Claim(narrow, "k")]
        #expect(buckets.take(both, now: 0)?.rule == narrow)
        _ = buckets.take(both, now: 0)
        let refused = buckets.take(both, now: 0)
        #expect(refused?.isRefused == true && refused?.rule == narrow)
        #expect(buckets.take(claims(), now: 0)?.remaining == 57)
    }

    @Test("a rule of nothing limits nothing, and a clock that was set back locks nobody out")
    func edges() {
        let buckets = RateBuckets()
        #expect(buckets.take([.init(RateRule(name: "user", perMinute: 0), "a")], now: 0) == nil)
        for _ in 0..<60 { _ = buckets.take(claims(), now: 86_400 * second) }
        let standing = buckets.take(claims(), now: 0)
        #expect(standing?.waitMicroseconds == second)
    }

    @Test("many who ask at once get no more than one after the other")
    func concurrent() async {
        let buckets = RateBuckets()
        let rule = RateRule(name: "user", perMinute: 100)
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<50).count { _ in
                        buckets.take([.init(rule, "ada")], now: 0)?.isRefused == false
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 100)
    }

    @Test("who fills the table does not empty it for those who asked often")
    func bounded() {
        let buckets = RateBuckets(most: 100)
        for _ in 0..<60 { _ = buckets.take(claims(), now: 0) }
        for number in 0..<1_000 { _ = buckets.take(claims("\(number)"), now: 0) }
        #expect(buckets.take(claims(), now: 0)?.isRefused == true)
        #expect(buckets.unsaved(worth: 0, now: 0).count <= 101)
    }

    @Test("how the buckets stand is kept over a restart, but for those that are nearly full")
    func restart() async throws {
        let database = try Database(path: ":memory:", migrations: RateStore.migrations)
        defer { database.close() }
        let store = RateStore(database: database)
        let buckets = RateBuckets()
        for _ in 0..<60 { _ = buckets.take(claims(), now: 0) }
        _ = buckets.take(claims("bob"), now: 0)
        try await store.keep(buckets.unsaved(worth: 5 * second, now: 0))
        #expect(buckets.unsaved(worth: 0, now: 0).isEmpty)
        let next = RateBuckets()
        next.restore(try await store.open(at: 0, limit: 10))
        #expect(next.take(claims(), now: 0)?.isRefused == true)
        #expect(next.take(claims("bob"), now: 0)?.remaining == 59)
        #expect(try await store.open(at: 60 * second, limit: 10).isEmpty)
    }

    @Test("an IPv6 address counts as its network, and this machine is known by any of its names")
    func networks() {
        #expect(Network.customer("192.0.2.7") == "192.0.2.7")
        #expect(Network.customer("::ffff:192.0.2.7") == "192.0.2.7")
        let network = "2001:db8:1:2::/64"
        #expect(Network.customer("2001:db8:1:2:3:4:5:6") == network)
        #expect(Network.customer("2001:db8:1:2::6") == network)
        #expect(Network.customer("2001:db8::6") == "2001:db8:0:0::/64")
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(Network.isThisMachine(address))
        }
        for address in ["10.0.0.1", "::2", "128.0.0.1", ""] {
            #expect(!Network.isThisMachine(address))
        }
    }
}
