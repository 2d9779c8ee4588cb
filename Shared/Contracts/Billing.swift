public import MeshContract

/// The keeper of credits. Amounts are thousandths of a credit; a credit is a US cent of list price.
public enum Billing: MeshService {
    public static let name = "billing"
    public static let contract = Contract(
        Self.self, OpenAccount.self, GetStatus.self, Grant.self, Hold.self, Capture.self,
        Release.self, ListLedger.self, Audit.self)
    public protocol Method: MeshMethod where Service == Billing {}

    public struct OpenAccount: Method {
        public static let name = "open"
        public static let summary = "Opens an account on a plan, once; a known one keeps its plan."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Status

        public var account: String
        /// `free`, `starter`, `pro` or `owner`.
        public var plan: String

        public init(account: String, plan: String) { (self.account, self.plan) = (account, plan) }
    }

    public struct GetStatus: Method {
        public static let name = "status"
        public static let summary = "Answers with an account's plan and credits."
        public static let traits = MethodTraits.read
        public typealias Reply = Status

        public var account: String

        public init(account: String) { self.account = account }
    }

    public struct Grant: Method {
        public static let name = "grant"
        public static let summary = "Gives thousandths of a credit to an account, once per key."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Status

        public var account: String
        public var amount: Int64
        public var key: String

        public init(account: String, amount: Int64, key: String) {
            (self.account, self.amount, self.key) = (account, amount, key)
        }
    }

    public struct Hold: Method {
        public static let name = "hold"
        public static let summary = "Sets credits of an account aside for a run, once per run."
        public static let traits = MethodTraits.keyed.callers("orchestrator")
        public typealias Reply = HoldState

        public var account: String
        public var run: String
        public var amount: Int64

        public init(account: String, run: String, amount: Int64) {
            (self.account, self.run, self.amount) = (account, run, amount)
        }
    }

    /// Takes from the run's hold, and past it from what the account has; never more than there is.
    public struct Capture: Method {
        public static let name = "capture"
        public static let summary = "Charges a run's hold for what was used, once per key."
        public static let traits = MethodTraits.keyed.callers("orchestrator")
        public typealias Reply = HoldState

        public var run: String
        public var amount: Int64
        public var key: String
        /// What it was for, as the ledger shows it: at most 200 bytes.
        public var note: String?

        public init(run: String, amount: Int64, key: String, note: String? = nil) {
            (self.run, self.amount, self.key, self.note) = (run, amount, key, note)
        }
    }

    public struct Release: Method {
        public static let name = "release"
        public static let summary = "Ends a run's hold and frees what it did not use, once."
        public static let traits = MethodTraits.keyed.callers("orchestrator")
        public typealias Reply = HoldState

        public var run: String

        public init(run: String) { self.run = run }
    }

    public struct ListLedger: Method {
        public static let name = "ledger"
        public static let summary = "Lists an account's entries, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = LedgerPage

        public var account: String
        /// Entries before this id; nil begins with the newest.
        public var before: Int64?
        public var limit: Int

        public init(account: String, before: Int64? = nil, limit: Int) {
            (self.account, self.before, self.limit) = (account, before, limit)
        }
    }

    public struct Audit: Method {
        public static let name = "audit"
        public static let summary = "Replays every ledger and compares it with the balances kept."
        public static let traits = MethodTraits.read
        public typealias Reply = AuditReport

        public init() {}
    }
}

extension Billing {
    public struct Status: Codable, Sendable, Equatable {
        public var account: String
        public var plan: String
        public var isUnlimited: Bool
        public var available: Int64
        public var held: Int64
        /// All that was ever granted.
        public var granted: Int64
        /// Wall milliseconds of the next allocation; nil where the plan has none.
        public var renewsAt: Int64?
        /// What such an allocation gives; nil where the plan has none.
        public var monthly: Int64?

        public init(
            account: String, plan: String, isUnlimited: Bool, available: Int64, held: Int64,
            granted: Int64, renewsAt: Int64?, monthly: Int64? = nil
        ) {
            (self.account, self.plan, self.isUnlimited) = (account, plan, isUnlimited)
            (self.available, self.held, self.granted) = (available, held, granted)
            (self.renewsAt, self.monthly) = (renewsAt, monthly)
        }
    }

    public struct HoldState: Codable, Sendable, Equatable {
        public var run: String
        /// What the run has been charged so far.
        public var captured: Int64
        /// What is still set aside.
        public var remaining: Int64
        /// What the last capture asked for and could not take.
        public var shortfall: Int64
        public var isOpen: Bool

        public init(
            run: String, captured: Int64, remaining: Int64, shortfall: Int64, isOpen: Bool
        ) {
            (self.run, self.captured, self.remaining) = (run, captured, remaining)
            (self.shortfall, self.isOpen) = (shortfall, isOpen)
        }
    }

    public struct LedgerEntry: Codable, Sendable, Equatable {
        public var id: Int64
        /// Wall milliseconds.
        public var at: Int64
        /// `grant`, `hold`, `capture`, `release`, `refund` or `correction`.
        public var kind: String
        /// Signed, from the account's side.
        public var amount: Int64
        public var run: String?
        public var key: String
        /// What was available after the entry.
        public var balance: Int64
        public var note: String?

        public init(
            id: Int64, at: Int64, kind: String, amount: Int64, run: String?, key: String,
            balance: Int64, note: String?
        ) {
            (self.id, self.at, self.kind, self.amount) = (id, at, kind, amount)
            (self.run, self.key, self.balance, self.note) = (run, key, balance, note)
        }
    }

    public struct LedgerPage: Codable, Sendable, Equatable {
        public var entries: [LedgerEntry]
        /// Pass as `before` for the next page; nil at the end.
        public var next: Int64?

        public init(entries: [LedgerEntry], next: Int64?) {
            (self.entries, self.next) = (entries, next)
        }
    }

    public struct AuditReport: Codable, Sendable, Equatable {
        public var accounts: Int
        public var entries: Int
        /// One sentence for each disagreement; empty when all agrees.
        public var problems: [String]

        public init(accounts: Int, entries: Int, problems: [String]) {
            (self.accounts, self.entries, self.problems) = (accounts, entries, problems)
        }
    }
}
