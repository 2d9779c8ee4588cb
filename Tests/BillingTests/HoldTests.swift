import Contracts
import MeshContract
import Testing

@Suite struct HoldTests {
    let rig: Rig

    init() async throws {
        rig = try await Rig()
        try await rig.open()
    }

    @Test("a hold sets credits aside, a capture charges it, a release frees the rest")
    func lifeOfARun() async throws {
        #expect(try await rig.hold(40_000) == open(captured: 0, remaining: 40_000))
        var status = try await rig.status()
        #expect((status.available, status.held) == (60_000, 40_000))
        #expect(
            try await rig.capture(12_345, key: "k1") == open(captured: 12_345, remaining: 27_655))
        status = try await rig.status()
        #expect((status.available, status.held) == (60_000, 27_655))
        let end = try await rig.release()
        #expect(
            end
                == Billing.HoldState(
                    run: "r1", captured: 12_345, remaining: 0, shortfall: 0, isOpen: false))
        status = try await rig.status()
        #expect((status.available, status.held) == (87_655, 0))
        let entries = try await rig.entries()
        #expect(entries.map(\.kind) == ["release", "capture", "hold", "grant"])
        #expect(entries.map(\.amount) == [27_655, -12_345, -40_000, 100_000])
        #expect(entries.map(\.balance) == [87_655, 60_000, 60_000, 100_000])
        #expect(entries.map(\.run) == ["r1", "r1", "r1", nil])
        #expect(try await rig.problems() == [])
    }

    @Test("a run is held for once, whatever it asks the second time")
    func heldOnce() async throws {
        let first = try await rig.hold(40_000)
        #expect(try await rig.hold(40_000) == first)
        #expect(try await rig.hold(90_000) == first)
        #expect(try await rig.status().held == 40_000)
        try await rig.release()
        #expect(try await rig.hold(40_000).isOpen == false)
        #expect(try await rig.status().held == 0)
    }

    @Test("another account cannot hold for the same run")
    func otherPayer() async throws {
        try await rig.open("bob")
        try await rig.hold(1_000)
        let fault = try await rig.refusal { try await rig.hold(1_000, of: "bob") }
        #expect(fault.code == .conflict)
    }

    @Test("the last credit can be held, and not one thousandth more")
    func edgeOfCredits() async throws {
        let fault = try await rig.refusal { try await rig.hold(100_001) }
        #expect(fault.code == .noCredits)
        #expect(fault.message == "the run needs 100.001 credits and the account has 100.0")
        #expect(try await rig.status().held == 0)
        #expect(try await rig.hold(100_000).remaining == 100_000)
        let none = try await rig.refusal { try await rig.hold(1_500, run: "r2") }
        #expect(none.message == "the run needs 1.5 credits and the account has 0.0")
    }

    @Test("a capture past the hold takes what is available, and the rest is a shortfall")
    func pastTheHold() async throws {
        try await rig.hold(30_000)
        #expect(try await rig.capture(50_000, key: "k1") == open(captured: 50_000, remaining: 0))
        #expect(try await rig.status().available == 50_000)
        #expect(
            try await rig.capture(80_000, key: "k2")
                == open(captured: 100_000, remaining: 0, shortfall: 30_000))
        let nothing = open(captured: 100_000, remaining: 0, shortfall: 5)
        for _ in 1...2 { #expect(try await rig.capture(5, key: "k3") == nothing) }
        let status = try await rig.status()
        #expect((status.available, status.held) == (0, 0))
        #expect(try await rig.entries().map(\.kind) == ["capture", "capture", "hold", "grant"])
        #expect(try await rig.problems() == [])
    }

    @Test("a capture leaves alone what other runs hold")
    func othersHolds() async throws {
        try await rig.hold(60_000, run: "r2")
        try await rig.hold(40_000)
        #expect(
            try await rig.capture(70_000, key: "k1")
                == open(captured: 40_000, remaining: 0, shortfall: 30_000))
        #expect(try await rig.release("r2").remaining == 0)
        #expect(try await rig.status().available == 60_000)
    }

    @Test("the same key charges once and is answered as before, after the release too")
    func capturedOnce() async throws {
        try await rig.hold(40_000)
        let first = try await rig.capture(10_000, key: "k1")
        #expect(try await rig.capture(10_000, key: "k1") == first)
        try await rig.capture(5_000, key: "k2")
        #expect(try await rig.capture(10_000, key: "k1") == first)
        #expect(try await rig.capture(11_000, key: "k1") == first)
        try await rig.release()
        #expect(try await rig.capture(10_000, key: "k1") == first)
        #expect(try await rig.status().available == 85_000)
    }

    @Test("a key that charged one run is refused for another")
    func keyOfAnotherRun() async throws {
        try await rig.hold(1_000)
        try await rig.hold(1_000, run: "r2")
        try await rig.capture(100, key: "k1")
        let fault = try await rig.refusal { try await rig.capture(100, run: "r2", key: "k1") }
        #expect(fault.code == .conflict)
    }

    @Test("a released hold cannot be charged, and releasing again changes nothing")
    func afterRelease() async throws {
        try await rig.hold(1_000)
        let end = try await rig.release()
        #expect(try await rig.release() == end)
        let fault = try await rig.refusal { try await rig.capture(1, key: "k1") }
        #expect(fault.code == .conflict)
        #expect(fault.message == "the hold of run r1 is released")
        #expect(try await rig.entries().map(\.kind) == ["release", "hold", "grant"])
    }

    @Test("the whole hold captured leaves nothing to free")
    func nothingToFree() async throws {
        try await rig.hold(1_000)
        try await rig.capture(1_000, key: "k1")
        try await rig.release()
        #expect(try await rig.entries().map(\.kind) == ["capture", "hold", "grant"])
        #expect(try await rig.problems() == [])
    }

    @Test("an unlimited account is never refused, and its ledger shows what was used")
    func unlimited() async throws {
        try await rig.open("olga", on: "owner")
        #expect(try await rig.hold(500_000, of: "olga").remaining == 500_000)
        #expect(try await rig.capture(700_000, key: "k1") == open(captured: 700_000, remaining: 0))
        try await rig.release()
        let status = try await rig.status("olga")
        #expect((status.available, status.held, status.granted) == (-700_000, 0, 0))
        #expect(status.isUnlimited)
        #expect(try await rig.entries(of: "olga").map(\.amount) == [-700_000, -500_000])
        #expect(try await rig.problems() == [])
    }
}
