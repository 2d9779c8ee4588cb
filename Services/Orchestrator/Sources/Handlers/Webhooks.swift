import Contracts
import Curl
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit

/// Other systems that are told of runs' events.
extension OrchestratorNode {
    func createWebhook(
        _ request: Orchestrator.CreateWebhook, _ call: Call
    ) async throws -> Orchestrator.Webhook {
        let events = try Self.events(request.events ?? EventFilter.usual)
        try checkURL(request.url)
        let webhook = Orchestrator.Webhook(
            id: ambient.makeID("whk"), url: request.url, events: events, isActive: true,
            reason: nil, secret: nil, createdAt: ambient.now())
        return withSecret(
            try await webhooks.insert(
                webhook, of: request.user, key: request.key, atMost: config.webhooksPerUser))
    }

    func listWebhooks(
        _ request: Orchestrator.ListWebhooks, _ call: Call
    ) async throws -> Orchestrator.WebhookList {
        Orchestrator.WebhookList(webhooks: try await webhooks.list(request.user))
    }

    func webhook(
        _ request: Orchestrator.GetWebhook, _ call: Call
    ) async throws -> Orchestrator.Webhook {
        withSecret(try await webhooks.find(request.id, request.user))
    }

    func changeWebhook(
        _ request: Orchestrator.ChangeWebhook, _ call: Call
    ) async throws -> Orchestrator.Webhook {
        let events = try request.events.map { try Self.events($0) }
        if let url = request.url { try checkURL(url) }
        return withSecret(
            try await webhooks.update(
                request.id, request.user, url: request.url, events: events,
                isActive: request.isActive))
    }

    func deleteWebhook(
        _ request: Orchestrator.DeleteWebhook, _ call: Call
    ) async throws -> MeshContract.Done {
        try await webhooks.delete(request.id, request.user)
        return MeshContract.Done()
    }

    func deliveries(
        _ request: Orchestrator.ListDeliveries, _ call: Call
    ) async throws -> Orchestrator.DeliveryPage {
        let deliveries = try await webhooks.deliveries(request)
        let isFull = deliveries.count == min(max(request.limit, 1), 200)
        return Orchestrator.DeliveryPage(
            deliveries: deliveries, next: isFull ? deliveries.last?.id : nil)
    }

    func repeatDelivery(
        _ request: Orchestrator.RepeatDelivery, _ call: Call
    ) async throws -> Orchestrator.Delivery {
        try await webhooks.sendAgain(request, at: ambient.now())
    }

    private func withSecret(_ webhook: Orchestrator.Webhook) -> Orchestrator.Webhook {
        var webhook = webhook
        let secret = WebhookMessage.secret(of: webhook.id, key: webhookKey)
        webhook.secret = WebhookMessage.text(secret)
        return webhook
    }

    private static func events(_ patterns: [String]) throws(Fault) -> [String] {
        if let fault = EventFilter.fault(patterns) {
            throw Fault(.invalid, "these are no events", fields: [.init("/events", fault)])
        }
        return patterns
    }

    /// Refuses what could not be sent anyway; where a name leads is judged at each attempt.
    private func checkURL(_ text: String) throws(Fault) {
        func refuse(_ why: String) -> Fault {
            Fault(.invalid, "no webhook can be sent there", fields: [.init("/url", why)])
        }
        guard text.utf8.count <= 2_000, let url = URL(string: text),
            let host = url.host(percentEncoded: false), !host.isEmpty
        else { throw refuse("is no URL of at most 2000 bytes") }
        guard url.user == nil, url.password == nil, url.fragment == nil else {
            throw refuse("has neither user nor fragment")
        }
        if config.allowsPrivateWebhooks {
            guard url.scheme == "https" || url.scheme == "http" else {
                throw refuse("begins with https:// or http://")
            }
            return
        }
        guard url.scheme == "https" else { throw refuse("begins with https://") }
        if let address = Self.address(host), !PublicAddress.isPublic(address) {
            throw refuse("is an address of a private network")
        }
        guard host != "localhost", !host.hasSuffix(".localhost") else {
            throw refuse("is this machine")
        }
    }

    /// The bytes of an address in figures.
    private static func address(_ host: String) -> [UInt8]? {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, bare, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        if inet_pton(AF_INET6, bare, &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
        return nil
    }
}
