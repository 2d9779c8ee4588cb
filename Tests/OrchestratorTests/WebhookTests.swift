import Contracts
import Crypto
import Fakes
import FoundationEssentials
import HTTP
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import OrchestratorService

@Suite("Webhooks", .timeLimit(.minutes(1)))
struct WebhookTests {
    private static let open = ["ATELIER_WEBHOOKS_PRIVATE": "1"]

    private func hook(
        _ rig: AskingRig, _ url: String, events: [String]? = nil, key: String? = nil
    ) async throws -> Orchestrator.Webhook {
        try await rig.gateway.call(
            Orchestrator.CreateWebhook(user: AskingRig.user, url: url, events: events, key: key))
    }

    private func deliveries(
        _ rig: AskingRig, _ webhook: String
    ) async throws -> [Orchestrator.Delivery] {
        try await rig.gateway.call(
            Orchestrator.ListDeliveries(user: AskingRig.user, webhook: webhook, limit: 100)
        ).deliveries
    }

    /// Waits until every delivery of the webhook is in this state.
    private func until(
        _ rig: AskingRig, _ webhook: String, _ state: String, count: Int
    ) async throws -> [Orchestrator.Delivery] {
        _ = try await soon {
            try await deliveries(rig, webhook).filter { $0.state == state }.count == count
        }
        return try await deliveries(rig, webhook)
    }

