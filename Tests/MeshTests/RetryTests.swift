import MeshContract
import Testing

@testable import Mesh

/// When a call is tried again, and how often.
@Suite("Retries")
struct RetryTests {
    static let second: UInt64 = 1_000_000_000

    @Test("a tenth of the calls, and ten a second besides, may be tried again")
    func budget() {
        var budget = RetryBudget()
        let now = 1_000 * Self.second
        for _ in 0..<1_000 { budget.called(at: now) }
        #expect(budget.left == 200)
        for _ in 0..<200 { #expect(budget.take(at: now) == true) }
        #expect(!budget.take(at: now) && !budget.take(at: now))
        #expect((budget.granted, budget.denied) == (200, 2))
        // What was spent is forgotten with the calls that it was spent for.
        #expect(budget.take(at: now + 9 * Self.second) == false)
        #expect(budget.take(at: now + 10 * Self.second) == true)
        #expect(budget.left == 99)
    }

    @Test("a clock that jumps far, or stands still, leaves the budget sound")
    func oddClock() {
        var budget = RetryBudget()
        for now in [0, 5 * Self.second, .max / 2, .max, .max, 3] as [UInt64] {
            budget.called(at: now)
            #expect(budget.take(at: now) == true)
        }
        #expect(budget.left > 0 && budget.left <= 100)
    }

    private func failure(
        _ cause: CallFailure.Cause, _ code: Fault.Code = .unavailable, replica: Int? = 1,
        after: Int? = nil
    ) -> CallFailure {
        CallFailure(Fault(code, "x", retryAfterMilliseconds: after), cause, replica: replica)
    }

    private func pause(
        _ failure: CallFailure, _ traits: MethodTraits, left: UInt64 = 10_000_000_000,
        hasOther: Bool = false, mayRetry: Bool = true
    ) -> UInt64? {
        var retrying = Retrying(traits)
        return retrying.next(
            after: failure, left: left, hasOther: { _ in hasOther }, budget: { _ in mayRetry })
    }

    @Test("only what was not begun, or may be repeated, is tried again")
    func which() {
        for cause in [CallFailure.Cause.leaving, .refused, .full] {
            #expect(pause(failure(cause), .once) != nil)
        }
        for cause in [CallFailure.Cause.lost, .answer] {
            #expect(pause(failure(cause), .once) == nil)
            #expect(pause(failure(cause), .keyed) != nil)
        }
        #expect(pause(failure(.final), .read) == nil)
        for code in [Fault.Code.timedOut, .internal, .invalid, .conflict, .limited] {
            #expect(pause(failure(.answer, code), .read) == nil)
        }
    }

    @Test("another replica is asked at once, the same one after a pause")
    func pauses() throws {
        #expect(pause(failure(.lost), .read, hasOther: true) == 0)
        let alone = try #require(pause(failure(.lost), .read))
        #expect((20_000_000...60_000_000).contains(alone))
        // What the callee itself says of its work is no matter of replicas.
        #expect(try #require(pause(failure(.answer), .read, hasOther: true)) >= 20_000_000)
        #expect(pause(failure(.refused, .overloaded, after: 700), .read) == 700_000_000)
    }

    @Test("no pause outlasts the deadline")
    func deadline() {
        #expect(
            pause(failure(.refused, .overloaded, after: 9_000), .read, left: 8_000_000_000) == nil)
        #expect(pause(failure(.lost), .read, left: 0) == nil)
        #expect(pause(failure(.lost), .read, left: 0, hasOther: true) == nil)
        #expect(pause(failure(.answer, .overloaded, after: .max), .read) == nil)
    }

    @Test("tries end after the fourth, moves much later, and only tries cost")
    func ends() {
        var retrying = Retrying(.read)
        var spent = 0
        for round in 1...4 {
            let pause = retrying.next(
                after: failure(.lost), left: .max, hasOther: { _ in false },
                budget: { isFree in
                    spent += isFree ? 0 : 1
                    return true
                })
            #expect((pause != nil) == (round < 4))
        }
        // The first is free: it went down with its connection.
        #expect(spent == 2)
        var moving = Retrying(.once)
        var moves = 0
        while moving.next(
            after: failure(.leaving), left: .max, hasOther: { _ in true }, budget: { _ in false })
            != nil
        { moves += 1 }
        #expect(moves == 32 && !moving.isBroke)
    }

    @Test("without a budget there is no retry, and that is known")
    func broke() {
        var retrying = Retrying(.read)
        #expect(
            retrying.next(
                after: failure(.answer), left: .max, hasOther: { _ in false },
                budget: { _ in false })
                == nil)
        #expect(retrying.isBroke)
    }

    @Test("a service that is away for all its callers is not asked again without end")
    func exhaustion() async throws {
        let client = MeshClient(Loopback(), as: "test")
        let calls = (0..<80).map { _ in
            Task { await fault(of: Lab.Echo(text: "x"), client, within: .seconds(8)) }
        }
        var denied = 0
        for call in calls {
            let fault = try #require(await call.value)
            #expect(fault.code == .unavailable)
            if fault.detail?.contains("budget") == true { denied += 1 }
        }
        let status = try #require(client.retries.first)
        #expect(denied > 0 && status.denied == denied)
        #expect(status.retries == 108 && status.left == 0)
    }
}

/// How long answers take.
@Suite("Latency")
struct LatencyTests {
    @Test(
        "95 of 100 come within it, and it is not much longer",
        arguments: [1, 7, 90, 4_000, 1 << 40])
    func quantile(unit: UInt64) throws {
        var latency = Latency()
        for round in 1...1_000 as ClosedRange<UInt64> {
            latency.note((round * 7 % 1_000 + 1) * unit)
        }
        let slowest = try #require(latency.slowest)
        #expect(slowest >= 940 * unit || unit > 1 << 38)
        #expect(slowest <= 1_000 * unit * 5 / 4 + 2_048)
    }

    @Test("a few answers say nothing, and old ones fade")
    func fading() throws {
        var latency = Latency()
        for _ in 0..<19 { latency.note(1_000_000) }
        #expect(latency.slowest == nil)
        for _ in 0..<500 { latency.note(1_000_000_000) }
        for _ in 0..<20_000 { latency.note(1_000_000) }
        #expect(try #require(latency.slowest) < 2_000_000)
        latency.note(.max)
        latency.note(0)
    }
}
