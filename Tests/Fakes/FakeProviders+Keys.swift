import Contracts
import Mesh
import MeshContract
import Synchronization

extension FakeProviders {
    /// What has been put and not been deleted.
    public func key(of user: String, for provider: String) -> String? {
        keys.withLock { $0[user]?[provider] }
    }

    func putKey(
        _ request: Providers.PutProviderKey, _ call: Call
    ) async throws -> Providers.ProviderKeyCard {
        guard request.provider != "offline" else {
            throw Fault(.invalid, "the key cannot be kept", fields: [FieldFault("/provider", "no")])
        }
        keys.withLock { $0[request.user, default: [:]][request.provider] = request.key }
        return Self.card(request.provider, request.key)
    }

    func listKeys(
        _ request: Providers.ListProviderKeys, _ call: Call
    ) async throws -> Providers.ProviderKeyList {
        let own = keys.withLock { $0[request.user] ?? [:] }
        return Providers.ProviderKeyList(
            keys: own.sorted { $0.key < $1.key }.map { Self.card($0.key, $0.value) })
    }

    func deleteKey(_ request: Providers.DeleteProviderKey, _ call: Call) async throws -> Done {
        guard keys.withLock({ $0[request.user]?.removeValue(forKey: request.provider) }) != nil
        else { throw Fault(.notFound, "there is no such key") }
        return Done()
    }

    /// Nobody has set any here.
    func forgetBudgets(_ request: Providers.ForgetBudgets, _ call: Call) async throws -> Done {
        Done()
    }

    private static func card(_ provider: String, _ key: String) -> Providers.ProviderKeyCard {
        Providers.ProviderKeyCard(provider: provider, hint: String(key.suffix(4)), createdAt: 0)
    }
}
