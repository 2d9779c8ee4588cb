import Contracts
import Mesh
import MeshContract
import REST

/// `/budgets`: what one's own keys, projects and runs, or all of one's own together, may spend on
/// models. Administrators set the installation's under `/admin/budgets`.
struct BudgetEndpoints: Sendable {
    struct Body: Decodable, Sendable {
        var dollars: Double
        /// `day`, `month` (UTC) or `total`.
        var period: String
        /// Whether models without a known price may be asked; they then count as nothing.
        var allowsUnpriced: Bool?
    }

    struct BudgetView: Codable, Sendable {
        /// `key`, `user`, `project` or `run`; for administrators `all` as well.
        var scope: String
        /// Whom it is for; `*` for each one by itself.
        var subject: String
        var period: String
        var dollars: Double
        var allowsUnpriced: Bool
        /// In this period, by all it is for.
        var spentDollars: Double
        /// Set aside for answers that are being written.
        var heldDollars: Double
        /// When the period began; absent for one without an end.
        var since: String?
    }

    private static let mostDollars = 1e9
    private static let scopes = ["key", "user", "project", "run"]
    private static let example = #"{"dollars": 12.5, "period": "month"}"#

    let mesh: MeshClient
    let accounts: Accounts

    var all: [Endpoint] {
        [
            .get("/budgets", "Lists one's own budgets and what is left of them") {
                try await list($0, owner: $0.identity.user)
            }.paged(),
            .put(
                "/budgets/{scope}/{subject}",
                "Limits what an API key, a project or a run of one's own, or `user/me`, may spend",
                bodyLimit: 4_096, Body.self, setOwn
            ).example(Self.example).scoped(.admin),
            .delete("/budgets/{scope}/{subject}", "Ends a budget of one's own", endOwn)
                .scoped(.admin),
            .get("/admin/budgets", "Lists all budgets", access: .admin) {
                try await list($0, owner: nil)
            }.paged(),
            .put(
                "/admin/budgets/{scope}/{subject}",
                "Limits what somebody (`*`: each) may spend, whoever they are", access: .admin,
                bodyLimit: 4_096, Body.self
            ) { body, incoming in
                try await set(body, try place(incoming, more: ["all"]), owner: nil, incoming)
            }.example(Self.example),
            .delete("/admin/budgets/{scope}/{subject}", "Ends a budget", access: .admin) {
                try await end(try place($0, more: ["all"]), owner: nil, $0)
            },
        ]
    }

    /// Whom a budget is for.
    private struct Place {
        let scope: String
        let subject: String

        /// Its name in the providers service.
        func name(owner: String?) -> String { "\(owner ?? "admin")/\(scope)/\(subject)" }
    }

    private func place(_ incoming: Incoming, more: [String] = []) throws(Fault) -> Place {
        let (scope, subject) = (incoming.parameter("scope"), incoming.parameter("subject"))
        guard (Self.scopes + more).contains(scope) else {
            throw Fault(
                .notFound, "a budget is for one of \((Self.scopes + more).joined(separator: ", "))")
        }
        guard (1...200).contains(subject.utf8.count), scope != "all" || subject == "*" else {
            throw Fault(.notFound, "nobody has that name")
        }
        return Place(scope: scope, subject: subject)
    }

    // MARK: One's own

    /// Whom it is for in the books, where that is one's own. Throws `not-found` for others' keys and
    /// runs: a budget would hold them up.
    private func own(_ incoming: Incoming) async throws -> Place {
        let (place, user) = (try place(incoming), incoming.identity.user)
        switch place.scope {
        case "user":
            guard ["me", user].contains(place.subject) else {
                throw Fault(.notFound, "a budget for somebody else is for an administrator to set")
            }
            return Place(scope: "user", subject: user)
        case "key":
            let keys = try await accounts.store.keys(of: user, limit: Accounts.mostKeys)
            guard keys.contains(where: { $0.id == place.subject }) else {
                throw Fault(.notFound, "no such API key")
            }
            return place
        case "run":
            _ = try await mesh.call(Orchestrator.GetRun(user: user, id: place.subject))
            return place
        default:
            // Projects are named by their people: the books have both names.
            return Place(scope: "project", subject: "\(user)/\(place.subject)")
        }
    }

