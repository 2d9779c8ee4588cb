import Dialects
import Testing

@testable import Routing

private let second: UInt64 = 1_000_000_000

@Suite("The requests for one answer")
struct AttemptTests {
    private let a1 = Target("a", "m", key: "1")
    private let a2 = Target("a", "m", key: "2")
    private let b = Target("b", "n")

    private func plan(_ tiers: [[Target]], tries: Int = 3) -> AttemptPlan {
        AttemptPlan(
            Route("r", tiers.map { Tier($0.map { WeightedTarget($0) }) }, tries: tries),
            deadline: 100 * second)
    }

    private func next(
        _ plan: inout AttemptPlan, at now: UInt64 = 0, chance: Double = 0,
        _ outlook: [Target: AttemptPlan.Outlook] = [:]
    ) -> AttemptPlan.Step {
        plan.next(now: now, chance: chance) { outlook[$0] ?? .init() }
    }

    @Test("weights decide who is asked first")
    func weights() {
        let route = Route(
            "r", [Tier([.init(a1, weight: 3), .init(a2, weight: 1), .init(b, weight: 4)])])
        var counts: [Target: Int] = [:]
        for chance in 0..<800 {
            var plan = AttemptPlan(route, deadline: 1)
            let step = plan.next(now: 0, chance: Double(chance) / 800) { _ in .init() }
            if case .ask(let target) = step { counts[target, default: 0] += 1 }
        }
        #expect(counts == [a1: 300, a2: 100, b: 400])
    }

    @Test("what fails for a moment is asked again after a pause, three times in all")
    func again() {
        var plan = plan([[a1]])
        #expect(next(&plan) == .ask(a1))
        plan.failed(a1, Failure(.server), now: 0, chance: 1)
        #expect(next(&plan) == .wait(until: second * 4 / 10))
        #expect(next(&plan, at: second) == .ask(a1))
        plan.failed(a1, Failure(.server), now: second, chance: 0)
        #expect(next(&plan, at: second) == .wait(until: second * 14 / 10))
        #expect(next(&plan, at: 2 * second) == .ask(a1))
        plan.failed(a1, Failure(.server), now: 2 * second, chance: 0)
        #expect(next(&plan, at: 60 * second) == .stop(.failed))
        #expect(plan.count == 3)
    }

    @Test("another key is asked at once, and the next tier when all of one has failed")
    func order() {
        var plan = plan([[a1, a2], [b]], tries: 2)
        #expect(next(&plan) == .ask(a1))
        plan.failed(a1, Failure(.overloaded), now: 0, chance: 0)
        #expect(next(&plan) == .ask(a2))
        plan.failed(a2, Failure(.overloaded), now: 0, chance: 0)
        #expect(next(&plan) == .ask(b))
        plan.failed(b, Failure(.unreachable), now: 0, chance: 0)
        #expect(next(&plan) == .wait(until: second / 5))
    }

    @Test(
        "what must not be repeated is not",
        arguments: [
            (FailureKind.badRequest, 0), (.cancelled, 0), (.quota, 2), (.unauthorized, 2),
            (.notFound, 1), (.garbage, 2),
        ])
    func once(kind: FailureKind, others: Int) {
        var plan = plan([[a1], [a2], [b]])
        #expect(next(&plan) == .ask(a1))
        plan.failed(a1, Failure(kind), now: 0, chance: 0)
        var asked: [Target] = []
        while case .ask(let target) = next(&plan) {
            asked.append(target)
            plan.failed(target, Failure(kind), now: 0, chance: 0)
        }
        #expect(asked == [[], [b], [a2, b]][others])
        #expect(next(&plan, at: 50 * second) == .stop(.failed))
    }

    @Test("a provider that says no to another try is not asked again, another is")
    func told() {
        var plan = plan([[a1], [b]])
        _ = next(&plan)
        plan.failed(a1, Failure(.server, mayRepeat: false), now: 0, chance: 0)
        #expect(next(&plan) == .ask(b))
    }

    @Test("once text was shown, nothing is asked again")
    func shown() {
        var plan = plan([[a1], [b]])
        _ = next(&plan)
        plan.shown()
        plan.failed(a1, Failure(.truncated), now: 0, chance: 0)
        #expect(next(&plan, at: second) == .stop(.failed))
    }

