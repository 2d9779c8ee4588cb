/// Which ways are left alone for a while, each by itself: a key of an endpoint, an endpoint that
/// cannot be reached, a model over one key. What fails over one key is no word against the others.
public struct CoolDowns: Sendable {
    /// What is left alone.
    public enum Scope: Hashable, Sendable, CustomStringConvertible {
        case target(Target)
        case lane(Lane)
        case endpoint(String)

        public var description: String {
            switch self {
            case .target(let target): target.description
            case .lane(let lane): lane.description
            case .endpoint(let name): name
            }
        }
    }

    /// How a target stands.
    public enum Standing: Sendable, Equatable {
        case ready
        /// It failed; better not before this moment, but it is asked when there is nothing else.
        case cooling(UInt64)
        /// The provider asked to be left alone until then.
        case asked(UInt64)
    }

    /// Something that is left alone, for whoever wants to know.
    public struct Entry: Sendable, Equatable {
        public var scope: Scope
        public var until: UInt64
        public var kind: FailureKind
        /// In a row.
        public var failures: Int
        /// True where the provider named the time itself.
        public var isAsked: Bool
        /// Until when the one request that looks whether it is well again has its time.
        fileprivate var probe: UInt64 = 0
    }

    /// So many failures in a row are a reason; one alone is chance.
    static let patience = 3
    static let probeTime: UInt64 = 30_000_000_000
    /// Targets are made from clients' model names: there is an end to what is remembered.
    static let mostEntries = 4_096

    private var entries: [Scope: Entry] = [:]

    public init() {}

    public func standing(_ target: Target, now: UInt64) -> Standing {
        var standing = Standing.ready
        for scope in Self.scopes(of: target) {
            guard let entry = entries[scope], entry.failures >= Self.reason(entry.kind) else {
                continue
            }
            let until = max(entry.until, entry.probe)
            guard now < until else { continue }
            if entry.isAsked, now < entry.until { return .asked(until) }
            if case .cooling(let other) = standing, other >= until { continue }
            standing = .cooling(until)
        }
        return standing
    }

    /// A request is on its way. Of those for what has just cooled down, the first one is a look
    /// whether it is well again, and others wait for what it finds.
    public mutating func began(_ target: Target, now: UInt64) {
        for scope in Self.scopes(of: target) {
            guard let entry = entries[scope], entry.failures >= Self.reason(entry.kind),
                now >= entry.until
            else { continue }
            entries[scope]?.probe = now + Self.probeTime
        }
    }

    /// It answered: nothing that was said against it holds any longer.
    public mutating func succeeded(_ target: Target) {
        for scope in Self.scopes(of: target) { entries[scope] = nil }
    }

    /// Its key is another one now.
    public mutating func forgive(_ lane: Lane) {
        entries = entries.filter { scope, _ in
            switch scope {
            case .lane(let other): other != lane
            case .target(let target): target.lane != lane
            case .endpoint: true
            }
        }
    }

    /// Its request was given up, and says nothing.
    public mutating func abandoned(_ target: Target) {
        for scope in Self.scopes(of: target) { entries[scope]?.probe = 0 }
    }

    public mutating func failed(_ target: Target, _ failure: Failure, now: UInt64) {
        guard let scope = Self.scope(of: failure.kind, target) else { return abandoned(target) }
        let failures = (entries[scope]?.failures ?? 0) + 1
        let over = failures - Self.reason(failure.kind)
        // An endpoint's clock is not trusted with more than a day.
        let asked = failure.retryAfter.map { min($0, .seconds(86_400)) }
        let pause = asked ?? Self.pause(failure.kind, times: max(over, 0))
        if entries[scope] == nil, entries.count >= Self.mostEntries { forget(now) }
        entries[scope] = Entry(
            scope: scope, until: now &+ pause.nanosecondsClamped, kind: failure.kind,
            failures: asked == nil ? failures : max(failures, Self.reason(failure.kind)),
            isAsked: asked != nil)
    }

    /// What is left alone now.
    public func list(now: UInt64) -> [Entry] {
        entries.values.filter { $0.until > now && $0.failures >= Self.reason($0.kind) }
            .sorted { $0.scope.description < $1.scope.description }
    }

    /// Lets go of what is over, and of what is over soonest until a quarter is free.
    private mutating func forget(_ now: UInt64) {
        entries = entries.filter { $0.value.until > now }
        let most = Self.mostEntries / 4 * 3
        guard entries.count > most else { return }
        let soonest = entries.sorted { $0.value.until < $1.value.until }
        for entry in soonest.prefix(entries.count - most) { entries[entry.key] = nil }
    }

    // MARK: The rules

    private static func scopes(of target: Target) -> [Scope] {
        [.target(target), .lane(target.lane), .endpoint(target.provider)]
    }

    private static func scope(of kind: FailureKind, _ target: Target) -> Scope? {
        switch kind {
        case .quota, .unauthorized: .lane(target.lane)
        case .unreachable: .endpoint(target.provider)
        case .rateLimited, .overloaded, .server, .timeout, .truncated, .garbage: .target(target)
        case .badRequest, .notFound, .cancelled: nil
        }
    }

    /// How many failures in a row are needed.
    private static func reason(_ kind: FailureKind) -> Int {
        switch kind {
        case .quota, .unauthorized, .rateLimited: 1
        default: patience
        }
    }

    /// Doubled each time.
    private static func pause(_ kind: FailureKind, times: Int) -> Duration {
        let (first, longest): (Duration, Duration) =
            switch kind {
            case .quota: (.seconds(300), .seconds(3_600))
            case .unauthorized: (.seconds(60), .seconds(600))
            case .rateLimited: (.seconds(2), .seconds(60))
            default: (.seconds(5), .seconds(60))
            }
        return min(first * (1 << min(times, 10)), longest)
    }
}
