import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@testable import BillingService

@Suite struct LedgerTests {
    @Test("the ledger is paged newest first, each entry once")
    func paging() async throws {
        let rig = try await Rig()
        try await rig.open()
        for number in 1...7 { try await rig.grant(Int64(number), key: "k\(number)") }
        var keys: [String] = []
        var before: Int64?
        var pages = 0
        repeat {
            let page = try await rig.gateway.call(
                Billing.ListLedger(account: "ada", before: before, limit: 4))
            keys += page.entries.map(\.key)
            before = page.next
            pages += 1
        } while before != nil
        #expect(pages == 2)
        #expect(keys == (1...7).reversed().map { "k\($0)" } + ["allocation:ada:2026-01"])
    }

    @Test("a page has at least one entry and at most two hundred")
    func pageLimits() async throws {
        let rig = try await Rig()
        try await rig.open()
        for number in 1...201 { try await rig.grant(1, key: "k\(number)") }
        for (limit, count) in [(-5, 1), (0, 1), (200, 200), (Int.max, 200)] {
            let page = try await rig.gateway.call(
                Billing.ListLedger(account: "ada", limit: limit))
            #expect(page.entries.count == count)
            #expect(page.next == page.entries.last?.id)
        }
        let nothing = try await rig.gateway.call(
            Billing.ListLedger(account: "ada", before: .min, limit: 5))
        #expect(nothing == Billing.LedgerPage(entries: [], next: nil))
    }

    @Test("a hundred captures at once against one hold add up exactly")
    func manyCaptures() async throws {
        let rig = try await Rig()
        try await rig.open()
        try await rig.hold(50_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...100 {
                group.addTask { try await rig.capture(Int64(number), key: "k\(number)") }
            }
            try await group.waitForAll()
        }
        let end = try await rig.release()
        #expect(end.captured == 5_050)
        #expect(try await rig.status().available == 94_950)
        #expect(try await rig.problems() == [])
    }

    @Test("more captures at once than there are credits take all of them and no more")
    func exhausted() async throws {
        let rig = try await Rig()
        try await rig.open()
        try await rig.hold(50_000)
        let shortfall = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 1...100 {
                group.addTask { try await rig.capture(1_500, key: "k\(number)").shortfall }
            }
            return try await group.reduce(0, +)
        }
        #expect(shortfall == 50_000)
        let status = try await rig.status()
        #expect((status.available, status.held) == (0, 0))
        #expect(try await rig.problems() == [])
    }

    @Test("one key from fifty tasks charges once, and all hear the same")
    func oneKey() async throws {
        let rig = try await Rig()
        try await rig.open()
        try await rig.hold(50_000)
        try await withThrowingTaskGroup(of: Billing.HoldState.self) { group in
            for _ in 1...50 { group.addTask { try await rig.capture(7_000, key: "k") } }
            for try await answer in group {
                #expect(answer == BillingTests.open(captured: 7_000, remaining: 43_000))
            }
        }
        #expect(try await rig.entries().count == 3)
    }

    @Test("runs that want the same credits at once get what there is, whole holds only")
    func manyHolds() async throws {
        let rig = try await Rig()
        try await rig.open()
        let held = await withTaskGroup(of: Int.self) { group in
            for number in 1...40 {
                group.addTask {
                    (try? await rig.hold(30_000, run: "r\(number)")) == nil ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(held == 3)
        let status = try await rig.status()
        #expect((status.available, status.held) == (10_000, 90_000))
    }

    @Test("a hold ends when its time is over, not before, and frees what is left")
    func expiry() async throws {
        let rig = try await Rig(environment: ["BILLING_HOLD_DAYS": "2"])
        try await rig.open()
        try await rig.hold(40_000)
        try await rig.capture(10_000, key: "k1")
        rig.mesh.clock.advance(by: .seconds(2 * 86_400) - .milliseconds(1))
        try await rig.node.housekeeping.pass()
        #expect(try await rig.status().held == 30_000)
        rig.mesh.clock.advance(by: .milliseconds(1))
        for _ in 1...2 { try await rig.node.housekeeping.pass() }
        let status = try await rig.status()
        #expect((status.available, status.held) == (90_000, 0))
        let fault = try await rig.refusal { try await rig.capture(1, key: "k2") }
        #expect(fault.message == "the hold of run r1 is expired")
        #expect(try await rig.release().isOpen == false)
        #expect(try await rig.entries().map(\.kind) == ["release", "capture", "hold", "grant"])
        #expect(try await rig.problems() == [])
    }

    @Test("the job gives a month's credits and ends old holds though nobody calls")
    func job() async throws {
        let rig = try await Rig(jobs: true, environment: ["BILLING_SWEEP_MILLISECONDS": "10"])
        for account in ["ada", "bob", "olga"] {
            try await rig.open(account, on: account == "olga" ? "owner" : "free")
        }
        try await rig.hold(40_000)
        rig.mesh.clock.advance(by: .seconds(31 * 86_400))
        #expect(
            try await eventually {
                let entries = try await rig.entries()
                return try await rig.entries(of: "bob").count == 2
                    && entries.contains { $0.kind == "release" }
                    && entries.contains { $0.key == "allocation:ada:2026-02" }
            })
        #expect(try await rig.entries(of: "olga") == [])
        #expect(try await rig.problems() == [])
    }

    @Test("more accounts than one batch all get their month, once")
    func batches() async throws {
        let rig = try await Rig()
        for number in 1...205 { try await rig.open("a\(number)") }
        rig.mesh.clock.advance(by: .seconds(31 * 86_400))
        for _ in 1...2 { try await rig.node.housekeeping.pass() }
        let report = try await rig.audit()
        #expect(report == Billing.AuditReport(accounts: 205, entries: 410, problems: []))
    }
}
