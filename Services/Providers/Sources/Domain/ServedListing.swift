import Contracts
import Dialects
import MeshContract

/// The models that outside clients are told of.
struct ServedListing: Sendable {
    let directory: ProviderDirectory

    /// By the shortest name that leads to each: its own, or `provider/model`.
    var models: [ListedModel] {
        directory.catalogue.models.map { card in
            let alone = try? directory.choose(provider: nil, model: card.model)
            let isPlain = alone == .init(provider: card.provider, model: card.model)
            return ListedModel(
                isPlain ? card.model : "\(card.provider)/\(card.model)", owner: card.provider,
                inputTokens: card.contextTokens, outputTokens: card.outputTokens)
        }
    }

    func answer(_ request: Providers.Serve) throws -> [UInt8] {
        let isAnthropic = ServedRefusal(request).isAnthropic
        if let name = request.field("model") {
            guard let model = models.first(where: { $0.id == name }) ?? named(name) else {
                throw Fault(.notFound, "The model '\(name.prefix(200))' does not exist")
            }
            return isAnthropic ? ServedModels.anthropic(model) : ServedModels.openAI(model)
        }
        guard isAnthropic else { return ServedModels.openAI(models) }
        let limit = request.field("limit").flatMap { Int($0) } ?? 20
        return ServedModels.anthropic(models, after: request.field("after_id"), limit: limit)
    }

    /// One that is listed under its other name.
    private func named(_ name: String) -> ListedModel? {
        guard let choice = try? directory.choose(provider: nil, model: name) else { return nil }
        let isListed = directory.catalogue.models.contains {
            $0.provider == choice.provider && $0.model == choice.model
        }
        return isListed ? ListedModel(name, owner: choice.provider) : nil
    }
}
