import Testing

@testable import Routing

private let second: UInt64 = 1_000_000_000

@Suite("Limits")
struct LimitTests {
    private let target = Target("a", "m", key: "1")

    @Test("a minute has exactly its units, however often one looks")
    func bucket() {
        var bucket = TokenBucket(perMinute: 7, now: 0)
        for _ in 0..<7 {
            #expect(bucket.time(for: 1, now: 0) == nil)
            bucket.take(1, now: 0)
        }
        var now: UInt64 = 0
        var taken = 0
        while now < 60 * second {
            if bucket.time(for: 1, now: now) == nil {
                bucket.take(1, now: now)
                taken += 1
            }
            now += 12_345_678
        }
        #expect(taken == 6, "the seventh is there at the very end of the minute")
        #expect(bucket.time(for: 1, now: 60 * second) == nil)
    }

    @Test("it says to the nanosecond when there is room")
    func moment() throws {
        var bucket = TokenBucket(perMinute: 3, now: 5)
        bucket.take(3, now: 5)
        let moment = try #require(bucket.time(for: 2, now: 5))
        #expect(moment == 40 * second + 5)
        #expect(bucket.time(for: 2, now: moment - 1) == moment)
        #expect(bucket.time(for: 2, now: moment) == nil)
    }

    @Test("what is larger than a minute's worth goes when the bucket is full")
    func large() {
        var bucket = TokenBucket(perMinute: 10, now: 0)
        #expect(bucket.time(for: 500, now: 0) == nil)
        bucket.take(1, now: 0)
        #expect(bucket.time(for: 500, now: 0) == 6 * second)
        bucket.take(500, now: 6 * second)
        #expect(bucket.time(for: 1, now: 6 * second) == 6 * second + 491 * 6 * second)
    }

    @Test("an estimate is put right by what was used, both ways")
    func settling() throws {
        let limits = [target.lane: LaneLimits(tokensPerMinute: 100)]
        var book = LimitBook(limits, now: 0)
        let grantTaken = book.take(target, tokens: 80, now: 0)
        let grant = try #require(grantTaken)
        #expect(book.room(for: target, tokens: 50, now: 0) == .at(18 * second))
        book.settle(grant, used: 10, now: 0)
        #expect(book.room(for: target, tokens: 90, now: 0) == .now)
        let nextTaken = book.take(target, tokens: 10, now: 0)
        let next = try #require(nextTaken)
        book.settle(next, used: 120, now: 0)
        #expect(book.room(for: target, tokens: 10, now: 0) == .at(24 * second))
    }

    @Test("requests at once are counted for a key and for a target")
    func concurrency() throws {
        let other = Target("a", "n", key: "1")
        var book = LimitBook(
            [target.lane: LaneLimits(concurrency: 2)], targets: [target: 1], now: 0)
        let oneTaken = book.take(target, tokens: 0, now: 0)
        let one = try #require(oneTaken)
        #expect(book.room(for: target, tokens: 0, now: 0) == .full)
        let twoTaken = book.take(other, tokens: 0, now: 0)
        let two = try #require(twoTaken)
        #expect(book.take(other, tokens: 0, now: 0) == nil)
        #expect(book.open(target.lane) == 2)
        book.settle(one, used: nil, now: 0)
        #expect(book.room(for: target, tokens: 0, now: 0) == .now)
        book.settle(two, used: nil, now: 0)
        #expect(book.open(target.lane) == 0)
    }

    @Test("requests a minute are used up even by those that fail")
    func requests() throws {
        var book = LimitBook([target.lane: LaneLimits(requestsPerMinute: 1)], now: 0)
        let grantTaken = book.take(target, tokens: 5, now: 0)
        let grant = try #require(grantTaken)
        book.settle(grant, used: 0, now: 0)
        #expect(book.room(for: target, tokens: 5, now: 0) == .at(60 * second))
        #expect(book.room(for: Target("b", "m"), tokens: 1 << 40, now: 0) == .now)
    }
}

@Suite("Kept answers")
struct AnswerCacheTests {
    private func question(_ digest: String, _ user: String = "u") -> AnswerCache<String>.Question {
        .init(user: user, digest: digest)
    }

    @Test("an answer is found by its user alone, until its time is over")
    func time() {
        var cache = AnswerCache<String>(CacheRule(time: .seconds(10), bytes: 1 << 20))
        cache.keep("answer", bytes: 6, for: question("d"), now: 0)
        #expect(cache.find(question("d"), now: 10 * second - 1) == "answer")
        #expect(cache.find(question("d", "v"), now: 0) == nil)
        #expect(cache.find(question("e"), now: 0) == nil)
        #expect(cache.find(question("d"), now: 10 * second) == nil)
        #expect(cache.count == 0 && cache.bytes == 0)
    }

    @Test("what was used longest ago makes room, and what is too large is not kept")
    func room() {
        var cache = AnswerCache<String>(CacheRule(time: .seconds(10), bytes: 4_096))
        for name in ["a", "b", "c", "d", "e"] {
            cache.keep(name, bytes: 700, for: question(name), now: 0)
            _ = cache.find(question("a"), now: 0)
        }
        #expect(cache.find(question("a"), now: 0) == "a")
        #expect(cache.find(question("b"), now: 0) == nil && cache.count == 4)
        cache.keep("large", bytes: 1_025, for: question("large"), now: 0)
        #expect(cache.find(question("large"), now: 0) == nil)
        cache.keep("new", bytes: 10, for: question("a"), now: 0)
        #expect(cache.find(question("a"), now: 0) == "new" && cache.count == 4)
        for number in 0..<1_000 { cache.keep("x", bytes: 10, for: question("\(number)"), now: 0) }
        #expect(cache.bytes <= 4_096)
    }
}
