import Contracts
import Dialects
import MeshContract
import Routing
import Synchronization

/// Which providers are there, and which one and which model a request goes to.
final class ProviderDirectory: Sendable {
    /// A provider and one of its models, by the names they have on the wire.
    struct Choice: Sendable, Equatable {
        var provider: String
        var model: String
        /// True when it is asked with the user's own key.
        var isOwnKey = false
        var isOffline: Bool { provider == ProvidersConfig.offline }
    }

    let config: ProvidersConfig
    let ways: Ways
    let prices: PriceBook
    /// The providers by name, the built-in one last.
    let names: [String]
    /// The models of the Ollama that was found last; nil when there is none.
    private let found = Mutex<[String]?>(nil)

    init(_ config: ProvidersConfig, _ ways: Ways, prices: PriceBook = .listed) {
        (self.config, self.ways, self.prices) = (config, ways, prices)
        let own = ProvidersConfig.names
        names = ways.book.providers.keys.filter { !own.contains($0) }.sorted() + own
    }

    /// Takes what a look at Ollama has found, and tells whether that is news.
    func noteOllama(_ models: [String]?) -> Bool {
        found.withLock { found in
            defer { found = models }
            return (found == nil) != (models == nil)
        }
    }

    var ollamaModels: [String]? { found.withLock { $0 } }

    var defaultProvider: String {
        if let chosen = config.chosen { return chosen }
        if config.upstreams[.anthropic] != nil { return DialectName.anthropic.rawValue }
        if config.upstreams[.openai] != nil { return DialectName.openai.rawValue }
        return ollamaModels?.isEmpty == false
            ? DialectName.ollama.rawValue : ProvidersConfig.offline
    }

    func upstream(_ provider: String) -> ProvidersConfig.Upstream? {
        DialectName(rawValue: provider).flatMap { config.upstreams[$0] }
    }

    /// True when an answer may be asked of this provider.
    func isConfigured(_ provider: String) -> Bool {
        if provider == ProvidersConfig.offline { return true }
        guard let upstream = upstream(provider) else { return ways.book.providers[provider] != nil }
        return upstream.isExplicit || ollamaModels != nil || config.chosen == provider
    }

    /// Nil and nothing mean the same: what is configured.
    func choose(provider: String?, model: String?) throws(Fault) -> Choice {
        if let first = named(provider: provider, model: model)?.targets.first {
            return Choice(provider: first.provider, model: first.model)
        }
        let (named, asked) = split(model.flatMap { $0.isEmpty ? nil : $0 })
        let name =
            provider.flatMap { $0.isEmpty ? nil : $0 } ?? named ?? owner(of: asked)
            ?? defaultProvider
        guard names.contains(name) else {
            throw refusal("there is no provider of this name", "/provider")
        }
        guard isConfigured(name) else {
            throw refusal("\(name) is not configured here", "/provider")
        }
        if name == ProvidersConfig.offline {
            return Choice(provider: name, model: ProvidersConfig.offlineModel)
        }
        guard let model = resolve(asked, of: name) else {
            throw refusal("\(name) has no model yet; name one", "/model")
        }
        return Choice(provider: name, model: model)
    }

    /// The route of the file that a request names; nil for a provider and a model.
    func named(provider: String?, model: String?) -> Route? {
        guard provider?.isEmpty ?? true, let model else { return nil }
        return ways.book.routes[model]
    }

    /// The ways to have a request answered, the first one first. A user's own keys go before the
    /// installation's, and stand in for a provider that it has no key of.
    func route(
        provider: String?, model: String?, own: Set<String> = [], user: String = ""
    ) throws(Fault) -> Route {
        if var route = named(provider: provider, model: model) {
            for tier in route.tiers.indices {
                route.tiers[tier].targets = Self.owned(route.tiers[tier].targets, own, user)
            }
            return route
        }
        let choice = try choose(provider: provider, model: model, own: own)
        if own.contains(choice.provider) {
            return Route(
                Target(choice.provider, choice.model, key: Self.ownKey(user)), tries: config.tries)
        }
        return ways.book.route(to: choice.model, of: choice.provider, tries: config.tries)
    }

    /// What a user's own key is called: its failures are that user's.
    static func ownKey(_ user: String) -> String { "own:\(user)" }

    static func isOwnKey(_ name: String) -> Bool { name.hasPrefix("own:") }

    /// One target for a provider whose key the user has, in place of one for each key.
    private static func owned(
        _ targets: [WeightedTarget], _ own: Set<String>, _ user: String
    ) -> [WeightedTarget] {
        var owned: [WeightedTarget] = []
        for one in targets {
            guard own.contains(one.target.provider) else {
                owned.append(one)
                continue
            }
            let target = Target(one.target.provider, one.target.model, key: ownKey(user))
            if let at = owned.firstIndex(where: { $0.target == target }) {
                owned[at].weight += one.weight
            } else {
                owned.append(WeightedTarget(target, weight: one.weight))
            }
        }
        return owned
    }

