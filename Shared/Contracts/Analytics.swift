public import MeshContract

/// The keeper of figures: what was used, by whom, on which model, over time.
public enum Analytics: MeshService {
    public static let name = "analytics"
    public static let contract = Contract(Self.self, GetUsage.self, GetProgress.self)
    public protocol Method: MeshMethod where Service == Analytics {}

    public struct GetUsage: Method {
        public static let name = "usage"
        public static let summary =
            "Sums what was used, by model and by day, for a user, a project or a run."
        public static let traits = MethodTraits.read
        public typealias Reply = UsageReport

        /// nil for all users.
        public var user: String?
        public var run: String?
        /// Wall milliseconds; nil from the beginning.
        public var since: Int64?
        /// A user's own name for it; of every user who has one of this name, unless one is said.
        public var project: String?

        public init(
            user: String? = nil, run: String? = nil, since: Int64? = nil, project: String? = nil
        ) {
            (self.user, self.run, self.since, self.project) = (user, run, since, project)
        }
    }

    public struct GetProgress: Method {
        public static let name = "progress"
        public static let summary = "Says how far each feed has been read."
        public static let traits = MethodTraits.read
        public typealias Reply = FeedProgress

        public init() {}
    }
}

extension Analytics {
    public struct Totals: Codable, Sendable, Equatable {
        public var turns: Int
        public var failures: Int
        public var inputTokens: Int
        public var outputTokens: Int
        /// Millionths of a US dollar, of the turns whose price is known.
        public var costMicroUSD: Int64
        public var durationMilliseconds: Int64

        public init(
            turns: Int, failures: Int, inputTokens: Int, outputTokens: Int, costMicroUSD: Int64,
            durationMilliseconds: Int64
        ) {
            (self.turns, self.failures) = (turns, failures)
            (self.inputTokens, self.outputTokens) = (inputTokens, outputTokens)
            (self.costMicroUSD, self.durationMilliseconds) = (costMicroUSD, durationMilliseconds)
        }
    }

    /// The totals of one model or one day.
    public struct Slice: Codable, Sendable, Equatable {
        /// `anthropic/claude-…`, or a day as `2026-01-31` (UTC).
        public var name: String
        public var totals: Totals

        public init(name: String, totals: Totals) { (self.name, self.totals) = (name, totals) }
    }

    public struct UsageReport: Codable, Sendable, Equatable {
        public var totals: Totals
        public var models: [Slice]
        public var days: [Slice]

        public init(totals: Totals, models: [Slice], days: [Slice]) {
            (self.totals, self.models, self.days) = (totals, models, days)
        }
    }

    public struct FeedProgress: Codable, Sendable, Equatable {
        /// The last sequence number of the providers' usage log that is counted here.
        public var usage: Int64

        public init(usage: Int64) { self.usage = usage }
    }
}
