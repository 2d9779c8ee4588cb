import Contracts
import Database
import Fakes
import MeshContract
import Testing
import Testkit

@testable import GatewayService

@Suite("Notices as e-mails", .timeLimit(.minutes(1)))
struct NoticePostTests {
    private func rig(_ environment: [String: String] = [:]) async throws -> NoticeRig {
        let rig = try await NoticeRig(environment)
        try await rig.wish("run_completed", inApp: true, email: true)
        return rig
    }

    /// Looks again after a while.
    private func sweep(_ rig: NoticeRig, after seconds: Int = 6) async {
        rig.mesh.clock.advance(by: .seconds(seconds))
        await rig.node.post.sweep()
    }

    @Test("an e-mail is given on under the notice's id, and then looked after until it has ended")
    func sent() async throws {
        let rig = try await rig()
        try await rig.take(NoticeRig.entry(1))
        let notice = try #require(try await rig.list().first)
        await rig.node.post.sweep()
        let mail = try #require(rig.providers.mails.first)
        #expect(mail.key == "notice/\(notice.id)" && mail.to == ["ada@example.org"])
        #expect(mail.user == "usr_ada" && mail.subject == "Completed: Tides")
        #expect(try await rig.emails() == ["waiting"])
        await sweep(rig)
        #expect(try await rig.emails() == ["waiting"])
        rig.providers.setMails("sent")
        await sweep(rig)
        #expect(try await rig.emails() == ["sent"])
        await sweep(rig)
        #expect(rig.providers.mailsAsked == 1)
        try await rig.take(NoticeRig.entry(2))
        rig.providers.setMails("failed")
        await sweep(rig)
        #expect(try await rig.emails() == ["sent", "failed"])
    }

    @Test("an answer that is lost leads to the same e-mail once more, which is sent once")
    func lost() async throws {
        let rig = try await rig()
        try await rig.take(NoticeRig.entry(1))
        rig.providers.loseMailAnswers(true)
        await rig.node.post.sweep()
        #expect(try await rig.emails() == ["waiting"] && rig.providers.mails.count == 1)
        rig.providers.loseMailAnswers(false)
        rig.providers.setMails("sent")
        await sweep(rig)
        #expect(try await rig.emails() == ["sent"])
        #expect(rig.providers.mails.count == 1 && rig.providers.mailsAsked == 2)
    }

    @Test("a providers service that is away is waited for, and asked for one e-mail at a time")
    func away() async throws {
        let rig = try await rig()
        try await rig.take(NoticeRig.entry(1), NoticeRig.entry(2))
        rig.providers.failMails(Fault(.unavailable, "away"))
        for _ in 0..<3 { await sweep(rig, after: 120) }
        #expect(try await rig.emails() == ["waiting", "waiting"])
        let attempts = try await rig.store.database.read { db in
            try db.first("SELECT sum(attempts) FROM notice") { $0.int(0) }
        }
        #expect(attempts == 3)
        rig.providers.failMails(nil)
        rig.providers.setMails("sent")
        await sweep(rig, after: 120)
        #expect(try await rig.emails() == ["sent", "sent"])
        try await rig.take(NoticeRig.entry(3))
        rig.providers.failMails(Fault(.unavailable, "away"))
        await sweep(rig, after: 4 * 86_400)
        #expect(try await rig.emails().last == "failed")
    }

    @Test("without a provider, or an address, an e-mail fails and the notice stays")
    func failed() async throws {
        let rig = try await rig()
        rig.providers.failMails(Fault(.conflict, "e-mail is not set up here"))
        try await rig.take(NoticeRig.entry(1))
        await rig.node.post.sweep()
        #expect(try await rig.list().map(\.email) == ["failed"])
        try await NoticeRig.add("eve", to: rig.node.accounts.store, host: "atelier.localhost")
        try await rig.wish("run_completed", inApp: true, email: true, of: "usr_eve")
        try await rig.take(NoticeRig.entry(2, of: "usr_eve"))
        rig.providers.failMails(nil)
        await rig.node.post.sweep()
        #expect(try await rig.list("usr_eve").map(\.email) == ["failed"])
        #expect(rig.providers.mails.isEmpty && rig.providers.mailsAsked == 1)
    }

