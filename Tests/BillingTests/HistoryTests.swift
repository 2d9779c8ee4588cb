import Contracts
import MeshContract
import Testing
import Testkit

private enum Answer: Equatable {
    case state(Billing.HoldState)
    case refused(Fault.Code)
}

/// What the contract promises, kept in a dictionary: the ledger must agree with it after any history.
private struct Model {
    struct Hold {
        var captured: Int64 = 0
        var remaining: Int64
        var shortfall: Int64 = 0
        var isOpen = true
    }

    var available: Int64 = 100_000
    var holds: [String: Hold] = [:]
    var charges: [String: Billing.HoldState] = [:]

    var held: Int64 { holds.values.reduce(0) { $0 + $1.remaining } }

    mutating func hold(_ amount: Int64, run: String) -> Answer {
        if holds[run] == nil {
            guard amount <= available else { return .refused(.noCredits) }
            available -= amount
            holds[run] = Hold(remaining: amount)
        }
        return .state(state(run))
    }

    mutating func capture(
        _ amount: Int64, run: String, key: String
    ) -> Answer {
        if let known = charges[key] {
            return known.run == run ? .state(known) : .refused(.conflict)
        }
        guard var hold = holds[run] else { return .refused(.notFound) }
        guard hold.isOpen else { return .refused(.conflict) }
        let fromHold = min(amount, hold.remaining)
        let beyond = min(amount - fromHold, available)
        hold.remaining -= fromHold
        hold.captured += fromHold + beyond
        available -= beyond
        hold.shortfall = amount - fromHold - beyond
        holds[run] = hold
        charges[key] = state(run)
        return .state(state(run))
    }

    mutating func release(_ run: String) -> Answer {
        guard let hold = holds[run] else { return .refused(.notFound) }
        available += hold.remaining
        holds[run]?.remaining = 0
        holds[run]?.isOpen = false
        return .state(state(run))
    }

    private func state(_ run: String) -> Billing.HoldState {
        let hold = holds[run] ?? Hold(remaining: 0, isOpen: false)
        return Billing.HoldState(
            run: run, captured: hold.captured, remaining: hold.remaining,
            shortfall: hold.shortfall, isOpen: hold.isOpen)
    }
}

/// Chance that can be had again from its seed (splitmix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct HistoryTests {
    @Test("after any history the ledger agrees with what was promised", arguments: 1...8)
    func histories(seed: UInt64) async throws {
        let rig = try await Rig()
        try await rig.open()
        var model = Model()
        var chance = Seeded(state: seed)
        for step in 1...120 {
            let run = "r\(Int.random(in: 1...6, using: &chance))"
            let key = "k\(Int.random(in: 1...60, using: &chance))"
            let amount = Int64.random(in: 1...30_000, using: &chance)
            let expected: Answer
            let answer: Answer
            switch Int.random(in: 0..<10, using: &chance) {
            case 0..<3:
                expected = model.hold(amount, run: run)
                answer = await ask { try await rig.hold(amount, run: run) }
            case 3:
                expected = model.release(run)
                answer = await ask { try await rig.release(run) }
            default:
                expected = model.capture(amount, run: run, key: key)
                answer = await ask { try await rig.capture(amount, run: run, key: key) }
            }
            #expect(answer == expected, "seed \(seed), step \(step)")
            let status = try await rig.status()
            #expect((status.available, status.held) == (model.available, model.held))
        }
        #expect(try await rig.problems() == [])
    }

    private func ask(
        _ call: () async throws -> Billing.HoldState
    ) async -> Answer {
        do {
            return .state(try await call())
        } catch let fault as Fault {
            return .refused(fault.code)
        } catch {
            return .refused(.internal)
        }
    }
}
