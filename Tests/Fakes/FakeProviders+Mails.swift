public import Contracts
import Mesh
public import MeshContract
import Synchronization

extension FakeProviders {
    /// E-mails that were taken, by the rules of the real ones: once for each key.
    struct Mailbox {
        var taken: [Providers.SendMail] = []
        var state = "waiting"
        var outage: Fault?
        /// True where e-mails are taken and the answer is lost.
        var losesAnswers = false
        var asked = 0
    }

    /// What was taken, the oldest first.
    public var mails: [Providers.SendMail] { mailbox.withLock { $0.taken } }
    /// How often it was asked to take one.
    public var mailsAsked: Int { mailbox.withLock { $0.asked } }

    /// Fails whoever sends e-mail with this; nil ends it.
    public func failMails(_ fault: Fault?) { mailbox.withLock { $0.outage = fault } }

    /// Takes e-mails, and lets nobody hear of it.
    public func loseMailAnswers(_ isLosing: Bool) {
        mailbox.withLock { $0.losesAnswers = isLosing }
    }

    /// How all e-mails stand: `waiting`, `sent` or `failed`.
    public func setMails(_ state: String) { mailbox.withLock { $0.state = state } }

    @Sendable func sendMail(
        _ request: Providers.SendMail, _ call: Call
    ) async throws -> Providers.Mail {
        try mailbox.withLock { box in
            box.asked += 1
            if let outage = box.outage { throw outage }
            if let known = box.taken.first(where: { $0.key == request.key }) {
                guard known.to == request.to, known.html == request.html else {
                    throw Fault(.conflict, "this key was used for another e-mail")
                }
            } else {
                box.taken.append(request)
            }
            if box.losesAnswers { throw Fault(.timedOut, "the answer is lost") }
            return Self.mail(request, box.state)
        }
    }

    @Sendable func listMails(
        _ request: Providers.ListMails, _ call: Call
    ) async throws -> Providers.MailList {
        try mailbox.withLock { box in
            if let outage = box.outage { throw outage }
            let own = box.taken.filter {
                $0.user == request.user && (request.about == nil || $0.about == request.about)
            }
            return Providers.MailList(mails: own.map { Self.mail($0, box.state) })
        }
    }

    private static func mail(_ mail: Providers.SendMail, _ state: String) -> Providers.Mail {
        Providers.Mail(
            id: "mail_" + mail.key, about: mail.about, to: mail.to, subject: mail.subject,
            state: state, attempts: 0, error: nil, createdAt: 0, nextAt: nil, endedAt: nil)
    }
}
