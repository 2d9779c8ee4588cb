import Testing

@testable import Routing

private let second: UInt64 = 1_000_000_000

@Suite("Cool-downs")
struct CoolDownTests {
    private let one = Target("a", "m", key: "1")
    private let two = Target("a", "m", key: "2")
    private let other = Target("a", "n", key: "1")
    private let away = Target("b", "m")

    @Test("a refused key is left alone, with all its models; the endpoint's other keys are not")
    func keys() {
        var cool = CoolDowns()
        cool.failed(one, Failure(.unauthorized), now: 0)
        #expect(cool.standing(one, now: 1) == .cooling(60 * second))
        #expect(cool.standing(other, now: 1) == .cooling(60 * second))
        #expect(cool.standing(two, now: 1) == .ready)
        #expect(cool.standing(away, now: 1) == .ready)
        #expect(cool.list(now: 1).map(\.scope) == [.lane(Lane("a", "1"))])
    }

    @Test("another key in the place of a refused one is asked at once")
    func replacedKey() {
        var cool = CoolDowns()
        cool.failed(one, Failure(.unauthorized), now: 0)
        cool.failed(other, Failure(.rateLimited), now: 0)
        cool.failed(two, Failure(.unauthorized), now: 0)
        cool.forgive(one.lane)
        #expect(cool.standing(one, now: 1) == .ready)
        #expect(cool.standing(other, now: 1) == .ready)
        #expect(cool.standing(two, now: 1) == .cooling(60 * second))
    }

    @Test("a limit is one model's over one key, for as long as the provider says")
    func limited() {
        var cool = CoolDowns()
        cool.failed(one, Failure(.rateLimited, retryAfter: .seconds(9)), now: second)
        #expect(cool.standing(one, now: 2 * second) == .asked(10 * second))
        #expect(cool.standing(other, now: 2 * second) == .ready)
        #expect(cool.standing(one, now: 10 * second) == .ready)
    }

    @Test("an endpoint that cannot be reached three times in a row is left alone, with all keys")
    func endpoint() {
        var cool = CoolDowns()
        for _ in 0..<2 { cool.failed(one, Failure(.unreachable), now: 0) }
        #expect(cool.standing(two, now: 0) == .ready)
        cool.failed(two, Failure(.unreachable), now: 0)
        #expect(cool.standing(one, now: 0) == .cooling(5 * second))
        #expect(cool.standing(other, now: 0) == .cooling(5 * second))
        #expect(cool.standing(away, now: 0) == .ready)
    }

    @Test("a success in between begins the count anew")
    func inARow() {
        var cool = CoolDowns()
        for _ in 0..<9 {
            cool.failed(one, Failure(.server), now: 0)
            cool.failed(one, Failure(.server), now: 0)
            cool.succeeded(one)
        }
        #expect(cool.standing(one, now: 0) == .ready)
    }

    @Test("it gets longer each time, up to a minute, and one look is enough after it")
    func probing() {
        var cool = CoolDowns()
        for _ in 0..<3 { cool.failed(one, Failure(.server), now: 0) }
        var now = 5 * second
        #expect(cool.standing(one, now: now) == .ready)
        cool.began(one, now: now)
        #expect(cool.standing(one, now: now) == .cooling(35 * second), "others wait for the look")
        cool.failed(one, Failure(.server), now: now)
        #expect(cool.standing(one, now: now) == .cooling(now + 10 * second))
        for _ in 0..<9 {
            now += 100 * second
            cool.failed(one, Failure(.server), now: now)
        }
        #expect(cool.standing(one, now: now) == .cooling(now + 60 * second))
        now += 60 * second
        cool.began(one, now: now)
        cool.abandoned(one)
        #expect(cool.standing(one, now: now) == .ready, "a look that was given up says nothing")
        cool.began(one, now: now)
        cool.succeeded(one)
        #expect(cool.standing(one, now: now) == .ready)
    }

    @Test(
        "what says nothing of the target changes nothing",
        arguments: [
            FailureKind.badRequest, .notFound, .cancelled,
        ])
    func innocent(kind: FailureKind) {
        var cool = CoolDowns()
        for _ in 0..<9 { cool.failed(one, Failure(kind), now: 0) }
        #expect(cool.standing(one, now: 0) == .ready && cool.list(now: 0).isEmpty)
    }

    @Test("what clients call their models does not fill the memory")
    func bounded() {
        var cool = CoolDowns()
        for number in 0..<6_000 {
            cool.failed(Target("a", "m\(number)"), Failure(.rateLimited), now: UInt64(number))
        }
        #expect((3_072...CoolDowns.mostEntries).contains(cool.list(now: 0).count))
        #expect(cool.standing(Target("a", "m5999"), now: 6_000) != .ready)
    }
}
