import Testing

@testable import BillingService

@Suite struct DomainTests {
    @Test(
        "credits are written with one to three decimals",
        arguments: [
            (0, "0.0"), (1, "0.001"), (10, "0.01"), (100, "0.1"), (1_000, "1.0"),
            (12_340, "12.34"), (12_345, "12.345"), (-1_500, "-1.5"),
            (.min, "-9223372036854775.808"),
        ] as [(Int64, String)])
    func creditsText(amount: Int64, text: String) {
        #expect(Credits.text(amount) == text)
    }

    @Test(
        "a moment lies in its month",
        arguments: [
            (0, "1970-01"), (-1, "1969-12"), (951_868_799_999, "2000-02"),
            (951_868_800_000, "2000-03"), (1_767_225_599_999, "2025-12"),
            (1_767_225_600_000, "2026-01"), (4_107_542_399_999, "2100-02"),
            (4_107_542_400_000, "2100-03"),
        ] as [(Int64, String)])
    func monthOf(milliseconds: Int64, name: String) {
        #expect(Month(containing: milliseconds).name == name)
    }

    @Test("four hundred years of months follow one another without a gap")
    func months() {
        var month = Month(containing: 0)
        for _ in 0..<4_800 {
            #expect(Month(containing: month.start) == month)
            #expect(Month(containing: month.next.start - 1) == month)
            #expect(month.name < month.next.name)
            month = month.next
        }
        #expect(month.name == "2370-01")
    }

    @Test("every movement's debits are its credits")
    func balanced() throws {
        var account = Account(
            id: "ada", plan: .free, available: 0, held: 0, granted: 0, allocatedMonth: "")
        var hold = RunHold(run: "r", account: "ada", amount: 60, remaining: 60, expiresAt: 0)
        let movements = [
            try account.grant(100, key: "g"), try account.hold(60, for: "r"),
            try #require(try account.capture(20, from: &hold, key: "a").movement),
            try #require(try account.capture(50, from: &hold, key: "b").movement),
        ]
        for movement in movements {
            let debits = movement.postings.reduce(0) { $0 + $1.debit }
            #expect(debits == movement.postings.reduce(0) { $0 + $1.credit })
            #expect(debits == Int64(movement.amount.magnitude))
        }
        #expect(movements.last?.postings.count == 3)
        #expect((account.available, account.held) == (30, 0))
    }

    @Test("an account that would come to more than can be counted is refused")
    func ceiling() throws {
        var account = Account(
            id: "ada", plan: .owner, available: 0, held: 0, granted: Credits.ceiling,
            allocatedMonth: "")
        #expect(throws: (any Error).self) { try account.grant(1, key: "k") }
        account.available = -Credits.ceiling
        #expect(throws: (any Error).self) { try account.hold(1, for: "r") }
    }
}