    @Test("events are sent signed, in a form that Standard Webhooks libraries verify")
    func signed() async throws {
        let rig = try await AskingRig(environment: Self.open)
        let receiver = try WebhookReceiver(on: rig.mesh.loop)
        let webhook = try await hook(rig, receiver.url)
        let secret = try #require(webhook.secret)
        #expect(webhook.events == ["run.*", "gate.*"] && webhook.isActive)
        let id = try await rig.start("a")
        try await rig.start("b", user: "usr_2")
        try await rig.until(id, "waiting")
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        let sent = try await until(rig, webhook.id, "delivered", count: 4)
        #expect(sent.map(\.seq) == [4, 3, 2, 1] && sent.allSatisfy { $0.run == id })
        #expect(sent.allSatisfy { $0.attempts == 1 && $0.status == 204 && $0.nextAt == nil })
        let key = try #require(Data(base64Encoded: String(secret.dropFirst("whsec_".count))))
        #expect(receiver.messages.count == 4)
        for message in receiver.messages {
            let messageID = try #require(message.headers["webhook-id"])
            let time = try #require(message.headers["webhook-timestamp"])
            #expect(Int64(time) == rig.mesh.clock.now / 1_000)
            let text = "\(messageID).\(time)." + String(decoding: message.body, as: UTF8.self)
            let mac = SHA256.hmac(Array(text.utf8), key: Array(key))
            #expect(
                message.headers["webhook-signature"] == "v1," + Data(mac).base64EncodedString())
            #expect(message.headers["content-type"] == "application/json")
        }
        #expect(Set(receiver.messages.compactMap { $0.headers["webhook-id"] }).count == 4)
        let bodies = try receiver.messages.map { try WireValue(json: $0.body) }
        let decided = try #require(bodies.first { $0["type"]?.string == "gate.decided" })
        #expect(decided["data"]?["run_id"]?.string == id)
        #expect(decided["data"]?["title"]?.string == "a" && decided["data"]?["seq"]?.int == 3)
        #expect(decided["data"]?["event"]?["by"]?.string == AskingRig.user)
        #expect(decided["timestamp"]?.string == "2026-01-01T00:00:00.000Z")
    }

    @Test("a delivery that fails is tried again, later each time, under the same id")
    func retried() async throws {
        let rig = try await AskingRig(environment: Self.open)
        let receiver = try WebhookReceiver(on: rig.mesh.loop)
        receiver.answer([500, 302, 429])
        let webhook = try await hook(rig, receiver.url, events: ["run.completed"])
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        var waits: [Int64] = []
        for attempt in 1...3 {
            _ = try await soon {
                try await deliveries(rig, webhook.id).first?.attempts == attempt
            }
            let delivery = try #require(try await deliveries(rig, webhook.id).first)
            #expect(delivery.state == "pending" && delivery.error != nil)
            waits.append(try #require(delivery.nextAt) - rig.mesh.clock.now)
            rig.mesh.clock.advance(by: .milliseconds(try #require(waits.last) + 1))
        }
        #expect(waits == waits.sorted() && waits[0] >= 5_000 && waits[2] >= 100_000)
        let done = try await until(rig, webhook.id, "delivered", count: 1)
        #expect(done.first?.attempts == 4 && done.first?.error == nil)
        #expect(Set(receiver.messages.map { $0.headers["webhook-id"] }).count == 1)
        #expect(Set(receiver.messages.map(\.body)).count == 1)
        let again = try await rig.gateway.call(
            Orchestrator.RepeatDelivery(
                user: AskingRig.user, webhook: webhook.id, delivery: try #require(done.first).id))
        #expect(again.state == "pending")
        _ = try await until(rig, webhook.id, "delivered", count: 1)
        _ = await soon { receiver.messages.count == 5 }
        #expect(receiver.messages.count == 5)
    }

    @Test("a receiver that is gone is switched off, with what waited for it")
    func gone() async throws {
        let rig = try await AskingRig(environment: Self.open)
        let receiver = try WebhookReceiver(on: rig.mesh.loop)
        receiver.answer([410])
        let webhook = try await hook(rig, receiver.url, events: ["*"])
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        func show() async throws -> Orchestrator.Webhook {
            try await rig.gateway.call(
                Orchestrator.GetWebhook(user: AskingRig.user, id: webhook.id))
        }
        _ = try await soon { try await !show().isActive }
        let off = try await show()
        #expect(!off.isActive && off.reason?.contains("410") == true)
        let left = try await deliveries(rig, webhook.id)
        #expect(left.allSatisfy { $0.state != "pending" })
        let conflict = try await refusal {
            try await rig.gateway.call(
                Orchestrator.RepeatDelivery(
                    user: AskingRig.user, webhook: webhook.id,
                    delivery: try #require(left.first).id))
        }
        #expect(conflict.code == .conflict)
        let on = try await rig.gateway.call(
            Orchestrator.ChangeWebhook(user: AskingRig.user, id: webhook.id, isActive: true))
        #expect(on.isActive && on.reason == nil)
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        _ = try await soon {
            try await deliveries(rig, webhook.id).contains {
                $0.event == "run.completed" && $0.state == "delivered"
            }
        }
        #expect(receiver.messages.count >= 2)
    }

    @Test(
        "without the operator's word nothing is sent into private networks",
        arguments: [
            "http://example.com/", "https://127.0.0.1/", "https://[::1]:8443/",
            "https://10.0.0.8/x",
            "https://169.254.169.254/latest", "https://localhost/", "https://a.localhost/",
            "https://user:pass@example.com/", "ftp://example.com/", "https://", "example.com",
            "https://example.com/#part", "https://[fd00::1]/",
        ])
    func refusedURLs(url: String) async throws {
        let rig = try await AskingRig(jobs: false)
        let fault = try await refusal { try await hook(rig, url) }
        #expect(fault.code == .invalid && fault.fields?.first?.pointer == "/url")
    }

    @Test("a name that leads into a private network is found out when it is used")
    func rebinding() async throws {
        let rig = try await AskingRig()
        let receiver = try WebhookReceiver(on: rig.mesh.loop)
        let webhook = try await hook(rig, "https://example.com/")
        // As if the name had been public when it was given.
        _ = try await rig.node.webhooks.update(
            webhook.id, AskingRig.user, url: receiver.url, events: nil, isActive: nil)
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        _ = try await soon {
            try await deliveries(rig, webhook.id).contains { $0.attempts > 0 }
        }
        let tried = try await deliveries(rig, webhook.id).filter { $0.attempts > 0 }
        #expect(tried.first?.error == "no connection to the host")
        #expect(receiver.messages.isEmpty)
    }

    @Test("webhooks are made once per key, listed without secrets, and nobody else's")
    func keeping() async throws {
        let rig = try await AskingRig(
            environment: ["ATELIER_WEBHOOKS_PER_USER": "2"], jobs: false)
        let (user, mesh) = (AskingRig.user, rig.gateway)
        let first = try await hook(rig, "https://example.com/a", key: "k")
        #expect(try await hook(rig, "https://example.com/a", key: "k") == first)
        let other = try await refusal { try await hook(rig, "https://example.com/b", key: "k") }
        #expect(other.code == .conflict)
        rig.mesh.clock.advance(by: .milliseconds(1))
        let second = try await hook(rig, "https://example.com/b")
        #expect(second.secret != first.secret)
        #expect(
            try await refusal { try await hook(rig, "https://example.com/c") }.code == .capped)
        let list = try await mesh.call(Orchestrator.ListWebhooks(user: user)).webhooks
        #expect(list.map(\.id) == [second.id, first.id] && list.allSatisfy { $0.secret == nil })
        func refused<M: MeshMethod>(_ request: M) async throws {
            let fault = try await refusal { try await mesh.call(request) }
            #expect(fault.code == .notFound, "\(M.name)")
        }
        try await refused(Orchestrator.GetWebhook(user: "usr_2", id: first.id))
        try await refused(Orchestrator.DeleteWebhook(user: "usr_2", id: first.id))
        try await refused(Orchestrator.ChangeWebhook(user: "usr_2", id: first.id))
        try await refused(Orchestrator.ListDeliveries(user: "usr_2", webhook: first.id, limit: 1))
        try await refused(
            Orchestrator.RepeatDelivery(user: user, webhook: first.id, delivery: 1))
        let bad = try await refusal {
            try await hook(rig, "https://example.com/", events: ["run.*", "what ever"])
        }
        #expect(bad.fields?.first?.pointer == "/events")
        _ = try await mesh.call(Orchestrator.DeleteWebhook(user: user, id: first.id))
        try await refused(Orchestrator.GetWebhook(user: user, id: first.id))
    }

    @Test(
        "a kind of event fits its name, its family or everything",
        arguments: [
            ("run.completed", ["run.completed"], true), ("run.completed", ["run.*"], true),
            ("run.completed", ["*"], true), ("run.completed", ["gate.*"], false),
            ("runner.x", ["run.*"], false), ("turn.completed", ["run.*", "gate.*"], false),
            ("run.completed.late", ["run.completed"], false),
        ])
    func filter(kind: String, patterns: [String], expected: Bool) {
        #expect(EventFilter.fits(kind, patterns) == expected)
    }
}
