import Dialects
public import MeshContract

extension RouteBook {
    /// What a file of routes may hold at most.
    static let mostProviders = 100
    static let mostRoutes = 500
    static let mostTargets = 32
    static let mostTiers = 8

    /// Reads the file of routes. `known` are the providers that the environment names: the file adds
    /// to them, and says more of one under the same name.
    ///
    /// Whatever is wrong is told at once, each with a pointer (RFC 6901) to its place.
    public init(parsing bytes: [UInt8], known: [ProviderEntry] = []) throws(Fault) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 4 << 20, depth: 16))
        } catch {
            throw Fault(.invalid, "the routes cannot be read", detail: error.words)
        }
        var reading = RouteReading(known: known)
        self = reading.book(value)
        guard reading.faults.isEmpty else {
            throw Fault(
                .invalid, "the routes cannot be used",
                fields: Array(reading.faults.prefix(50)))
        }
    }
}

/// Reads one file and gathers what is wrong with it.
struct RouteReading {
    var faults: [FieldFault] = []
    private var book: RouteBook
    private var concurrency: [Target: Int] = [:]
    /// Routes as they are written, to be put together once all are known.
    private var written: [String: JSONValue] = [:]
    private var done: [String: Route] = [:]

    init(known: [ProviderEntry]) { book = RouteBook(providers: known) }

    mutating func book(_ value: JSONValue) -> RouteBook {
        let root = Node(value, "")
        check(root, knows: ["providers", "routes", "budgets", "cache"])
        for (name, node) in members(of: root, "providers", most: RouteBook.mostProviders) {
            if let provider = provider(name, node) { book.providers[name] = provider }
        }
        let routes = members(of: root, "routes", most: RouteBook.mostRoutes)
        for (name, node) in routes { written[name] = node.value }
        for (name, node) in routes { book.routes[name] = route(name, node, within: []) }
        book.concurrency = concurrency
        var names: Set<String> = []
        for node in items(of: root, "budgets", 0...1_000) {
            guard let budget = budget(node) else { continue }
            if names.insert(budget.name).inserted {
                book.budgets.append(budget)
            } else {
                blame(node.pointer + "/name", "is the name of another budget")
            }
        }
        if let node = root["cache"] { book.cache = cache(node) }
        return book
    }

    // MARK: Providers

    private mutating func provider(_ name: String, _ node: Node) -> ProviderEntry? {
        check(node, knows: ["dialect", "base_url", "keys"])
        let old = book.providers[name]
        let names = DialectName.allCases.map(\.rawValue)
        let word = text(node, "dialect") ?? old?.dialect.rawValue ?? name
        guard let dialect = DialectName(rawValue: word) else {
            blame(node.pointer + "/dialect", "is one of \(names.joined(separator: ", "))")
            return nil
        }
        var entry = ProviderEntry(name, dialect, baseURL: old?.baseURL, keys: old?.keys ?? [])
        if let url = text(node, "base_url") {
            if !Self.isBaseURL(url) {
                blame(node.pointer + "/base_url", "is http or https with a host, and no more")
            }
            entry.baseURL = url
        }
        guard node["keys"] != nil else { return entry }
        entry.keys = []
        for node in items(of: node, "keys", 1...RouteBook.mostTargets) {
            guard let key = key(node) else { continue }
            if entry.keys.contains(where: { $0.name == key.name }) {
                blame(node.pointer + "/name", "is the name of another key")
            }
            entry.keys.append(key)
        }
        return entry
    }

    private mutating func key(_ node: Node) -> KeyEntry? {
        check(node, knows: ["name", "env", "rpm", "tpm", "concurrency"])
        guard let name = text(node, "name"), let variable = text(node, "env") else {
            blame(node.pointer, "needs a name, and env for the variable that holds it")
            return nil
        }
        checkName(name, node.pointer + "/name")
        // A key that was written into the file is no name of a variable, and is not repeated.
        let isVariable = variable.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
        if !isVariable || variable.isEmpty {
            blame(node.pointer + "/env", "names a variable of the environment, as in GROQ_KEY")
        }
        return KeyEntry(
            name, variable: variable,
            limits: LaneLimits(
                requestsPerMinute: number(node, "rpm", 1...10_000_000),
                tokensPerMinute: number(node, "tpm", 1...1_000_000_000),
                concurrency: number(node, "concurrency", 1...100_000)))
    }

