import Routing
import Testing

@Suite("Budgets by whom they are for")
struct BudgetTableTests {
    @Test(
        "a spender's budgets are those that their accounts say, for any set of them",
        arguments: 0..<50)
    func same(seed: Int) {
        var generator = Seeded(UInt64(seed))
        var table = BudgetTable()
        var plain: [String: Budget] = [:]
        let subjects = ["a", "b", "c", Budget.everyone]
        for _ in 0..<200 {
            let name = "b\(Int.random(in: 0..<40, using: &generator))"
            if Int.random(in: 0..<4, using: &generator) == 0 {
                table.remove(name)
                plain[name] = nil
                continue
            }
            let scope = Budget.Scope.allCases.randomElement(using: &generator) ?? .all
            let budget = Budget(
                name, scope, subject: subjects.randomElement(using: &generator) ?? "a",
                period: .day, limit: 1)
            table.set(budget)
            plain[name] = budget
            let spender = Spender(key: "a", user: "b", project: "", run: "c")
            let expected = plain.values.filter { $0.account(of: spender, at: 0) != nil }
                .map(\.name).sorted()
            #expect(table.budgets(of: spender).map(\.name) == expected)
        }
        #expect(table.count == plain.count && table.all.map(\.name) == plain.keys.sorted())
    }
}
