import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@Suite struct AccountTests {
    /// 2026-02-01T00:00:00Z; the tests' clock begins a month earlier.
    let february: Int64 = 1_769_904_000_000

    @Test("a free account begins with the month's hundred credits and says when more come")
    func opensFree() async throws {
        let rig = try await Rig()
        let status = try await rig.open()
        #expect(
            status
                == Billing.Status(
                    account: "ada", plan: "free", isUnlimited: false, available: 100_000, held: 0,
                    granted: 100_000, renewsAt: february, monthly: 100_000))
        #expect(try await rig.status() == status)
        let entries = try await rig.entries()
        #expect(entries.map(\.key) == ["allocation:ada:2026-01"])
        #expect(entries.first?.kind == "grant")
    }

    @Test("opening again, on another plan too, changes nothing")
    func opensOnce() async throws {
        let rig = try await Rig()
        let first = try await rig.open()
        #expect(try await rig.open() == first)
        #expect(try await rig.open(on: "owner") == first)
        #expect(try await rig.entries().count == 1)
    }

    @Test(
        "each plan gives what it says",
        arguments: [
            ("free", 100_000, false), ("starter", 1_000_000, false), ("pro", 0, true),
            ("owner", 0, true),
        ] as [(String, Int64, Bool)])
    func plans(plan: String, granted: Int64, isUnlimited: Bool) async throws {
        let rig = try await Rig()
        let status = try await rig.open(on: plan)
        #expect(status.granted == granted)
        #expect(status.isUnlimited == isUnlimited)
        #expect(status.renewsAt == (isUnlimited ? nil : february))
    }

    @Test("what the plans give is configured; nothing given never renews")
    func configuredPlans() async throws {
        let rig = try await Rig(
            environment: ["BILLING_FREE_CREDITS": "0", "BILLING_STARTER_CREDITS": "7"])
        let free = try await rig.open("free", on: "free")
        #expect(free.available == 0)
        #expect(free.renewsAt == nil)
        #expect(try await rig.open("starter", on: "starter").available == 7_000)
    }

    @Test("a configuration out of range is refused before anything starts")
    func refusedSettings() async throws {
        for (name, value) in [
            ("BILLING_HOLD_DAYS", "0"), ("BILLING_FREE_CREDITS", "-1"),
            ("BILLING_SWEEP_MILLISECONDS", "soon"),
        ] {
            await #expect(throws: Fault.self) {
                try await Rig(environment: [name: value])
            }
        }
    }

    @Test("a new month's credits are there at the first touch, once, and add to what is left")
    func nextMonth() async throws {
        let rig = try await Rig()
        try await rig.open()
        rig.mesh.clock.advance(by: .seconds(31 * 86_400 - 1))
        #expect(try await rig.status().available == 100_000)
        rig.mesh.clock.advance(by: .seconds(1))
        for _ in 1...2 {
            let status = try await rig.status()
            #expect(status.available == 200_000)
            #expect(status.granted == 200_000)
            #expect(status.renewsAt == february + 28 * 86_400_000)
        }
        #expect(
            try await rig.entries().map(\.key) == [
                "allocation:ada:2026-02", "allocation:ada:2026-01",
            ])
    }

    @Test("a hold is the first touch of a month too")
    func holdTouches() async throws {
        let rig = try await Rig()
        try await rig.open()
        rig.mesh.clock.advance(by: .seconds(31 * 86_400))
        try await rig.hold(150_000)
        #expect(try await rig.status().available == 50_000)
    }

    @Test("fifty first touches of a month at once give its credits once")
    func touchedAtOnce() async throws {
        let rig = try await Rig()
        try await rig.open()
        rig.mesh.clock.advance(by: .seconds(31 * 86_400))
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<50 { group.addTask { try await rig.status().available } }
            for try await available in group { #expect(available == 200_000) }
        }
        #expect(try await rig.entries().count == 2)
    }

    @Test("a grant counts once per key, and for one account only")
    func grants() async throws {
        let rig = try await Rig()
        try await rig.open()
        try await rig.open("bob")
        for _ in 1...3 {
            let status = try await rig.grant(5_500, key: "top-up")
            #expect(status.available == 105_500)
            #expect(status.granted == 105_500)
        }
        let fault = try await rig.refusal { try await rig.grant(5_500, to: "bob", key: "top-up") }
        #expect(fault.code == .conflict)
        #expect(try await rig.status("bob").available == 100_000)
        #expect(try await rig.problems() == [])
    }

    @Test("who is not known is not found")
    func unknown() async throws {
        let rig = try await Rig()
        let faults = [
            try await rig.refusal { try await rig.status("eve") },
            try await rig.refusal { try await rig.grant(1, to: "eve", key: "k") },
            try await rig.refusal { try await rig.hold(1, of: "eve") },
            try await rig.refusal { try await rig.entries(of: "eve") },
            try await rig.refusal { try await rig.capture(1, key: "k") },
            try await rig.refusal { try await rig.release() },
        ]
        #expect(faults.map(\.code) == Array(repeating: .notFound, count: 6))
    }

    @Test("a request out of order names its fields")
    func invalid() async throws {
        let rig = try await Rig()
        try await rig.open()
        let long = String(repeating: "x", count: 201)
        let refused: [(Fault, [String])] = [
            (try await rig.refusal { try await rig.open("", on: "gold") }, ["/account", "/plan"]),
            (try await rig.refusal { try await rig.grant(0, key: "") }, ["/amount", "/key"]),
            (try await rig.refusal { try await rig.grant(.max, key: long) }, ["/amount", "/key"]),
            (try await rig.refusal { try await rig.grant(1, key: "allocation:x") }, ["/key"]),
            (try await rig.refusal { try await rig.hold(-1, run: "") }, ["/run", "/amount"]),
            (try await rig.refusal { try await rig.hold(.min) }, ["/amount"]),
            (try await rig.refusal { try await rig.capture(0, key: long) }, ["/amount", "/key"]),
        ]
        for (fault, pointers) in refused {
            #expect(fault.code == .invalid)
            #expect(fault.fields?.map(\.pointer) == pointers)
        }
    }

    @Test("grants are the gateway's to make and holds the orchestrator's")
    func callers() async throws {
        let rig = try await Rig()
        try await rig.open()
        let faults = [
            try await rig.refusal {
                try await rig.orchestrator.call(Billing.Grant(account: "ada", amount: 1, key: "k"))
            },
            try await rig.refusal {
                try await rig.gateway.call(Billing.Hold(account: "ada", run: "r1", amount: 1))
            },
        ]
        #expect(faults.map(\.code) == [.denied, .denied])
    }
}
