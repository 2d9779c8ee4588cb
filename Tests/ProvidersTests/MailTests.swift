import Contracts
import Fakes
import Mesh
import MeshContract
import Outside
import ServiceKit
import Testing
import Testkit

@testable import ProvidersService

@Suite("E-mail", .timeLimit(.minutes(1)))
struct MailTests {
    private func mail(
        _ key: String = "m1", user: String = "user_1", subject: String = "Your document"
    ) -> Providers.SendMail {
        Providers.SendMail(
            key: key, user: user, about: "run_1", to: ["ada@example.org"], subject: subject,
            html: "<p>Text</p>", text: "Text",
            attachments: [.init(name: "d.docx", contentType: "application/x", content: [1, 2, 3])])
    }

    private func rig(
        _ more: [String: String] = [:]
    ) async throws -> (rig: Rig, fake: FakeOutside) {
        let test = try TestMesh()
        let fake = try FakeOutside(on: test.loop)
        let settings = Rig.offline.merging(fake.settings) { $1 }.merging(more) { $1 }
        return (try await Rig(settings, on: test), fake)
    }

    private func ended(_ rig: Rig, user: String = "user_1") async throws -> [Providers.Mail] {
        func list() async throws -> [Providers.Mail] {
            try await rig.mesh.call(Providers.ListMails(user: user, limit: 50)).mails
        }
        _ = try await soon {
            rig.test.clock.advance(by: .milliseconds(200))
            return try await list().allSatisfy { $0.endedAt != nil }
        }
        return try await list()
    }

    @Test("an e-mail is taken once for a key, sent, and its outcome shown")
    func sent() async throws {
        let (rig, fake) = try await rig()
        let first = try await rig.mesh.call(mail())
        let again = try await rig.mesh.call(mail())
        #expect(first.id == again.id && first.to == ["ada@example.org"])
        let mails = try await ended(rig)
        #expect(mails.map(\.state) == ["sent"] && mails[0].attempts == 1 && mails[0].error == nil)
        #expect(Array(fake.mails.keys) == [first.id])
        await expectFault(.conflict) { try await rig.mesh.call(mail(subject: "Another")) }
        let others = try await rig.mesh.call(
            Providers.ListMails(user: "user_2", limit: 50))
        #expect(others.mails.isEmpty)
        let elsewhere = try await rig.mesh.call(
            Providers.ListMails(user: "user_1", about: "run_2", limit: 50))
        #expect(elsewhere.mails.isEmpty)
    }

    @Test("a failed delivery is tried again under one key, and goes out once")
    func retried() async throws {
        let (rig, fake) = try await rig()
        fake.answerMails([
            .refusal(500, "application_error", "oops"),
            .refusal(429, "rate_limit_exceeded", "slow down"), .init(200, "not json"),
        ])
        fake.loseAnswers(1)
        let taken = try await rig.mesh.call(mail())
        let mails = try await ended(rig)
        #expect(mails.map(\.state) == ["sent"] && mails[0].attempts == 5)
        #expect(Set(fake.asked.map(\.headers["idempotency-key"])) == [taken.id])
        #expect(Set(fake.asked.map(\.body)).count == 1 && fake.mails.count == 1)
    }

    @Test("what Resend refuses fails at once, in its words and without the key")
    func refused() async throws {
        let (rig, fake) = try await rig()
        fake.answerMails([
            .refusal(403, "invalid_from_address", "re_secret_key_1 may not send from there")
        ])
        _ = try await rig.mesh.call(mail())
        let mails = try await ended(rig)
        #expect(mails[0].state == "failed" && mails[0].attempts == 1 && fake.asked.count == 1)
        #expect(mails[0].error?.contains("may not send from there") == true)
        #expect(mails[0].error?.contains("re_secret") == false)
    }