    @Sendable private func setOwn(
        _ body: Body, _ incoming: Incoming
    ) async throws -> BudgetView {
        try await set(body, try await own(incoming), owner: incoming.identity.user, incoming)
    }

    /// What it was for may be gone: then it is ended all the same.
    @Sendable private func endOwn(_ incoming: Incoming) async throws {
        let (named, user) = (try place(incoming), incoming.identity.user)
        let subject =
            switch named.scope {
            case "user": named.subject == "me" ? user : named.subject
            case "project": "\(user)/\(named.subject)"
            default: named.subject
            }
        try await end(Place(scope: named.scope, subject: subject), owner: user, incoming)
    }

    // MARK: Both

    private func set(
        _ body: Body, _ place: Place, owner: String?, _ incoming: Incoming
    ) async throws -> BudgetView {
        var faults: [FieldFault] = []
        if !(0...Self.mostDollars).contains(body.dollars) {
            faults.append(FieldFault("/dollars", "is from 0 to a billion"))
        }
        if !["day", "month", "total"].contains(body.period) {
            faults.append(FieldFault("/period", "is none of day, month, total"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the budget was refused", fields: faults)
        }
        let rule = Providers.BudgetRule(
            name: place.name(owner: owner), scope: place.scope, subject: place.subject,
            period: body.period, limitNanoUSD: Int64((body.dollars * 1e9).rounded()),
            allowsUnpriced: body.allowsUnpriced ?? false, owner: owner)
        _ = try await mesh.call(Providers.SetBudget(rule))
        await note(.budgetSet, rule.name, "$\(body.dollars) a \(body.period)", incoming)
        let list = try await mesh.call(
            Providers.ListBudgets(subject: place.subject, owner: owner))
        return Self.view(rule, list.accounts, of: incoming.identity.user)
    }

    private func end(_ place: Place, owner: String?, _ incoming: Incoming) async throws {
        let name = place.name(owner: owner)
        do throws(Fault) {
            _ = try await mesh.call(Providers.DeleteBudget(name: name))
        } catch {
            guard error.code == .notFound else { throw error }
            throw Fault(.notFound, "there is no such budget")
        }
        await note(.budgetEnd, name, nil, incoming)
    }

    private func note(
        _ action: AuditLog.Action, _ name: String, _ detail: String?, _ incoming: Incoming
    ) async {
        await accounts.audit.note(action, by: Doer(incoming), target: name, detail: detail)
    }

    private func list(_ incoming: Incoming, owner: String?) async throws -> Page<BudgetView> {
        let list = try await mesh.call(Providers.ListBudgets(owner: owner))
        let named = list.budgets.map { rule in
            (rule.name, Self.view(rule, list.accounts, of: incoming.identity.user))
        }
        let page = try Page(named.map { Named(name: $0.0, view: $0.1) }, incoming, by: \.name)
        return Page(items: page.items.map(\.view), nextCursor: page.nextCursor)
    }

    private struct Named: Codable, Sendable {
        var name: String
        var view: BudgetView
    }

    private static func view(
        _ rule: Providers.BudgetRule, _ accounts: [Providers.BudgetAccount], of user: String
    ) -> BudgetView {
        let own = accounts.filter { $0.budget == rule.name }
        func dollars(_ sum: (Providers.BudgetAccount) -> Int64) -> Double {
            own.reduce(0) { $0 + Double(sum($1)) } / 1e9
        }
        let prefix = "\(user)/"
        let isOwnProject =
            rule.owner != nil && rule.scope == "project" && rule.subject.hasPrefix(prefix)
        return BudgetView(
            scope: rule.scope,
            subject: isOwnProject ? String(rule.subject.dropFirst(prefix.count)) : rule.subject,
            period: rule.period, dollars: Double(rule.limitNanoUSD) / 1e9,
            allowsUnpriced: rule.allowsUnpriced, spentDollars: dollars(\.spentNanoUSD),
            heldDollars: dollars(\.heldNanoUSD),
            since: own.map(\.since).max().flatMap { $0 > 0 ? rfc3339($0) : nil })
    }
}
