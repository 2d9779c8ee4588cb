import Contracts
import Mesh
import MeshContract
import REST
import ServiceKit

/// The keys of access tokens, for the operator: over the mesh, and from the command line also while
/// the gateway is down.
extension GatewayNode {
    func rotateKeys(_ request: Gateway.RotateKeys, _ call: Call) async throws -> Gateway.KeyList {
        let key = try accounts.tokens.rotate(now: accounts.ambient.now() / 1_000)
        await accounts.audit.note(.keysRotate, by: Doer(call), target: key.id)
        return keyList
    }

    func listKeys(_ request: Gateway.ListKeys, _ call: Call) async throws -> Gateway.KeyList {
        keyList
    }

    private var keyList: Gateway.KeyList {
        Gateway.KeyList(
            keys: accounts.tokens.listed.map {
                Gateway.SigningKey(
                    id: $0.id, madeAt: $0.madeAt * 1_000, endsAt: $0.endsAt.map { $0 * 1_000 })
            })
    }

    static let keyCommand = AdminCommand<GatewayNode>(
        "keys <list|rotate>", "the keys of access tokens; rotate makes a new one"
    ) { node, words, _ in
        switch words.first ?? "list" {
        case "rotate":
            let key = try node.accounts.tokens.rotate(now: node.accounts.ambient.now() / 1_000)
            await node.accounts.audit.note(.keysRotate, by: .operator, target: key.id)
        case "list": break
        default: throw Fault(.invalid, "keys takes list or rotate")
        }
        return .init(
            node.accounts.tokens.listed.map { key in
                let end = key.endsAt.map { "verifies until \(rfc3339($0 * 1_000))" }
                let made = key.madeAt > 0 ? "made \(rfc3339(key.madeAt * 1_000)), " : ""
                return "\(key.id)  \(made)\(end ?? "signs")"
            })
    }
}
