import Lifecycle
import Log
import Outside
import ServiceKit

/// Sends what is due, a few at once. Each e-mail keeps one key at every attempt, so that one whose
/// answer was lost, or whose process died, goes out once.
struct MailSender: Sendable {
    private static let atOnce = 4
    private static let tidyingEvery = 2_000

    let store: MailStore
    /// nil where e-mail is off: what waits then waits on.
    let resend: Resend?
    let rule: MailRule
    let pause: Duration
    let days: Int
    let ambient: Ambient
    let log: Log

    var job: Running { Running("mails", run: { await run() }) }

    private func run() async {
        var rounds = 0
        while !Task.isCancelled {
            do {
                if rounds % Self.tidyingEvery == 0 { try await tidy() }
                rounds += 1
                guard let resend else {
                    try await Task.sleep(for: .seconds(3_600))
                    continue
                }
                let due = try await store.due(at: ambient.now(), limit: Self.atOnce)
                await withDiscardingTaskGroup { group in
                    for one in due { group.addTask { await send(one, resend) } }
                }
                if due.isEmpty { try await Task.sleep(for: pause) }
            } catch is CancellationError {
                return
            } catch {
                log.error("e-mails are held up", ["error": "\(error)"])
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    return  // it is being stopped
                }
            }
        }
    }

    private func send(_ due: MailStore.Due, _ resend: Resend) async {
        let outcome: MailStore.Outcome
        do throws(OutsideFailure) {
            let id = try await resend.send(due.payload, idempotencyKey: due.id)
            log.info("an e-mail was sent", ["mail": due.id])
            outcome = .sent(outsideID: id)
        } catch {
            // A process that ends is no failed attempt: the next one asks again under the same key.
            if Task.isCancelled { return }
            log.warning("an e-mail was not sent", ["mail": due.id, "error": "\(error)"])
            outcome = rule.outcome(
                of: error, attempt: due.attempts + 1, createdAt: due.createdAt,
                now: ambient.now(), chance: .random(in: 0...1))
        }
        do {
            try await store.settle(due.id, outcome, at: ambient.now())
        } catch {
            log.error(
                "an e-mail's outcome could not be noted", ["mail": due.id, "error": "\(error)"])
        }
    }

    private func tidy() async throws {
        let moment = ambient.now() - Int64(days) * 86_400_000
        while try await store.forget(before: moment, limit: 500) == 500 {}
    }
}
