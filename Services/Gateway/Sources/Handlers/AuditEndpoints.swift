import Console
import HTTP
import MeshContract
import REST
import ServiceKit

/// `/admin/audit`, and the same for the operator's command line.
struct AuditEndpoints: Sendable {
    struct EntryView: Codable, Sendable {
        var id: String
        var at: String
        var actor: String
        var apiKey: String?
        var action: String
        var target: String?
        var address: String
        var requestId: String
        var outcome: String
        var detail: String?

        init(_ entry: AuditStore.Entry) {
            (id, at, actor, apiKey) = ("\(entry.seq)", rfc3339(entry.at), entry.actor, entry.key)
            (action, target, address) = (entry.action, entry.target, entry.address)
            (requestId, outcome, detail) = (entry.request, entry.outcome, entry.detail)
        }
    }

    let store: AuditStore

    var all: [Endpoint] {
        [
            .get(
                "/admin/audit",
                "Lists who did what, newest first (?actor=, ?action=, ?target=, ?outcome=)",
                access: .admin, list)
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<EntryView> {
        let query = incoming.request.queryValue
        let cursor = query("cursor")
        let before = cursor.flatMap { Int64($0) }
        guard cursor == nil || before != nil else {
            throw Fault(.invalid, "?cursor= takes the next_cursor of another page")
        }
        let limit = try incoming.number("limit", default: 50, in: 1...200)
        let found = try await store.list(
            .init(
                actor: query("actor"), action: query("action"), target: query("target"),
                outcome: query("outcome"), before: before), limit: limit + 1)
        let page = found.prefix(limit)
        return Page(
            items: page.map(EntryView.init),
            nextCursor: found.count > limit ? page.last.map { "\($0.seq)" } : nil)
    }
}

extension GatewayNode {
    static let auditCommand = AdminCommand<GatewayNode>(
        "audit", "lists who did what, newest first (--actor, --action, --target, --limit)",
        flags: ["actor", "action", "target", "limit"]
    ) { node, _, flags in
        let entries = try await node.accounts.audit.store.list(
            .init(
                actor: try flags.text("actor"), action: try flags.text("action"),
                target: try flags.text("target")),
            limit: min(max(try flags.text("limit").flatMap(Int.init) ?? 50, 1), 10_000))
        return .init(
            entries.map { entry in
                [
                    rfc3339(entry.at), entry.outcome, entry.action, entry.actor,
                    entry.target ?? "-", entry.address.isEmpty ? "-" : entry.address,
                    entry.request, entry.detail ?? "",
                ].joined(separator: "  ")
            })
    }
}