    @Test("a time that the provider named is waited for, or not at all")
    func retryAfter() {
        var plan = plan([[a1]])
        _ = next(&plan)
        plan.failed(a1, Failure(.rateLimited, retryAfter: .seconds(7)), now: 0, chance: 1)
        let asked = AttemptPlan.Outlook(.asked(7 * second))
        #expect(next(&plan, [a1: asked]) == .wait(until: 7_100_000_000))
        #expect(next(&plan, at: 7_200_000_000) == .ask(a1))
        let late = AttemptPlan.Outlook(.asked(200 * second))
        #expect(next(&plan, at: 8 * second, [a1: late]) == .stop(.tooLate(200 * second)))
    }

    @Test("who asked to be left alone is passed over for the next tier, and comes back")
    func passedOver() {
        var plan = plan([[a1], [b]])
        let asked = AttemptPlan.Outlook(.asked(5 * second))
        #expect(next(&plan, [a1: asked]) == .ask(b))
        plan.failed(b, Failure(.garbage), now: 0, chance: 0)
        #expect(next(&plan, [a1: asked]) == .wait(until: 5 * second))
        #expect(next(&plan, at: 5 * second) == .ask(a1))
    }

    @Test("the only way is asked even while it cools down, but never before a better one")
    func lastResort() {
        let cooling = AttemptPlan.Outlook(.cooling(90 * second))
        var one = plan([[a1]])
        #expect(next(&one, [a1: cooling]) == .ask(a1))
        var two = plan([[a1], [b]])
        #expect(next(&two, [a1: cooling]) == .ask(b))
        var both = plan([[a1], [b]])
        #expect(next(&both, [a1: cooling, b: cooling]) == .ask(a1))
    }

    @Test("limits are waited for only when nothing else has room")
    func limits() {
        let later = AttemptPlan.Outlook(.ready, .at(3 * second))
        let full = AttemptPlan.Outlook(.ready, .full)
        var plan = plan([[a1, a2], [b]])
        #expect(next(&plan, [a1: later, a2: full]) == .ask(b))
        plan.withdrew(b)
        #expect(next(&plan, [a1: later, a2: full, b: full]) == .queue(until: 3 * second))
        #expect(next(&plan, [a1: later, a2: later, b: later]) == .wait(until: 3 * second))
        #expect(plan.count == 0)
        #expect(
            next(&plan, [a1: full, a2: full, b: full]) == .queue(until: 100 * second))
    }

    @Test("after the deadline nothing is begun")
    func deadline() {
        var plan = plan([[a1]])
        #expect(next(&plan, at: 100 * second) == .stop(.failed))
    }

    @Test("a pause grows, has an end, is spread, and is never shorter than was asked")
    func pauses() {
        let backoff = Backoff()
        #expect(backoff.pause(after: 1, asked: nil, chance: 0) == .milliseconds(200))
        #expect(backoff.pause(after: 3, asked: nil, chance: 1) == .milliseconds(1_600))
        #expect(backoff.pause(after: 90, asked: nil, chance: 1) == .seconds(8))
        #expect(backoff.pause(after: 1, asked: .seconds(3), chance: 0) == .seconds(3))
        #expect(backoff.pause(after: 9, asked: .seconds(3), chance: 9) == .milliseconds(3_100))
    }

    @Test("what a provider said becomes a rule's word, with its advice")
    func reading() {
        let failure = UpstreamFailure(
            .rateLimited, status: 429, message: "m", retryAfter: .seconds(2), retryable: false)
        #expect(
            Failure(failure) == Failure(.rateLimited, retryAfter: .seconds(2), mayRepeat: false))
        #expect(FailureKind.rateLimited.word == "rate_limited")
    }

    @Test("a second request waits for its time, and a measured one for enough measurements")
    func hedges() {
        #expect(HedgeRule.delay(nil) { _ in (.seconds(1), 100) } == nil)
        #expect(HedgeRule.delay(.after(.seconds(2))) { _ in nil } == .seconds(2))
        #expect(HedgeRule.delay(.percentile(95)) { _ in (.seconds(1), 19) } == nil)
        #expect(
            HedgeRule.delay(.percentile(95)) { ($0 == 95 ? .seconds(1) : .zero, 20) } == .seconds(1)
        )
        #expect(HedgeRule.delay(.percentile(95)) { _ in (.zero, 20) } == .milliseconds(20))
    }
}
