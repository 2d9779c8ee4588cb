public import Dialects

/// A provider as it is configured: where it is, how it is spoken to, and by which keys.
public struct ProviderEntry: Sendable, Equatable {
    public var name: String
    public var dialect: DialectName
    /// Nil for the dialect's own.
    public var baseURL: String?
    public var keys: [KeyEntry]

    public init(
        _ name: String, _ dialect: DialectName, baseURL: String? = nil, keys: [KeyEntry] = []
    ) {
        (self.name, self.dialect, self.baseURL, self.keys) = (name, dialect, baseURL, keys)
    }

    /// What its keys are called; one without a name where it takes none.
    var keyNames: [String] { keys.isEmpty ? [""] : keys.map(\.name) }
}

/// A key of a provider by its name and where it is found, with the limits that it is under.
public struct KeyEntry: Sendable, Equatable {
    public var name: String
    /// The variable in the environment that holds it.
    public var variable: String
    public var limits: LaneLimits

    public init(_ name: String, variable: String, limits: LaneLimits = LaneLimits()) {
        (self.name, self.variable, self.limits) = (name, variable, limits)
    }
}

/// What may go over one key of an endpoint; nil for as much as one likes.
public struct LaneLimits: Sendable, Equatable {
    public var requestsPerMinute: Int?
    public var tokensPerMinute: Int?
    /// Requests at once.
    public var concurrency: Int?

    public init(
        requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, concurrency: Int? = nil
    ) {
        (self.requestsPerMinute, self.tokensPerMinute) = (requestsPerMinute, tokensPerMinute)
        self.concurrency = concurrency
    }

    public var isEmpty: Bool { self == LaneLimits() }
}

/// How long and in how much memory answers are kept for the same question.
public struct CacheRule: Sendable, Equatable {
    public var time: Duration
    public var bytes: Int
    /// True for every question; else only for those that ask for the same answer each time, by a
    /// temperature of zero or by a seed.
    public var isForAll: Bool

    public init(time: Duration, bytes: Int, isForAll: Bool = false) {
        (self.time, self.bytes, self.isForAll) = (time, bytes, isForAll)
    }
}

/// Everything that the file of routes says.
public struct RouteBook: Sendable, Equatable {
    public var providers: [String: ProviderEntry]
    public var routes: [String: Route]
    /// Requests at once to one target, where there is a limit.
    public var concurrency: [Target: Int]
    public var budgets: [Budget]
    public var cache: CacheRule?

    public init(
        providers: [ProviderEntry] = [], routes: [Route] = [], concurrency: [Target: Int] = [:],
        budgets: [Budget] = [], cache: CacheRule? = nil
    ) {
        self.providers = Dictionary(providers.map { ($0.name, $0) }) { $1 }
        self.routes = Dictionary(routes.map { ($0.name, $0) }) { $1 }
        (self.concurrency, self.budgets, self.cache) = (concurrency, budgets, cache)
    }

    /// The limits of every key that has some.
    public var limits: [Lane: LaneLimits] {
        var limits: [Lane: LaneLimits] = [:]
        for provider in providers.values {
            for key in provider.keys where !key.limits.isEmpty {
                limits[Lane(provider.name, key.name)] = key.limits
            }
        }
        return limits
    }

    /// The way to a model that a request names itself: over every key of its provider alike.
    public func route(to model: String, of provider: String, tries: Int) -> Route {
        let keys = providers[provider]?.keyNames ?? [""]
        let targets = keys.map { WeightedTarget(Target(provider, model, key: $0)) }
        return Route("\(provider)/\(model)", [Tier(targets)], tries: tries)
    }
}
