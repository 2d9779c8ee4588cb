import Contracts
import Lifecycle
import Log
import Mesh
import MeshContract

/// Gives notices to the providers service as e-mails, each under its own key, and looks what becomes of
/// them there: given on twice, an e-mail is sent once.
struct NoticePost: Sendable {
    private static let atOnce = 50
    private static let pace = Duration.seconds(2)
    /// For so long is a providers service waited for that is away.
    private static let patience: Int64 = 3 * 86_400_000
    private static let look: Int64 = 5_000
    private static let longestPause: Int64 = 60_000

    let store: NoticeStore
    let mesh: MeshClient
    /// Where people reach us; nil where it was not said.
    let base: String?
    let now: @Sendable () -> Int64
    let log: Log

    var job: Running {
        Running("notice-post") {
            while true {
                await sweep()
                try await Task.sleep(for: Self.pace)
            }
        }
    }

    /// One round. It ends at the first e-mail that cannot be given on for now: others would not fare
    /// better.
    func sweep() async {
        do {
            for due in try await store.dueMails(at: now(), limit: Self.atOnce) {
                let (outcome, isAway) = await attempt(due)
                if Task.isCancelled { return }
                try await store.settle(due.notice.id, outcome)
                if isAway { return }
            }
        } catch {
            log.warning("notices could not be sent", ["error": "\(error)"])
        }
    }

    private func attempt(
        _ due: NoticeStore.DueMail
    ) async -> (outcome: NoticeStore.MailOutcome, isAway: Bool) {
        // What a user may no longer see is not sent after them either.
        guard due.isVisible, AccountRules.leadsSomewhere(due.address) else {
            return (.ended(.failed), false)
        }
        do throws(Fault) {
            return (state(of: try await mail(of: due)), false)
        } catch {
            return failure(error, due)
        }
    }

    /// nil for one that the providers service has taken, and knows no more.
    private func mail(of due: NoticeStore.DueMail) async throws(Fault) -> Providers.Mail? {
        if due.mail != nil { return try await known(due) }
        let letter = NoticeLetter(due.notice, base: base)
        let request = Providers.SendMail(
            key: "notice/\(due.notice.id)", user: due.account, about: due.notice.id,
            to: [due.address], subject: letter.subject, html: letter.html, text: letter.text)
        do {
            return try await mesh.call(request, within: .seconds(10))
        } catch {
            // The key is taken where the address has changed since an attempt whose answer was lost.
            guard error.code == .conflict, due.attempts > 0, let mail = try await known(due) else {
                throw error
            }
            return mail
        }
    }

    private func known(_ due: NoticeStore.DueMail) async throws(Fault) -> Providers.Mail? {
        try await mesh.call(
            Providers.ListMails(user: due.account, about: due.notice.id, limit: 1)
        ).mails.first
    }

    private func state(of mail: Providers.Mail?) -> NoticeStore.MailOutcome {
        switch mail?.state {
        case "sent": return .ended(.sent)
        case "waiting":
            let next = max(mail?.nextAt ?? 0, now()) + Self.look
            return .later(at: next, mail: mail?.id)
        default: return .ended(.failed)
        }
    }

    private func failure(
        _ fault: Fault, _ due: NoticeStore.DueMail
    ) -> (outcome: NoticeStore.MailOutcome, isAway: Bool) {
        let mayPass =
            fault.isTransient || [.internal, .limited, .upstream].contains(fault.code)
        if mayPass && now() - due.keptAt < Self.patience {
            let pause = min(Self.look << min(due.attempts, 8), Self.longestPause)
            return (.later(at: now() + pause, mail: nil), true)
        }
        // Where e-mail is not set up, every notice would say so.
        log.debug("a notice was not sent", ["notice": due.notice.id, "why": fault.message])
        return (.ended(fault.code == .capped ? .limited : .failed), false)
    }
}