    private static func isBaseURL(_ url: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }) else {
            return false
        }
        let rest = url.dropFirst(scheme.utf8.count)
        let host = rest.prefix { $0 != "/" }
        return !host.isEmpty && !host.hasPrefix(":") && url.utf8.count <= 2_048
            && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !rest.contains { "?#@".contains($0) }
    }

    // MARK: Routes

    /// `within` are the routes that lead here, so that none leads to itself.
    private mutating func route(_ name: String, _ node: Node, within: [String]) -> Route {
        if let route = done[name] { return route }
        check(node, knows: ["targets", "fallbacks", "tries", "hedge"])
        var tiers: [Tier] = []
        var targets: [WeightedTarget] = []
        for node in items(of: node, "targets", 1...RouteBook.mostTargets) {
            targets += self.targets(node)
        }
        tiers.append(Tier(targets))
        for node in items(of: node, "fallbacks", 0...RouteBook.mostTiers) {
            tiers += fallback(node, within: within + [name])
        }
        if tiers.count > RouteBook.mostTiers {
            blame(node.pointer + "/fallbacks", "lead to more than \(RouteBook.mostTiers) in all")
        }
        var route = Route(name, Array(tiers.prefix(RouteBook.mostTiers)))
        route.tries = number(node, "tries", 1...10) ?? 3
        if let hedge = node["hedge"] { route.hedge = self.hedge(hedge) }
        done[name] = route
        return route
    }

    private mutating func fallback(_ node: Node, within: [String]) -> [Tier] {
        switch node.value {
        case .string(let name):
            guard let other = written[name] else {
                blame(node.pointer, "is the name of no route")
                return []
            }
            guard !within.contains(name) else {
                blame(node.pointer, "leads back to a route that leads here")
                return []
            }
            let place = Node(other, "/routes/\(Node.escaped(name))")
            return route(name, place, within: within).tiers
        case .array(let items):
            var targets: [WeightedTarget] = []
            for (index, item) in items.prefix(RouteBook.mostTargets).enumerated() {
                targets += self.targets(Node(item, "\(node.pointer)/\(index)"))
            }
            if items.isEmpty { blame(node.pointer, "needs one target at least") }
            return [Tier(targets)]
        default:
            return [Tier(self.targets(node))]
        }
    }

    /// One for each key, where none is named; they share its weight.
    private mutating func targets(_ node: Node) -> [WeightedTarget] {
        check(node, knows: ["provider", "model", "key", "weight", "concurrency"])
        guard let name = text(node, "provider"), let model = text(node, "model") else {
            blame(node.pointer, "needs a provider and a model")
            return []
        }
        if model.utf8.count > 256 { blame(node.pointer + "/model", "takes at most 256 bytes") }
        guard let provider = book.providers[name] else {
            blame(node.pointer + "/provider", "is not configured")
            return []
        }
        var keys = provider.keyNames
        if let key = text(node, "key") {
            if !keys.contains(key) { blame(node.pointer + "/key", "is no key of \(name)") }
            keys = [key]
        }
        let weight = number(node, "weight", 1...1_000) ?? 1
        let limit = number(node, "concurrency", 1...100_000)
        return keys.map { key in
            let target = Target(name, model, key: key)
            if let limit { concurrency[target] = min(limit, concurrency[target] ?? limit) }
            return WeightedTarget(target, weight: max(weight * 1_000 / keys.count, 1))
        }
    }

    private mutating func hedge(_ node: Node) -> HedgeDelay? {
        check(node, knows: ["after_ms", "percentile"])
        if let time = number(node, "after_ms", 1...600_000) { return .after(.milliseconds(time)) }
        if let percent = number(node, "percentile", 50...99) { return .percentile(percent) }
        blame(node.pointer, "needs after_ms or percentile")
        return nil
    }
}
