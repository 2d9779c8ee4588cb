import Contracts
import Curl
import Durable
import FoundationEssentials
import Lifecycle
import Log
import Wire

/// Sends what is due, a few at once, and tries again what failed: at least once, each attempt under
/// the same id.
struct WebhookSender: Sendable {
    private static let atOnce = 16
    private static let eachAtOnce = 4
    private static let deadline = Duration.seconds(15)
    /// Deliveries in a row that used up their attempts: then nobody is there any more.
    private static let failuresAtMost = 20
    private static let keptFor = Duration.seconds(30 * 86_400)
    private static let tidyingEvery = 500

    let store: WebhookStore
    let runs: RunStore
    let engine: Engine
    let client: HTTPClient
    let key: [UInt8]
    let isPublicOnly: Bool
    let now: @Sendable () -> Int64
    let pause: Duration
    let log: Log

    var job: Running { Running("webhooks", run: { await run() }) }

    private func run() async {
        var rounds = 0
        while !Task.isCancelled {
            do {
                if rounds % Self.tidyingEvery == 0 {
                    try await store.tidy(
                        before: now() - Int64(Self.keptFor.components.seconds) * 1_000)
                }
                rounds += 1
                let due = try await store.due(
                    at: now(), limit: Self.atOnce, each: Self.eachAtOnce)
                await withDiscardingTaskGroup { group in
                    for one in due { group.addTask { await deliver(one) } }
                }
                if due.isEmpty { try await Task.sleep(for: pause) }
            } catch is CancellationError {
                return
            } catch {
                log.error("webhooks are held up", ["error": "\(error)"])
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    return  // it is being stopped
                }
            }
        }
    }

    private func deliver(_ due: WebhookStore.Due) async {
        do {
            var outcome = try await attempt(due)
            // A process that ends is no fault of the other side's.
            if Task.isCancelled { return }
            let isLast = outcome.isDelivered || outcome.isGone
            if !isLast, let delay = WebhookMessage.delay(after: due.attempts + 1) {
                let milliseconds = Double(delay.components.seconds) * 1_000
                outcome.nextAt = now() + Int64(milliseconds * Double.random(in: 0.9...1.1))
            }
            try await store.settle(due, outcome, failuresAtMost: Self.failuresAtMost)
        } catch {
            log.error(
                "a webhook's delivery could not be noted",
                ["webhook": due.webhook, "error": "\(error)"])
        }
    }

    private func attempt(_ due: WebhookStore.Due) async throws -> WebhookStore.Outcome {
        guard let body = try await body(due) else {
            return .init(isDelivered: false, error: "the event is gone", isGone: false)
        }
        let message = WebhookMessage(
            id: "\(due.webhook)/\(due.run)/\(due.seq)", timestamp: now() / 1_000, body: body)
        let secret = WebhookMessage.secret(of: due.webhook, key: key)
        var request = ClientRequest(
            method: "POST", url: due.url,
            headers: message.headers + [("webhook-signature", message.signature(secret))],
            body: body, idleTimeout: Self.deadline, deadline: Self.deadline)
        request.isPublicOnly = isPublicOnly
        do {
            // What the other side has to say beside its status is nobody's business here.
            let answer = try await client.stream(request)
            answer.cancel()
            let isDelivered = (200..<300).contains(answer.status)
            return .init(
                isDelivered: isDelivered, status: answer.status,
                error: isDelivered ? nil : Self.reason(answer.status), isGone: answer.status == 410)
        } catch {
            return .init(isDelivered: false, error: "\(error)")
        }
    }

    private static func reason(_ status: Int) -> String {
        (300..<400).contains(status)
            ? "answered \(status), and redirects are not followed" : "answered \(status)"
    }

    private struct Body: Encodable {
        struct Event: Encodable {
            let runID: String
            let studio: String
            let title: String
            let seq: Int64
            let step: String?
            let event: WireValue

            enum CodingKeys: String, CodingKey {
                case runID = "run_id"
                case studio, title, seq, step, event
            }
        }

        let type: String
        let timestamp: String
        let data: Event
    }

    /// The same bytes at every attempt: an event never changes.
    private func body(_ due: WebhookStore.Due) async throws -> [UInt8]? {
        let event = try await engine.events(due.run, after: due.seq - 1, limit: 1).first
        guard let event, event.seq == due.seq, let run = try await runs.any(due.run) else {
            return nil
        }
        let data = try WireDecoder.decode(WireValue.self, from: event.body)
        var step: String?
        if case .text(let text)? = data["step"] { step = text }
        let time = Date(timeIntervalSince1970: Double(event.at) / 1_000)
        let body = Body(
            type: event.kind,
            timestamp: time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            data: .init(
                runID: run.id, studio: run.studio, title: run.title, seq: event.seq, step: step,
                event: data))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(body))
    }
}
