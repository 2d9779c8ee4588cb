public import MeshContract

extension Providers {
    /// Sets what may be spent on providers, in place of a budget of the same name.
    public struct SetBudget: Method {
        public static let name = "set-budget"
        public static let summary =
            "Limits what a key, user, project or run may spend on providers."
        public static let traits = MethodTraits.keyed.callers("gateway", "billing")
        public typealias Reply = Done

        public var name: String
        /// As in `BudgetRule`.
        public var scope: String
        public var subject: String
        public var period: String
        public var limitNanoUSD: Int64
        public var allowsUnpriced: Bool
        public var owner: String?

        public init(_ rule: BudgetRule) {
            (name, scope, subject, period) = (rule.name, rule.scope, rule.subject, rule.period)
            (limitNanoUSD, allowsUnpriced) = (rule.limitNanoUSD, rule.allowsUnpriced)
            owner = rule.owner
        }
    }

    public struct DeleteBudget: Method {
        public static let name = "delete-budget"
        public static let summary = "Ends a budget that was set; one from the file of routes stays."
        public static let traits = MethodTraits.keyed.callers("gateway", "billing")
        public typealias Reply = Done

        public var name: String

        public init(name: String) { self.name = name }
    }

    public struct ForgetBudgets: Method {
        public static let name = "forget-budgets"
        public static let summary = "Ends the budgets that a user has set for themselves."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var owner: String

        public init(owner: String) { self.owner = owner }
    }

    public struct ListBudgets: Method {
        public static let name = "budgets"
        public static let summary = "Lists budgets, and what was spent and is held of each by whom."
        public static let traits = MethodTraits.read
        public typealias Reply = BudgetList

        /// A subject such as a user's id, or nil for all; at most 1,000 accounts are listed.
        public var subject: String?
        /// The user whose own budgets are asked for, or nil for all.
        public var owner: String?

        public init(subject: String? = nil, owner: String? = nil) {
            (self.subject, self.owner) = (subject, owner)
        }
    }

    public struct BudgetRule: Codable, Sendable, Equatable {
        public var name: String
        /// `key`, `user`, `project`, `run`, or `all` for everybody together.
        public var scope: String
        /// Whom it is for; `*` for each one by itself.
        public var subject: String
        /// `day`, `month` (UTC) or `total`.
        public var period: String
        /// Billionths of a US dollar of list price.
        public var limitNanoUSD: Int64
        /// Whether models without a known price may be asked; they then count as nothing.
        public var allowsUnpriced: Bool
        /// The user who has set it for themselves; nil for the installation's.
        public var owner: String?

        public init(
            name: String, scope: String, subject: String, period: String, limitNanoUSD: Int64,
            allowsUnpriced: Bool, owner: String? = nil
        ) {
            (self.name, self.scope, self.subject) = (name, scope, subject)
            (self.period, self.limitNanoUSD) = (period, limitNanoUSD)
            (self.allowsUnpriced, self.owner) = (allowsUnpriced, owner)
        }
    }

    /// One subject's share of a budget in its current period.
    public struct BudgetAccount: Codable, Sendable, Equatable {
        public var budget: String
        public var subject: String
        /// Wall milliseconds when the period began; 0 for one without an end.
        public var since: Int64
        public var spentNanoUSD: Int64
        /// Held for answers that are being written.
        public var heldNanoUSD: Int64

        public init(
            budget: String, subject: String, since: Int64, spentNanoUSD: Int64, heldNanoUSD: Int64
        ) {
            (self.budget, self.subject, self.since) = (budget, subject, since)
            (self.spentNanoUSD, self.heldNanoUSD) = (spentNanoUSD, heldNanoUSD)
        }
    }

    public struct BudgetList: Codable, Sendable, Equatable {
        public var budgets: [BudgetRule]
        public var accounts: [BudgetAccount]

        public init(budgets: [BudgetRule], accounts: [BudgetAccount]) {
            (self.budgets, self.accounts) = (budgets, accounts)
        }
    }
}
