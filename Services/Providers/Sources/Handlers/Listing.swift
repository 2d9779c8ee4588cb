import Contracts
import Mesh

extension ProvidersNode {
    static let largestPage = 1_000

    func models(_ request: Providers.ListModels, _ call: Call) async throws -> Providers.Catalogue {
        directory.catalogue
    }

    func model(_ request: Providers.FindModel, _ call: Call) async throws -> Providers.ModelCard {
        directory.card(
            of: try directory.choose(provider: request.provider, model: request.model))
    }

    func usage(_ request: Providers.ReadUsage, _ call: Call) async throws -> Providers.UsageLog {
        let limit = min(max(request.limit, 1), Self.largestPage)
        return try await store.usage(after: max(request.after, 0), limit: limit)
    }
}
