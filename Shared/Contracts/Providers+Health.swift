public import MeshContract

extension Providers {
    /// Whether models can be asked, and how those fare that were.
    public struct Health: Method {
        public static let name = "status"
        public static let summary = "Tells how each provider fares: errors, latencies, cool-downs."
        public static let traits = MethodTraits.read
        public typealias Reply = HealthReport

        public init() {}
    }

    public struct HealthReport: Codable, Sendable, Equatable {
        /// True while the default model can be asked and its provider is not failing.
        public var isHealthy: Bool
        /// What is wrong, in sentences; empty when nothing is.
        public var problems: [String]
        public var targets: [TargetHealth]

        public init(isHealthy: Bool, problems: [String], targets: [TargetHealth]) {
            (self.isHealthy, self.problems, self.targets) = (isHealthy, problems, targets)
        }
    }

    /// One model of a provider over one of its keys, since the service began.
    public struct TargetHealth: Codable, Sendable, Equatable {
        public var provider: String
        public var model: String
        /// The key's name in the configuration; empty where there is one or none.
        public var key: String
        /// `ok`, `failing` after failures in a row, `cooling` while it is left alone, `unused`.
        public var state: String
        public var requests: Int
        public var inFlight: Int
        /// Failures by their kinds, in the order of those.
        public var errors: [ErrorCount]
        /// Until its next request; nil where it is not left alone.
        public var coolingMilliseconds: Int?
        /// Until the first step of an answer: of 50, 95 and 99 in 100 requests.
        public var firstTokenMilliseconds: Percentiles?
        /// The same until its end.
        public var durationMilliseconds: Percentiles?
        /// Wall milliseconds; nil before the first failure.
        public var lastErrorAt: Int64?

        public init(provider: String, model: String, key: String, state: String) {
            (self.provider, self.model, self.key, self.state) = (provider, model, key, state)
            (requests, inFlight, errors) = (0, 0, [])
        }
    }

    public struct ErrorCount: Codable, Sendable, Equatable {
        /// Such as `rate-limited` or `server`.
        public var kind: String
        public var count: Int

        public init(kind: String, count: Int) { (self.kind, self.count) = (kind, count) }
    }

    public struct Percentiles: Codable, Sendable, Equatable {
        public var p50: Double
        public var p95: Double
        public var p99: Double

        public init(p50: Double, p95: Double, p99: Double) {
            (self.p50, self.p95, self.p99) = (p50, p95, p99)
        }
    }
}
