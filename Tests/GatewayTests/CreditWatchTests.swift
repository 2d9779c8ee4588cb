import Contracts
import MeshContract
import Testing
import Testkit

@testable import GatewayService

@Suite("Credits that are low", .timeLimit(.minutes(1)))
struct CreditWatchTests {
    private func told(_ rig: NoticeRig) async throws -> [Notice] {
        try await rig.list().filter { $0.kind == "credits_low" }
    }

    /// A run ends, and credits are looked at.
    private func end(_ rig: NoticeRig, _ seq: Int64) async throws {
        try await rig.take(NoticeRig.entry(seq))
        await rig.node.credits.sweep()
    }

    @Test("below a tenth of a month's they are told once for the month, by the user's wishes")
    func once() async throws {
        let rig = try await NoticeRig()
        let renewal: Int64 = 1_769_904_000_000
        rig.billing.tell(10_000, renewsAt: renewal)
        try await end(rig, 1)
        #expect(try await told(rig).isEmpty)
        rig.billing.tell(9_999, renewsAt: renewal)
        try await rig.wish("credits_low", inApp: false, email: false)
        try await end(rig, 2)
        try await rig.wish("credits_low", inApp: true, email: false)
        for seq in 3...5 { try await end(rig, Int64(seq)) }
        let notice = try #require(try await told(rig).first)
        #expect(try await told(rig).count == 1)
        #expect(notice.title == "Credits are low" && notice.run == nil)
        #expect(
            notice.text
                == "9.999 credits are left, of 100 a month. The next come on 2026-02-01.")
        rig.billing.tell(500, renewsAt: renewal + 1)
        try await rig.wish("credits_low", inApp: false, email: true)
        try await end(rig, 6)
        #expect(try await told(rig).count == 1)
        #expect(try await rig.emails().filter { $0 == "waiting" }.count == 1)
    }

    @Test("nobody is told who has enough, is not limited, or has runs that still hold some")
    func enough() async throws {
        let rig = try await NoticeRig()
        rig.billing.tell(0, renewsAt: 1, unlimited: true)
        try await end(rig, 1)
        rig.billing.tell(0, monthly: nil, renewsAt: nil)
        try await end(rig, 2)
        rig.billing.tell(1_000, held: 50_000)
        try await end(rig, 3)
        #expect(try await told(rig).isEmpty)
        rig.billing.tell(1_000, held: 0)
        try await end(rig, 4)
        #expect(try await told(rig).count == 1)
    }

    @Test("credits are looked at after a run has ended, later where billing is away, and not else")
    func looks() async throws {
        let rig = try await NoticeRig()
        rig.billing.tell(0)
        try await rig.take(NoticeRig.entry(1, "gate_waiting"), NoticeRig.entry(2, of: "usr_none"))
        await rig.node.credits.sweep()
        #expect(rig.billing.asked == 0)
        rig.billing.fail(Fault(.unavailable, "away"))
        try await end(rig, 3)
        #expect(rig.billing.asked > 0)
        #expect(try await told(rig).isEmpty)
        rig.billing.fail(nil)
        await rig.node.credits.sweep()
        #expect(try await told(rig).count == 1)
        let asked = rig.billing.asked
        await rig.node.credits.sweep()
        #expect(rig.billing.asked == asked)
    }

    @Test("a run that ends while credits are looked at has them looked at again")
    func meanwhile() async throws {
        let rig = try await NoticeRig()
        try await rig.take(NoticeRig.entry(1))
        let look = try #require(try await rig.store.creditLooks(limit: 9).first)
        try await rig.take(NoticeRig.entry(2))
        try await rig.store.looked(look, low: nil, period: 1, rig.node.credits.making)
        #expect(try await rig.store.creditLooks(limit: 9).map(\.account) == ["usr_ada"])
    }
}
