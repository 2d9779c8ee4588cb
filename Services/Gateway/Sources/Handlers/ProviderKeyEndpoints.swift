import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/provider-keys`: one's own keys of model providers, which go in and never come out.
struct ProviderKeyEndpoints: Sendable {
    struct KeyBody: Decodable, Sendable { var key: String }
    struct NamedKeyBody: Decodable, Sendable {
        var provider: String
        var key: String
    }

    struct CardView: Codable, Sendable {
        var provider: String
        /// The key's last characters.
        var hint: String
        var createdAt: String

        init(_ card: Providers.ProviderKeyCard) {
            (provider, hint) = (card.provider, card.hint)
            createdAt = rfc3339(card.createdAt)
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/provider-keys", "Lists one's own keys of providers by their ends") {
                try Page(try await list($0), $0, by: \.provider)
            }.paged(),
            .get("/provider-keys/{provider}", "Tells whether there is a key of one's own") {
                incoming in
                let name = incoming.parameter("provider")
                guard let card = try await list(incoming).first(where: { $0.provider == name })
                else { throw Fault(.notFound, "there is no key of your own for \(name)") }
                return card
            },
            .post(
                "/provider-keys", "Keeps a key of one's own, in place of an older one", status: 201,
                bodyLimit: 4_096, NamedKeyBody.self
            ) { try await put($0.provider, $0.key, $1) }
            .example(#"{"provider": "openai", "key": "sk-example-0123456789"}"#),
            .put(
                "/provider-keys/{provider}", "Keeps a key of one's own, in place of an older one",
                bodyLimit: 4_096, KeyBody.self
            ) { try await put($1.parameter("provider"), $0.key, $1) }
            .example(#"{"key": "sk-example-0123456789"}"#),
            .delete("/provider-keys/{provider}", "Forgets a key of one's own") { incoming in
                _ = try await mesh.call(
                    Providers.DeleteProviderKey(
                        user: incoming.identity.user, provider: incoming.parameter("provider")))
            },
        ]
    }

    private func list(_ incoming: Incoming) async throws -> [CardView] {
        let list = try await mesh.call(
            Providers.ListProviderKeys(user: incoming.identity.user))
        return list.keys.map(CardView.init)
    }

    private func put(
        _ provider: String, _ key: String, _ incoming: Incoming
    ) async throws -> CardView {
        CardView(
            try await mesh.call(
                Providers.PutProviderKey(
                    user: incoming.identity.user, provider: provider, key: key)))
    }
}
