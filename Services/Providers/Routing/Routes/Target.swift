/// One way to have a model answer: a provider as it is configured, a model, and a key of it.
public struct Target: Hashable, Sendable {
    /// The name in configuration, which stands for the endpoint too.
    public var provider: String
    /// As the provider knows it.
    public var model: String
    /// The key's name, never the key; empty where none is needed.
    public var key: String

    public init(_ provider: String, _ model: String, key: String = "") {
        (self.provider, self.model, self.key) = (provider, model, key)
    }

    /// The endpoint and the key, which rate limits are about.
    public var lane: Lane { Lane(provider, key) }
}

extension Target: CustomStringConvertible {
    public var description: String {
        key.isEmpty ? "\(provider)/\(model)" : "\(provider)/\(model)#\(key)"
    }
}

/// An endpoint with one of its keys.
public struct Lane: Hashable, Sendable, CustomStringConvertible {
    public var provider: String
    public var key: String

    public init(_ provider: String, _ key: String = "") {
        (self.provider, self.key) = (provider, key)
    }

    public var description: String { key.isEmpty ? provider : "\(provider)#\(key)" }
}

/// A target and its share of its tier's requests.
public struct WeightedTarget: Sendable, Equatable {
    public var target: Target
    public var weight: Int

    public init(_ target: Target, weight: Int = 1) { (self.target, self.weight) = (target, weight) }
}

/// Targets that are as good as one another. What is behind a tier is asked when all of it fails.
public struct Tier: Sendable, Equatable {
    public var targets: [WeightedTarget]

    public init(_ targets: [WeightedTarget]) { self.targets = targets }
}

/// When a second target is asked while the first has shown nothing yet.
public enum HedgeDelay: Sendable, Equatable {
    case after(Duration)
    /// The time within which this many of 100 first tokens came lately.
    case percentile(Int)
}

/// The ways that an alias stands for, in the order in which they are tried.
public struct Route: Sendable, Equatable {
    public var name: String
    public var tiers: [Tier]
    /// The most requests to one tier for one answer.
    public var tries: Int
    /// Nil for no second request beside a slow one.
    public var hedge: HedgeDelay?

    public init(_ name: String, _ tiers: [Tier], tries: Int = 3, hedge: HedgeDelay? = nil) {
        (self.name, self.tiers, self.tries, self.hedge) = (name, tiers, tries, hedge)
    }

    /// The way of a request that names its provider and model itself.
    public init(_ target: Target, tries: Int = 3) {
        self.init(target.description, [Tier([WeightedTarget(target)])], tries: tries)
    }

    public var targets: [Target] { tiers.flatMap { $0.targets.map(\.target) } }
}
