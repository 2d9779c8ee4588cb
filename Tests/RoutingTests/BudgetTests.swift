import MeshContract
import Testing

@testable import Routing

@Suite("Budgets")
struct BudgetTests {
    private let spender = Spender(key: "k", user: "u", project: "p", run: "r")

    private func fault(_ budget: Budget, _ amount: Int64?, spent: Int64, held: Int64) -> Fault? {
        do {
            try budget.judge(amount, spent: spent, held: held)
            return nil
        } catch { return error }
    }

    @Test("a budget holds to its last nano-dollar, with what is held")
    func edge() {
        let budget = Budget("b", .user, period: .day, limit: 100)
        #expect(fault(budget, 40, spent: 50, held: 10) == nil)
        let refusal = fault(budget, 41, spent: 50, held: 10)
        #expect(refusal?.code == .capped)
        #expect(refusal?.message.contains("budget b of $0.0000001 a day") == true)
        #expect(refusal?.detail?.contains("$0.00000005 spent") == true)
        #expect(fault(budget, .max, spent: .max, held: .max)?.code == .capped)
        #expect(fault(budget, 0, spent: 500, held: 0) == nil, "what is free is free")
    }

    @Test("what has no known price is refused, unless the budget lets it through")
    func unpriced() {
        var budget = Budget("b", .user, period: .day, limit: 100)
        #expect(fault(budget, nil, spent: 0, held: 0)?.code == .capped)
        budget.allowsUnpriced = true
        #expect(fault(budget, nil, spent: 0, held: 0) == nil)
    }

    @Test("spending is counted under whom the budget is for")
    func accounts() {
        func account(_ scope: Budget.Scope, _ subject: String = "*") -> Account? {
            Budget("b", scope, subject: subject, period: .total, limit: 1)
                .account(of: spender, at: 5)
        }
        #expect(account(.key)?.subject == "k" && account(.user)?.subject == "u")
        #expect(account(.project)?.subject == "p" && account(.run)?.subject == "r")
        #expect(account(.all)?.subject == "*")
        #expect(account(.user, "u") != nil && account(.user, "v") == nil)
        let nobody = Budget("b", .key, period: .day, limit: 1)
        #expect(nobody.account(of: Spender(user: "u"), at: 5) == nil)
    }

    @Test("days and months begin where the calendar says (UTC)")
    func periods() {
        // 2024-03-01T00:00:00Z, the day after a leap day.
        let march: Int64 = 1_709_251_200_000
        #expect(Budget.Period.month.start(at: march) == march)
        #expect(Budget.Period.month.start(at: march + 31 * 86_400_000 - 1) == march)
        #expect(Budget.Period.month.start(at: march - 1) == march - 29 * 86_400_000)
        #expect(Budget.Period.day.start(at: march - 1) == march - 86_400_000)
        #expect(Budget.Period.day.start(at: -1) == -86_400_000)
        #expect(Budget.Period.total.start(at: march) == 0)
    }
}
