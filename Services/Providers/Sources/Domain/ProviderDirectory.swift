import Contracts
import Dialects
import MeshContract
import Synchronization

/// Which providers are there, and which one and which model a request goes to.
final class ProviderDirectory: Sendable {
    /// A provider and one of its models, by the names they have on the wire.
    struct Choice: Sendable, Equatable {
        var provider: String
        var model: String
        var isOffline: Bool { provider == ProvidersConfig.offline }
    }

    let config: ProvidersConfig
    /// The models of the Ollama that was found last; nil when there is none.
    private let found = Mutex<[String]?>(nil)

    init(_ config: ProvidersConfig) { self.config = config }

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
        guard let upstream = upstream(provider) else { return false }
        return upstream.isExplicit || ollamaModels != nil || config.chosen == provider
    }

    /// Nil and nothing mean the same: what is configured.
    func choose(provider: String?, model: String?) throws(Fault) -> Choice {
        let (named, asked) = Self.split(model.flatMap { $0.isEmpty ? nil : $0 })
        let name =
            provider.flatMap { $0.isEmpty ? nil : $0 } ?? named ?? owner(of: asked)
            ?? defaultProvider
        guard ProvidersConfig.names.contains(name) else {
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

    /// `provider/model`, as clients write it that have one field for both. Other names with a slash
    /// are a model's own.
    private static func split(_ model: String?) -> (provider: String?, model: String?) {
        guard let model, let slash = model.firstIndex(of: "/") else { return (nil, model) }
        let provider = String(model[..<slash])
        guard ProvidersConfig.names.contains(provider) else { return (nil, model) }
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

    /// Everything that can be asked for, the built-in provider last.
    var catalogue: Providers.Catalogue {
        Providers.Catalogue(
            models: ProvidersConfig.names.filter(isConfigured).flatMap { provider in
                models(of: provider).map { card(of: Choice(provider: provider, model: $0)) }
            })
    }

    /// What is known of a model, also of one that is not listed.
    func card(of choice: Choice) -> Providers.ModelCard {
        let (provider, model) = (choice.provider, choice.model)
        let isFree = choice.isOffline || provider == DialectName.ollama.rawValue
        let known = ModelCatalogue.find(model, of: provider)
        return Providers.ModelCard(
            provider: provider, model: model,
            isDefault: (try? choose(provider: nil, model: nil)) == choice,
            isOffline: choice.isOffline, inputPrice: isFree ? 0 : known?.price.input,
            outputPrice: isFree ? 0 : known?.price.output,
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