    /// The same for a user who has keys of his own for some providers.
    func choose(
        provider: String?, model: String?, own: Set<String>
    ) throws(Fault) -> Choice {
        guard !own.isEmpty, named(provider: provider, model: model) == nil,
            let (name, model) = alone(provider, model, own)
        else { return try choose(provider: provider, model: model) }
        return Choice(provider: name, model: model)
    }

    /// A provider that the user alone has a key of, and its model: named both, or the model alone
    /// where nobody else here has it. A role is nobody's there.
    private func alone(
        _ provider: String?, _ model: String?, _ own: Set<String>
    ) -> (provider: String, model: String)? {
        let (named, asked) = split(model.flatMap { $0.isEmpty ? nil : $0 }, own)
        guard let asked, !ModelCatalogue.roles.contains(asked) else { return nil }
        let owner = provider.flatMap { $0.isEmpty ? nil : $0 } ?? named ?? owner(of: asked)
        let name =
            owner
            ?? DialectName.allCases.map(\.rawValue).first {
                own.contains($0) && ModelCatalogue.find(asked, of: $0) != nil
            }
        guard let name, own.contains(name), !isConfigured(name) else { return nil }
        return (name, asked)
    }

    /// `provider/model`, as clients write it that have one field for both. Other names with a slash
    /// are a model's own.
    private func split(
        _ model: String?, _ own: Set<String> = []
    ) -> (provider: String?, model: String?) {
        guard let model, let slash = model.firstIndex(of: "/") else { return (nil, model) }
        let provider = String(model[..<slash])
        guard names.contains(provider) || own.contains(provider) else { return (nil, model) }
        let rest = String(model[model.index(after: slash)...])
        return (provider, rest.isEmpty ? nil : rest)
    }

    /// The provider of a model that was named alone.
    private func owner(of model: String?) -> String? {
        guard let model, !ModelCatalogue.roles.contains(model) else { return nil }
        if model == ProvidersConfig.offlineModel { return ProvidersConfig.offline }
        if ollamaModels?.contains(model) == true { return DialectName.ollama.rawValue }
        return ProvidersConfig.spoken.map(\.rawValue).first {
            isConfigured($0) && ModelCatalogue.find(model, of: $0) != nil
        }
    }

    /// A role's model, the default for nothing, and any other name as it is.
    private func resolve(_ model: String?, of provider: String) -> String? {
        // What is configured in the file alone has no models of its own accord.
        let isRole = model.map { ModelCatalogue.roles.contains($0) } ?? true
        if let model, !isRole { return model }
        guard let upstream = upstream(provider) else { return nil }
        // A server of one's own knows none of the catalogue's roles: what is configured stands.
        if let own = upstream.model { return own }
        if provider == DialectName.ollama.rawValue { return ollamaModels?.first }
        return ModelCatalogue.model(for: model, of: provider)
    }

    private func refusal(_ message: String, _ field: String) -> Fault {
        Fault(.invalid, message, fields: [FieldFault(field, message)])
    }

    /// What a model costs at a moment, in wall milliseconds; nil for by the newest list.
    func price(of choice: Choice, at moment: Int64?) -> PriceBook.Finding {
        let dialect = ways.dialect(of: choice.provider)?.rawValue
        return prices.find(choice.model, of: choice.provider, dialect: dialect, at: moment)
    }

    /// Everything that can be asked for, the built-in provider last.
    var catalogue: Providers.Catalogue {
        Providers.Catalogue(
            models: names.filter(isConfigured).flatMap { provider in
                models(of: provider).map { card(of: Choice(provider: provider, model: $0)) }
            })
    }

    /// What is known of a model, also of one that is not listed.
    func card(of choice: Choice) -> Providers.ModelCard {
        let (provider, model) = (choice.provider, choice.model)
        let known = ModelCatalogue.find(model, of: provider)
        let rates = price(of: choice, at: nil).price?.rates
        return Providers.ModelCard(
            provider: provider, model: model,
            isDefault: (try? choose(provider: nil, model: nil)) == choice,
            isOffline: choice.isOffline, inputPrice: rates.map { NanoUSD.micro($0.input) },
            outputPrice: rates.map { NanoUSD.micro($0.output) },
            contextTokens: known?.contextTokens, outputTokens: known?.outputTokens)
    }

    private func models(of provider: String) -> [String] {
        if provider == ProvidersConfig.offline { return [ProvidersConfig.offlineModel] }
        var names: [String] = []
        if let own = upstream(provider)?.model { names.append(own) }
        if provider == DialectName.ollama.rawValue {
            names += ollamaModels ?? []
        } else if upstream(provider)?.endpoint.key != nil {
            names += ModelCatalogue.models.filter { $0.provider == provider }.map(\.name)
        } else if let standard = resolve(nil, of: provider) {
            names.append(standard)
        }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
