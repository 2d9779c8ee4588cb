import Contracts
import Log
import MeshContract
import Routing
import ServiceKit
import Synchronization

/// Holds the most that a request can cost before it is made, and puts in its place what it did cost.
/// What is held and spent is on disk: budgets hold among all requests at once, and after a crash.
final class BudgetKeeper: Sendable {
    /// What is held for one request.
    struct Hold: Sendable { let id: String }

    private static let mostSet = 10_000
    private static let mostOwned = 100

    private let store: BudgetStore
    private let ambient: Ambient
    private let log: Log
    private let fixed: Set<String>
    private let table: Mutex<BudgetTable>

    /// `fixed` are those of the file of routes.
    init(_ store: BudgetStore, fixed: [Budget], ambient: Ambient, log: Log) {
        (self.store, self.ambient, self.log) = (store, ambient, log)
        self.fixed = Set(fixed.map(\.name))
        table = Mutex(BudgetTable(fixed))
    }

    /// Reads what was set.
    func load() async throws {
        let set = try await store.rules()
        table.withLock { table in
            // The file of routes counts for more.
            for budget in set where !fixed.contains(budget.name) { table.set(budget) }
        }
    }

    /// Books in full what a process that is gone had held: how much of it was used, nobody knows any
    /// more. For the process that serves, not for one that only looks.
    func settleAbandoned() async throws {
        let count = try await store.settleAbandoned()
        guard count > 0 else { return }
        log.warning("holds of an earlier process are booked in full", ["count": "\(count)"])
    }

    /// False while nothing needs to be held for anybody.
    var isActive: Bool { table.withLock { !$0.isEmpty } }

    /// Holds `amount`, which nobody knows where it is nil, under every budget of the spender, or
    /// under none. Nil where there is no such budget.
    func hold(_ spender: Spender, _ amount: Int64?) async throws -> Hold? {
        let now = ambient.now()
        let claims = table.withLock { $0.budgets(of: spender) }.compactMap { budget in
            budget.account(of: spender, at: now).map { BudgetStore.Claim(budget, $0) }
        }
        guard !claims.isEmpty else { return nil }
        let id = ambient.makeID("hold")
        try await store.hold(id, claims, amount, at: now)
        return Hold(id: id)
    }

    /// Ends a hold with what was spent of it. Should the disk refuse, it stays held until the next
    /// start, and is then booked in full.
    func settle(_ hold: Hold, _ amount: Int64) async {
        do {
            try await store.settle(hold.id, amount, at: ambient.now())
        } catch {
            log.error("what a request cost could not be booked", ["error": "\(error)"])
        }
    }

    // MARK: Rules

    func set(_ budget: Budget) async throws {
        guard !fixed.contains(budget.name) else {
            throw Fault(.conflict, "the file of routes has a budget \(budget.name)")
        }
        try table.withLock { table throws(Fault) in
            if let known = table[budget.name] {
                guard known.owner == budget.owner else {
                    throw Fault(.conflict, "the budget \(budget.name) is somebody else's")
                }
                return
            }
            guard table.count - fixed.count < Self.mostSet else {
                throw Fault(.capped, "there are \(Self.mostSet) budgets already")
            }
            guard let owner = budget.owner else { return }
            guard table.all.count(where: { $0.owner == owner }) < Self.mostOwned else {
                throw Fault(.capped, "a user has at most \(Self.mostOwned) budgets")
            }
        }
        try await store.set(budget, at: ambient.now())
        table.withLock { $0.set(budget) }
    }

    func delete(_ name: String) async throws {
        guard !fixed.contains(name), table.withLock({ $0[name] }) != nil else {
            throw Fault(.notFound, "no budget \(name) was set")
        }
        try await store.delete(name)
        table.withLock { $0.remove(name) }
    }

    /// Those that a user has set for themselves.
    func forget(of owner: String) async throws {
        for budget in table.withLock({ $0.all }) where budget.owner == owner {
            try await store.delete(budget.name)
            table.withLock { $0.remove(budget.name) }
        }
    }

    /// Budgets, and what stands under them in their current periods.
    func list(_ request: Providers.ListBudgets) async throws -> Providers.BudgetList {
        let budgets = table.withLock { $0.all }.filter {
            request.owner == nil || $0.owner == request.owner
        }
        let now = ambient.now()
        let starts = Dictionary(
            budgets.map { ($0.name, $0.period.start(at: now)) }, uniquingKeysWith: { $1 })
        let accounts = try await store.accounts(
            of: request.subject, under: request.owner
        ).filter {
            starts[$0.budget] == $0.since
        }
        return Providers.BudgetList(budgets: budgets.map(\.rule), accounts: accounts)
    }
}

extension Budget {
    /// As the contract has it.
    var rule: Providers.BudgetRule {
        Providers.BudgetRule(
            name: name, scope: scope.rawValue, subject: subject, period: period.rawValue,
            limitNanoUSD: limit, allowsUnpriced: allowsUnpriced, owner: owner)
    }

    init(_ request: Providers.SetBudget) throws(Fault) {
        var faults: [FieldFault] = []
        func expect(_ holds: Bool, _ field: String, _ message: String) {
            if !holds { faults.append(FieldFault(field, message)) }
        }
        let scope = Scope(rawValue: request.scope)
        let period = Period(rawValue: request.period)
        expect((1...400).contains(request.name.utf8.count), "/name", "takes 1 to 400 bytes")
        expect(scope != nil, "/scope", "is one of key, user, project, run, all")
        expect(period != nil, "/period", "is one of day, month, total")
        expect((1...256).contains(request.subject.utf8.count), "/subject", "takes 1 to 256 bytes")
        expect(request.limitNanoUSD >= 0, "/limitNanoUSD", "is not below zero")
        guard faults.isEmpty, let scope, let period else {
            throw Fault(.invalid, "the budget cannot be set", fields: faults)
        }
        self.init(
            request.name, scope, subject: request.subject, period: period,
            limit: request.limitNanoUSD, allowsUnpriced: request.allowsUnpriced,
            owner: request.owner)
    }
}
