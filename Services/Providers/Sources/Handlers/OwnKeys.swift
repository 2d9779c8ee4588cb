import Contracts
import Dialects
import Mesh
import MeshContract
import Routing

extension ProvidersNode {
    func putProviderKey(
        _ request: Providers.PutProviderKey, _ call: Call
    ) async throws -> Providers.ProviderKeyCard {
        var faults: [FieldFault] = []
        if !(1...256).contains(request.user.utf8.count) {
            faults.append(FieldFault("/user", "takes 1 to 256 bytes"))
        }
        if directory.ways.baseURL(of: request.provider) == nil
            || directory.ways.dialect(of: request.provider) == .ollama
        {
            faults.append(FieldFault("/provider", "is no provider that takes a key"))
        }
        // What it says must not be repeated.
        let isKey = request.key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        if !isKey || !(8...1_024).contains(request.key.utf8.count) {
            faults.append(FieldFault("/key", "takes 8 to 1024 characters that a header can carry"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the key cannot be kept", fields: faults)
        }
        let card = try await keys.put(request.user, request.provider, request.key)
        traffic.forgive(Lane(request.provider, ProviderDirectory.ownKey(request.user)))
        return card
    }

    func listProviderKeys(
        _ request: Providers.ListProviderKeys, _ call: Call
    ) async throws -> Providers.ProviderKeyList {
        Providers.ProviderKeyList(keys: keys.list(request.user))
    }

    func deleteProviderKey(
        _ request: Providers.DeleteProviderKey, _ call: Call
    ) async throws -> Done {
        try await keys.delete(request.user, request.provider)
        return Done()
    }
}
