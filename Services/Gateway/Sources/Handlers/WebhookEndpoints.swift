import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/webhooks`: other systems that are told of runs' events.
struct WebhookEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        var url: String
        /// Such as `run.completed`, `gate.*` or `*`.
        var events: [String]?
    }

    struct Change: Decodable, Sendable {
        var url: String?
        var events: [String]?
        var active: Bool?
    }

    struct WebhookView: Codable, Sendable {
        var id: String
        var url: String
        var events: [String]
        var active: Bool
        /// Why it was switched off, where it was not the user.
        var reason: String?
        /// What signatures are made with; absent in lists.
        var secret: String?
        var createdAt: String

        init(_ webhook: Orchestrator.Webhook) {
            (id, url, events) = (webhook.id, webhook.url, webhook.events)
            (active, reason, secret) = (webhook.isActive, webhook.reason, webhook.secret)
            createdAt = rfc3339(webhook.createdAt)
        }
    }

    struct DeliveryView: Codable, Sendable {
        var id: String
        var runId: String
        var seq: Int64
        var event: String
        var state: String
        var attempts: Int
        /// What the other side answered last.
        var status: Int?
        var error: String?
        var at: String
        /// Of the next attempt; absent where there is none.
        var nextAt: String?

        init(_ delivery: Orchestrator.Delivery) {
            (id, runId, seq) = ("\(delivery.id)", delivery.run, delivery.seq)
            (event, state, attempts) = (delivery.event, delivery.state, delivery.attempts)
            (status, error) = (delivery.status, delivery.error)
            (at, nextAt) = (rfc3339(delivery.at), delivery.nextAt.map(rfc3339))
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/webhooks", "Lists the user's webhooks, newest first") {
                let list = try await mesh.call(Orchestrator.ListWebhooks(user: $0.identity.user))
                return try Page(list.webhooks.map(WebhookView.init), $0, by: \.id)
            }.paged(),
            .post("/webhooks", "Tells a URL of runs' events", status: 201, Draft.self, create)
                .example(#"{"url": "https://example.org/hook", "events": ["run.completed"]}"#),
            .get("/webhooks/{id}", "Shows a webhook with its secret") {
                WebhookView(
                    try await mesh.call(
                        Orchestrator.GetWebhook(
                            user: $0.identity.user, id: $0.parameter("id"))))
            },
            .taking(
                "PATCH", "/webhooks/{id}", "Changes a webhook, or switches it on again",
                Change.self, change
            ).example(#"{"active": false}"#),
            .delete("/webhooks/{id}", "Ends a webhook and forgets its deliveries") {
                _ = try await mesh.call(
                    Orchestrator.DeleteWebhook(user: $0.identity.user, id: $0.parameter("id")))
            },
            .get("/webhooks/{id}/deliveries", "Lists what a webhook was sent", deliveries)
                .paged(),
            .act("/webhooks/{id}/deliveries/{delivery}/retry", "Sends a delivery again", again),
        ]
    }

    @Sendable private func create(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> WebhookView {
        WebhookView(
            try await mesh.call(
                Orchestrator.CreateWebhook(
                    user: incoming.identity.user, url: body.url, events: body.events,
                    key: try incoming.idempotencyKey)))
    }

    @Sendable private func change(
        _ body: Change, _ incoming: Incoming
    ) async throws -> WebhookView {
        WebhookView(
            try await mesh.call(
                Orchestrator.ChangeWebhook(
                    user: incoming.identity.user, id: incoming.parameter("id"), url: body.url,
                    events: body.events, isActive: body.active)))
    }

    @Sendable private func deliveries(
        _ incoming: Incoming
    ) async throws -> Page<DeliveryView> {
        let cursor = incoming.request.queryValue("cursor")
        let before = cursor.flatMap(Int64.init)
        guard cursor == nil || before != nil else {
            throw Fault(.invalid, "?cursor= takes a page's next_cursor")
        }
        let page = try await mesh.call(
            Orchestrator.ListDeliveries(
                user: incoming.identity.user, webhook: incoming.parameter("id"),
                before: before, limit: try incoming.number("limit", default: 50, in: 1...200)))
        return Page(
            items: page.deliveries.map(DeliveryView.init), nextCursor: page.next.map { "\($0)" })
    }

    @Sendable private func again(_ incoming: Incoming) async throws -> DeliveryView {
        guard let delivery = Int64(incoming.parameter("delivery")) else {
            throw Fault(.notFound, "no delivery \(incoming.parameter("delivery").prefix(100))")
        }
        return DeliveryView(
            try await mesh.call(
                Orchestrator.RepeatDelivery(
                    user: incoming.identity.user, webhook: incoming.parameter("id"),
                    delivery: delivery)))
    }
}
