import Civil
public import MeshContract

/// What may be spent on providers, by whom and in which time, in nano-dollars.
public struct Budget: Sendable, Equatable {
    /// Whose spending is counted.
    public enum Scope: String, Sendable, CaseIterable { case key, user, project, run, all }

    /// From when it is counted.
    public enum Period: String, Sendable, CaseIterable {
        case day, month, total

        /// The beginning of the day or month (UTC) of a moment, in wall milliseconds; 0 for ever.
        public func start(at moment: Int64) -> Int64 {
            let day: Int64 = 86_400_000
            let midnight = moment - ((moment % day) + day) % day
            switch self {
            case .day: return midnight
            case .month: return midnight - Int64(CivilTime(midnight / 1_000).day - 1) * day
            case .total: return 0
            }
        }
    }

    /// The subject that stands for each one by itself.
    public static let everyone = "*"

    public var name: String
    public var scope: Scope
    /// Whom it is for; `everyone` for each one by itself.
    public var subject: String
    public var period: Period
    public var limit: Int64
    /// Whether what has no known price may be asked for; it then counts as nothing.
    public var allowsUnpriced: Bool
    /// The user who has set it for themselves; nil for the installation's.
    public var owner: String?

    public init(
        _ name: String, _ scope: Scope, subject: String = Budget.everyone, period: Period,
        limit: Int64, allowsUnpriced: Bool = false, owner: String? = nil
    ) {
        (self.name, self.scope, self.subject) = (name, scope, subject)
        (self.period, self.limit, self.allowsUnpriced) = (period, limit, allowsUnpriced)
        self.owner = owner
    }
}

/// For whom a model is asked; empty where there is none.
public struct Spender: Sendable, Equatable {
    public var key: String
    public var user: String
    public var project: String
    public var run: String

    public init(key: String = "", user: String = "", project: String = "", run: String = "") {
        (self.key, self.user, self.project, self.run) = (key, user, project, run)
    }

    func subject(of scope: Budget.Scope) -> String {
        switch scope {
        case .key: key
        case .user: user
        case .project: project
        case .run: run
        case .all: Budget.everyone
        }
    }
}

/// One budget of one subject in one period: what spending is counted under.
public struct Account: Hashable, Sendable {
    public var budget: String
    public var subject: String
    public var start: Int64

    public init(budget: String, subject: String, start: Int64) {
        (self.budget, self.subject, self.start) = (budget, subject, start)
    }
}

extension Budget {
    /// The account that this spender's spending belongs to; nil for none of this budget's.
    public func account(of spender: Spender, at moment: Int64) -> Account? {
        let subject = spender.subject(of: scope)
        guard !subject.isEmpty, self.subject == Self.everyone || self.subject == subject else {
            return nil
        }
        return Account(budget: name, subject: subject, start: period.start(at: moment))
    }

    /// Refuses what would exceed it. `amount` is the most that the call can cost; nil where nobody
    /// knows.
    public func judge(_ amount: Int64?, spent: Int64, held: Int64) throws(Fault) {
        guard let amount else {
            guard !allowsUnpriced else { return }
            throw Fault(
                .capped, "\(title) takes no model without a known price",
                detail: "give it a price, or allow unpriced models in the budget")
        }
        let used = max(spent, 0).addingClamped(max(held, 0))
        // Spent to the end, it takes nothing more, not even what costs nothing by mistake.
        guard amount == 0 || used.addingClamped(amount) <= limit else {
            throw Fault(
                .capped, "\(title) of $\(NanoUSD.text(limit)) a \(word) is used up",
                detail: "$\(NanoUSD.text(spent)) spent, $\(NanoUSD.text(held)) held, "
                    + "up to $\(NanoUSD.text(amount)) asked")
        }
    }

    /// A user's own has a name for machines only.
    private var title: String {
        guard owner != nil else { return "the budget \(name)" }
        return scope == .key ? "the budget of this API key" : "the budget of this \(scope.rawValue)"
    }

    private var word: String {
        switch period {
        case .day: "day"
        case .month: "month"
        case .total: "\(scope.rawValue) in all"
        }
    }
}
