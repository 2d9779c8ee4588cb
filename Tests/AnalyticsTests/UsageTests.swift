import Contracts
import MeshContract
import Testing

@testable import AnalyticsService

@Suite struct UsageTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    @Test("nothing counted is an empty report, not a refusal")
    func empty() async throws {
        #expect(
            try await rig.usage()
                == Analytics.UsageReport(totals: totals(0), models: [], days: []))
        #expect(try await rig.usage(of: "eve", in: "r9").totals == totals(0))
        #expect(try await rig.progress() == 0)
    }

    @Test("turns are summed in all, by model and by day")
    func sums() async throws {
        try await rig.node.store.count([
            turn(1), turn(2, at: january + 24 * hour - 1), turn(3, at: january + 24 * hour),
            turn(4, at: january + 24 * hour, model: "m2", tokens: 7, cost: 5_000),
        ])
        let report = try await rig.usage()
        #expect(
            report.totals
                == Analytics.Totals(
                    turns: 4, failures: 0, inputTokens: 37, outputTokens: 74, costMicroUSD: 5_300,
                    durationMilliseconds: 200))
        #expect(
            report.models == [
                Analytics.Slice(name: "acme/m2", totals: totals(1, tokens: 7, cost: 5_000)),
                Analytics.Slice(name: "acme/m1", totals: totals(3)),
            ])
        #expect(report.days.map(\.name) == ["2026-01-01", "2026-01-02"])
        #expect(report.days.map(\.totals.turns) == [2, 2])
    }

    @Test("a user's and a run's figures are theirs alone")
    func filters() async throws {
        try await rig.node.store.count([
            turn(1), turn(2, run: "r2"), turn(3, user: "bob", run: "r3"),
            turn(4, user: "bob", run: "r3"), turn(5, user: "bob", run: "r1"),
        ])
        #expect(try await rig.usage(of: "ada").totals == totals(2))
        #expect(try await rig.usage(of: "bob").totals == totals(3))
        #expect(try await rig.usage(in: "r1").totals == totals(2))
        #expect(try await rig.usage(of: "bob", in: "r3").totals == totals(2))
        #expect(try await rig.usage(of: "ada", in: "r3").totals == totals(0))
    }

    @Test("a project's figures are its own, and a user's project is not another's of its name")
    func projects() async throws {
        try await rig.node.store.count([
            turn(1, project: "tides"), turn(2, project: "tides"), turn(3, project: "moon"),
            turn(4), turn(5, user: "bob", project: "tides"),
        ])
        #expect(try await rig.usage(of: "ada", project: "tides").totals == totals(2))
        #expect(try await rig.usage(of: "ada", project: "moon").totals == totals(1))
        #expect(try await rig.usage(of: "bob", project: "tides").totals == totals(1))
        #expect(try await rig.usage(project: "tides").totals == totals(3))
        #expect(try await rig.usage(of: "ada").totals == totals(4))
        // Of a day in part, from its rows.
        let since = january - 1
        #expect(try await rig.usage(of: "ada", since: since, project: "tides").totals == totals(2))
        #expect(try await rig.usage(since: january + 1, project: "tides").totals == totals(0))
    }

    @Test("since counts from the very millisecond, within a day too")
    func since() async throws {
        for number in 0..<72 {
            try await rig.node.store.count([
                turn(Int64(number) + 1, at: january + Int64(number) * hour)
            ])
        }
        for number in [0, 1, 23, 24, 25, 47, 48, 71] {
            let moment = january + Int64(number) * hour
            #expect(try await rig.usage(since: moment).totals == totals(72 - number))
            #expect(try await rig.usage(of: "ada", since: moment + 1).totals == totals(71 - number))
            let report = try await rig.usage(in: "r1", since: moment)
            #expect(report.days.reduce(0) { $0 + $1.totals.turns } == 72 - number)
            #expect(report.days.first?.totals.turns == 24 - number % 24)
        }
        #expect(try await rig.usage(since: january + 72 * hour).days == [])
    }

    @Test("a moment outside of all calendars is refused by name", arguments: [Int64.min, -1, .max])
    func invalidMoment(since: Int64) async throws {
        let fault = await #expect(throws: Fault.self) { try await rig.usage(since: since) }
        #expect(fault?.code == .invalid)
        #expect(fault?.fields?.map(\.pointer) == ["/since"])
    }

    @Test("what neither completed nor was cancelled is a failure")
    func failures() async throws {
        try await rig.node.store.count([
            turn(1), turn(2, outcome: "failed"), turn(3, outcome: "cancelled"),
            turn(4, outcome: "timed-out"),
        ])
        #expect(try await rig.usage().totals == totals(4, failures: 2))
        #expect(try await rig.usage(since: january + 1).totals == totals(0))
    }

    @Test("a turn without a price counts, and adds nothing to the cost")
    func unpriced() async throws {
        try await rig.node.store.count([turn(1, cost: nil), turn(2)])
        let sums = try await rig.usage().totals
        #expect((sums.turns, sums.costMicroUSD) == (2, 100))
    }

    @Test("absurd figures are bounded instead of ending the service")
    func absurd() async throws {
        let entries = (1...20).map { seq in
            turn(Int64(seq), at: seq.isMultiple(of: 2) ? .min : .max, tokens: 4, cost: .max)
        }
        try await rig.node.store.count(entries)
        try await rig.node.store.count([turn(21, cost: -5)])
        #expect(try await rig.usage().totals.costMicroUSD == 20_000_000_000_000)
        #expect(try await rig.usage().days.first?.name == "1970-01-01")
        #expect(try await rig.usage().days.last?.name == "9999-12-31")
    }

    @Test(
        "a day has its name",
        arguments: [
            (0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_454, "2026-01-01"),
            (47_540, "2100-02-28"), (47_541, "2100-03-01"),
        ] as [(Int64, String)])
    func dayNames(number: Int64, name: String) {
        #expect(Day(number: number).name == name)
        #expect(Day(containing: Day(number: number).next.start - 1).name == name)
    }
}
