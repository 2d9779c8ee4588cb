/// Budgets by whom they are for: a request asks for its own among thousands.
public struct BudgetTable: Sendable {
    private struct Place: Hashable {
        let scope: Budget.Scope
        let subject: String

        init(_ scope: Budget.Scope, _ subject: String) {
            (self.scope, self.subject) = (scope, subject)
        }

        init(_ budget: Budget) { self.init(budget.scope, budget.subject) }
    }

    private var named: [String: Budget] = [:]
    private var placed: [Place: Set<String>] = [:]

    public init(_ budgets: [Budget] = []) { for budget in budgets { set(budget) } }

    public var isEmpty: Bool { named.isEmpty }
    public var count: Int { named.count }
    /// By name.
    public var all: [Budget] { named.values.sorted { $0.name < $1.name } }

    public subscript(name: String) -> Budget? { named[name] }

    /// In place of one of the same name.
    public mutating func set(_ budget: Budget) {
        remove(budget.name)
        named[budget.name] = budget
        placed[Place(budget), default: []].insert(budget.name)
    }

    public mutating func remove(_ name: String) {
        guard let budget = named.removeValue(forKey: name) else { return }
        let place = Place(budget)
        placed[place]?.remove(name)
        if placed[place]?.isEmpty == true { placed[place] = nil }
    }

    /// Those that this spender's spending counts under, by name.
    public func budgets(of spender: Spender) -> [Budget] {
        var names: [String] = []
        for scope in Budget.Scope.allCases {
            let subject = spender.subject(of: scope)
            guard !subject.isEmpty else { continue }
            for subject in Set([subject, Budget.everyone]) {
                names += placed[Place(scope, subject)] ?? []
            }
        }
        return names.sorted().compactMap { named[$0] }
    }
}
