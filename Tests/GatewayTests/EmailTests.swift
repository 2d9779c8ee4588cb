import Contracts
import Curl
import Fakes
import FoundationEssentials
import Mesh
import Testing
import Testkit
import Wire

@testable import GatewayService

/// A session's document in other forms and by e-mail, with real storage and providers behind.
@Suite("Documents on their way out", .serialized, .timeLimit(.minutes(1)))
struct EmailTests {
    let rig: Rig
    let token: String
    let id: String

    init() async throws {
        rig = try await Rig(realStorage: true)
        token = try await rig.user()
        id = try await rig.completeSession(as: token)
    }

    private func send(
        _ body: WireValue = ["to": "bob@example.com", "subject": "Plan", "preview": "In <short>"],
        key: String? = nil
    ) async throws -> Rig.Answer {
        try await rig.send(
            "POST", "/api/v1/sessions/\(id)/email", body, as: token,
            headers: key.map { [("Idempotency-Key", $0)] } ?? [])
    }

    private func emails() async throws -> [WireValue] {
        rig.mesh.clock.advance(by: .seconds(1))
        return try await rig.send("GET", "/api/v1/sessions/\(id)/emails", as: token)
            .json["items"]?.list ?? []
    }

    @Test("a session's document is exported as Markdown, HTML and Word")
    func exports() async throws {
        let path = "/api/v1/sessions/\(id)/export?format="
        let html = try await rig.send("GET", path + "html", as: token)
        #expect(html.status == 200 && html.text.contains("<p>Text by the writer</p>"))
        #expect(html.text.contains("<title>Title</title>"))
        #expect(html.headers["content-type"] == "text/html; charset=utf-8")
        let word = try await rig.send("GET", path + "docx", as: token)
        #expect(word.body.starts(with: [0x50, 0x4B, 3, 4]))
        #expect(word.headers["content-disposition"]?.contains("\(id).docx") == true)
        let tag = try #require(word.headers["etag"])
        let again = try await rig.send(
            "GET", path + "docx", as: token, headers: [("If-None-Match", tag)])
        #expect(again.status == 304)
        #expect(try await rig.send("GET", path + "letter", as: token).status == 400)
        let other = try await rig.user("eve")
        #expect(try await rig.send("GET", path + "docx", as: other).status == 404)
    }

    @Test("a document goes out once for a key, with a page, plain text and a Word file")
    func sent() async throws {
        try await rig.startProviders(rig.outside.settings)
        let answer = try await send(key: "k1")
        #expect(answer.status == 202, "\(answer.text)")
        #expect(answer.json["state"]?.string == "waiting")
        #expect(try await send(key: "k1").json["id"] == answer.json["id"])
        #expect(try await soon { try await emails().first?["state"]?.string == "sent" })
        #expect(try await emails().count == 1 && rig.outside.mails.count == 1)
        let mail = try WireValue(json: try #require(rig.outside.mails.values.first))
        #expect(mail["from"]?.string == "Atelier <studio@example.org>")
        #expect(mail["to"]?.list.compactMap(\.string) == ["bob@example.com"])
        #expect(mail["subject"]?.string == "Plan" && mail["reply_to"]?.string == "ada@example.org")
        #expect(mail["text"]?.string == "Text by the writer")
        let page = try #require(mail["html"]?.string)
        #expect(
            page.contains("In &lt;short&gt;</div>") && page.contains("<p>Text by the writer</p>"))
        let file = try #require(mail["attachments"]?.list.first)
        #expect(file["filename"]?.string == "Title.docx")
        let content = Data(base64Encoded: file["content"]?.string ?? "")
        let word = try await rig.send(
            "GET", "/api/v1/sessions/\(id)/export?format=docx", as: token)
        #expect(content.map { Array($0) } == word.body)
    }

    @Test("a delivery that fails is shown, tried again under one key, and goes out once")
    func retried() async throws {
        try await rig.startProviders(rig.outside.settings)
        rig.outside.answerMails([.refusal(500, "application_error", "oops")])
        #expect(try await send().status == 202)
        #expect(try await soon { try await emails().first?["state"]?.string == "sent" })
        let mail = try #require(try await emails().first)
        #expect(mail["attempts"]?.int == 2 && mail["ended_at"]?.string != nil)
        rig.outside.answerMails([.refusal(422, "validation_error", "no such domain")])
        #expect(try await send(["to": "a@b.example"]).status == 202)
        #expect(try await soon { try await emails().first?["state"]?.string == "failed" })
        let failed = try #require(try await emails().first)
        #expect(failed["error"]?.string?.contains("no such domain") == true)
        #expect(failed["subject"]?.string == "Title")
    }

    @Test("what is no address, and somebody else's session, are refused")
    func refused() async throws {
        try await rig.startProviders(rig.outside.settings)
        #expect(try await send(["to": "bob"]).pointers == ["/to/0"])
        #expect(try await send(["to": "a@b.example, c"]).pointers == ["/to/1"])
        #expect(try await send(["subject": "x"]).pointers == ["/to"])
        let long = String(repeating: "x", count: 201)
        #expect(
            try await send(["to": "a@b.example", "preview": .text(long)]).pointers == ["/preview"])
        let other = try await rig.user("eve")
        for (method, path) in [("POST", "email"), ("GET", "emails")] {
            let answer = try await rig.send(
                method, "/api/v1/sessions/\(id)/\(path)",
                method == "POST" ? ["to": "a@b.example"] : nil,
                as: other)
            #expect(answer.status == 404)
        }
        #expect(rig.outside.mails.isEmpty)
    }

    @Test("where e-mail is not set up, the answer says what to set")
    func off() async throws {
        try await rig.startProviders([:])
        let answer = try await send()
        #expect(answer.status == 409 && answer.text.contains("RESEND_API_KEY"))
    }
}
