import Contracts
import Mesh
import MeshContract
import REST

/// `/sessions/{id}/email`: a session's document on its way to people.
///
/// The e-mail is made here from what the session and storage say, and given to the providers
/// service. Once it is taken there it is sent, however often that has to be tried.
struct EmailEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        /// One address, or several with commas between them.
        var to: String
        /// The title without it.
        var subject: String?
        /// What an inbox shows beside the subject.
        var preview: String?
    }

    struct EmailView: Codable, Sendable {
        var id: String
        var to: [String]
        var subject: String
        /// `waiting`, `sent` or `failed`.
        var state: String
        var attempts: Int
        /// Why the last attempt failed.
        var error: String?
        var createdAt: String
        /// When it is tried next, while it waits.
        var nextAt: String?
        var endedAt: String?

        init(_ mail: Providers.Mail) {
            (id, to, subject) = (mail.id, mail.to, mail.subject)
            (state, attempts, error) = (mail.state, mail.attempts, mail.error)
            createdAt = rfc3339(mail.createdAt)
            (nextAt, endedAt) = (mail.nextAt.map(rfc3339), mail.endedAt.map(rfc3339))
        }
    }

    private static let mostPreview = 200

    let mesh: MeshClient
    let accounts: Accounts

    var all: [Endpoint] {
        [
            .post(
                "/sessions/{id}/email",
                "Sends the document as an e-mail, with a Word file; the outcome is under /emails",
                status: 202, bodyLimit: 16 << 10, Draft.self, send
            ).example(#"{"to": "ada@example.org", "subject": "Tides"}"#).fails(502),
            .get("/sessions/{id}/emails", "Lists the e-mails of a session, newest first", list)
                .paged(),
        ]
    }

    @Sendable private func send(_ body: Draft, _ incoming: Incoming) async throws -> EmailView {
        let user = incoming.identity.user
        let session = try await session(incoming)
        guard session.document.contains(where: { !$0.isWhitespace }) else {
            throw Fault(.conflict, "the session has no document yet")
        }
        let title = session.run.title.isEmpty ? "Document" : session.run.title
        let subject = body.subject ?? String(title.prefix(150))
        let preview = body.preview ?? ""
        guard preview.utf8.count <= Self.mostPreview else {
            throw Fault(
                .invalid, "the e-mail was refused",
                fields: [FieldFault("/preview", "has more than \(Self.mostPreview) bytes")])
        }
        let name = Exports.fileName(title)
        let page = try await Exports.render(
            session, as: "letter", named: name, preview: preview, over: mesh)
        let word = try await Exports.render(session, as: "docx", named: name, over: mesh)
        let key = try incoming.idempotencyKey ?? incoming.requestID
        let mail = Providers.SendMail(
            key: "email/\(user)/\(session.run.id)/\(key)", user: user, about: session.run.id,
            to: Self.addresses(body.to), subject: subject,
            html: String(decoding: page.content, as: UTF8.self), text: session.document,
            replyTo: try await address(of: user),
            attachments: [
                .init(name: word.name, contentType: word.contentType, content: word.content)
            ])
        return EmailView(try await mesh.call(mail, within: .seconds(30)))
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<EmailView> {
        let session = try await session(incoming)
        let list = try await mesh.call(
            Providers.ListMails(
                user: incoming.identity.user, about: session.run.id,
                limit: 200))
        return try Page(list.mails.map(EmailView.init), incoming, by: \.id)
    }

    private func session(_ incoming: Incoming) async throws -> Orchestrator.Session {
        try await mesh.call(
            Orchestrator.GetSession(user: incoming.identity.user, id: incoming.parameter("id")))
    }

    private static func addresses(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.filter { $0 != " " && $0 != "\t" })
        }
    }

    /// Where answers go; nil for an account whose address leads nowhere.
    private func address(of user: String) async throws -> String? {
        guard let email = try await accounts.store.find(id: user)?.email,
            AccountRules.leadsSomewhere(email)
        else { return nil }
        return email
    }
}