    @Test("where the providers service has sent enough for a user, the notice is shown instead")
    func capped() async throws {
        let rig = try await rig()
        try await rig.wish("run_completed", inApp: false, email: true)
        rig.providers.failMails(Fault(.capped, "100 e-mails a day"))
        try await rig.take(NoticeRig.entry(1))
        #expect(try await rig.list().isEmpty)
        await rig.node.post.sweep()
        #expect(try await rig.list().map(\.email) == ["limited"])
    }

    // MARK: The e-mail itself

    private static func notice(_ title: String, _ text: String, kind: String = "run_failed")
        -> Notice
    {
        Notice(
            id: "ntc_1", kind: kind, run: "run_1", title: title, text: text, at: 1, readAt: nil,
            email: "waiting")
    }

    @Test("it says what has happened, where to look, why one gets it, and where that ends")
    func letter() throws {
        let letter = NoticeLetter(
            Self.notice("Failed: Tides", "No key.\nAdd one."), base: "https://a.example")
        #expect(letter.subject == "Failed: Tides")
        #expect(
            letter.text == """
                Failed: Tides

                No key.
                Add one.

                https://a.example/runs/run_1

                You get this e-mail because you asked to be told when a run fails or needs \
                attention. Settings, Notifications, is where you switch it off: \
                https://a.example/settings/notifications
                """)
        #expect(letter.html.contains(#"<a href="https://a.example/runs/run_1">Open the run</a>"#))
        #expect(letter.html.contains("No key.<br>\nAdd one."))
        let bare = NoticeLetter(Self.notice("Failed: Tides", "No key."), base: nil)
        #expect(!bare.html.contains("href") && !bare.text.contains("://"))
        #expect(bare.text.contains("Settings, Notifications"))
        var other = Self.notice("Credits are low", "Few.", kind: "credits_low")
        other.run = nil
        #expect(
            NoticeLetter(other, base: "https://a.example").html
                .contains(#"<a href="https://a.example">Open the studio</a>"#))
    }

    @Test("what people wrote is neither a line of the head nor markup")
    func escaping() throws {
        let evil = "x\r\nBcc: eve@example.com\u{2028}<script>\"&\u{202E}"
        let draft = try #require(
            Notice.Draft(NoticeRig.entry(1, "run_failed", title: evil, detail: "<b>\u{0}\"</b>")))
        #expect(draft.title == "Failed: x Bcc: eve@example.com <script>\"&")
        #expect(draft.text == "<b>\"</b>")
        let letter = NoticeLetter(Self.notice(draft.title, draft.text), base: "https://a.example")
        #expect(letter.subject.unicodeScalars.allSatisfy { $0.value >= 32 })
        #expect(!letter.html.contains("<script>") && !letter.html.contains("<b>"))
        #expect(letter.html.contains("&lt;script&gt;&quot;&amp;"))
        let raw = NoticeLetter(Self.notice(evil, ""), base: nil)
        #expect(!raw.subject.contains("\n") && !raw.subject.contains("\r"))
    }

    @Test("long words are cut, also where one character has thousands of marks")
    func long() {
        let text = String(repeating: "é", count: 1_000)
        #expect(PlainText.line(text, atMost: 120).count == 120)
        #expect(PlainText.lines(text, atMost: 500).hasSuffix("é…"))
        #expect(PlainText.line("  a \t\n b  ", atMost: 9) == "a b")
        let marks = "a" + String(repeating: "\u{301}", count: 5_000)
        #expect(PlainText.line(marks, atMost: 120).utf8.count <= 480)
        #expect(
            PlainText.line("abc", atMost: 3) == "abc" && PlainText.line("abcd", atMost: 3) == "ab…")
    }
}