    @Test("an e-mail that was taken outlives the process")
    func restarted() async throws {
        let (rig, fake) = try await rig(["MAIL_RETRY_MS": "600000"])
        fake.answerMails([.refusal(500, "application_error", "oops")])
        let taken = try await rig.mesh.call(mail())
        let store = rig.node.outside.mails
        let failed = try await soon {
            try await store.list(user: "user_1", about: nil, limit: 1)[0].attempts == 1
        }
        #expect(failed)
        let waiting = try await store.list(user: "user_1", about: nil, limit: 1)[0]
        #expect(waiting.state == "waiting" && waiting.error?.contains("oops") == true)
        #expect(try await store.due(at: rig.node.ambient.now(), limit: 9).isEmpty)
        // The time has come, and another process looks.
        let due = try await store.due(at: try #require(waiting.nextAt), limit: 9)
        #expect(due.map(\.id) == [taken.id] && due[0].attempts == 1)
    }

    @Test("a user sends so many e-mails a day")
    func capped() async throws {
        let (rig, _) = try await rig(["MAILS_PER_DAY": "2"])
        _ = try await rig.mesh.call(mail("m1"))
        _ = try await rig.mesh.call(mail("m2"))
        await expectFault(.capped) { try await rig.mesh.call(mail("m3")) }
        _ = try await rig.mesh.call(mail("m4", user: "user_2"))
        _ = try await rig.mesh.call(mail("m1"))
    }

    @Test("what cannot be an e-mail is refused field by field")
    func invalid() async throws {
        let (rig, _) = try await rig()
        var wrong = mail()
        (wrong.to, wrong.subject) = (["nobody"], "a\nb")
        do {
            _ = try await rig.mesh.call(wrong)
            Issue.record("it was taken")
        } catch {
            #expect(error.fields?.map(\.pointer) == ["/to/0", "/subject"])
        }
    }

    @Test("without a key e-mail is off and says what to set; a key alone is refused at the start")
    func off() async throws {
        let rig = try await Rig(
            Rig.offline.merging([
                "DUCKDUCKGO_BASE_URL": "off", "POLLINATIONS_BASE_URL": "off",
            ]) { $1 })
        func detail<T>(_ body: () async throws -> T) async -> String {
            do {
                _ = try await body()
                return ""
            } catch {
                let fault = error as? Fault
                return fault?.code == .conflict ? fault?.detail ?? "" : ""
            }
        }
        #expect(await detail { try await rig.mesh.call(mail()) }.contains("RESEND_API_KEY"))
        let search = Providers.SearchWeb(user: "u", words: "x", limit: 1)
        #expect(await detail { try await rig.mesh.call(search) }.contains("DUCKDUCKGO_BASE_URL"))
        let image = Providers.MakeImage(key: "k", user: "u", prompt: "x")
        #expect(await detail { try await rig.mesh.call(image) }.contains("POLLINATIONS_BASE_URL"))
        let cards = try await rig.mesh.call(Providers.ListOutside()).outside
        #expect(cards.map(\.name) == ["mail", "search", "image"])
        #expect(cards.allSatisfy { !$0.isOn && $0.missing != nil })
        for wrong in [
            ["RESEND_API_KEY": "re_1"], ["RESEND_API_KEY": "re_1", "RESEND_FROM": "Atelier"],
            ["RESEND_API_KEY": "re 1", "RESEND_FROM": "a@b.org"],
            ["POLLINATIONS_BASE_URL": "image.example"], ["DUCKDUCKGO_BASE_URL": "https://u@x"],
        ] {
            await expectFault(.invalid) { try await Rig(Rig.offline.merging(wrong) { $1 }) }
        }
    }

    @Test("pauses grow, obey the other side, and end before the key is forgotten")
    func pauses() {
        let rule = MailRule(base: .seconds(5))
        func next(_ failure: OutsideFailure, _ attempt: Int, at now: Int64 = 0) -> Int64? {
            let outcome = rule.outcome(
                of: failure, attempt: attempt, createdAt: 0, now: now, chance: 0.5)
            guard case .later(let at, _) = outcome else { return nil }
            return at
        }
        let failed = OutsideFailure(.failed, "x")
        #expect(
            (1...9).map { next(failed, $0) } == [
                5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, nil,
            ])
        #expect(next(OutsideFailure(.limited, "x", retryAfter: .seconds(60)), 1) == 60_000)
        #expect(next(OutsideFailure(.refused, "x"), 1) == nil)
        #expect(next(failed, 8, at: 80_000_000) == nil)
    }
}

@Suite("Search and images", .timeLimit(.minutes(1)))
struct LookingTests {
    @Test("a search answers with what was found, so often for a user")
    func search() async throws {
        let test = try TestMesh()
        let fake = try FakeOutside(on: test.loop)
        fake.page(
            "/html/",
            .init(
                200,
                "<a class=result__a href=https://a.example/>A</a><p class=result__snippet>s</p>"))
        let rig = try await Rig(
            Rig.offline.merging(fake.settings) { $1 }.merging(["SEARCHES_PER_MINUTE": "2"]) { $1 },
            on: test)
        let search = Providers.SearchWeb(user: "user_1", words: "a", limit: 5)
        #expect(
            try await rig.mesh.call(search).results
                == [.init(title: "A", url: "https://a.example/", snippet: "s")])
        _ = try await rig.mesh.call(search)
        await expectFault(.limited) { try await rig.mesh.call(search) }
        _ = try await rig.mesh.call(Providers.SearchWeb(user: "user_2", words: "a", limit: 5))
        await expectFault(.invalid) {
            try await rig.mesh.call(Providers.SearchWeb(user: "user_2", words: " ", limit: 0))
        }
    }

    @Test("an image is asked for with one seed for one key")
    func image() async throws {
        let test = try TestMesh()
        let fake = try FakeOutside(on: test.loop)
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 9]
        fake.image(.init(200, bytes: jpeg))
        let rig = try await Rig(Rig.offline.merging(fake.settings) { $1 }, on: test)
        let request = Providers.MakeImage(key: "run_1/1", user: "user_1", prompt: "a fox")
        let image = try await rig.mesh.call(request)
        #expect(image.content == jpeg && image.contentType == "image/jpeg")
        #expect(try await rig.mesh.call(request) == image)
        #expect(Set(fake.asked.map(\.query["seed"])) == ["\(image.seed)"])
        await expectFault(.invalid) {
            try await rig.mesh.call(
                Providers.MakeImage(key: "k", user: "u", prompt: "x", width: 5_000))
        }
    }
}
