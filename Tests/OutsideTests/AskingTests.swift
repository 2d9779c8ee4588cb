import Curl
import EventLoop
import Fakes
import FoundationEssentials
import MeshContract
import Testing

@testable import Outside

@Suite("Asking outside, over HTTP", .timeLimit(.minutes(1)))
final class AskingTests {
    private let loop = EventLoop("outside")
    private let fake: FakeOutside
    private let http: HTTPClient
    private let base: BaseURL

    init() throws {
        fake = try FakeOutside(on: loop)
        http = HTTPClient(on: loop)
        base = try BaseURL(fake.url, of: "TEST_BASE_URL")
    }

    deinit { loop.stop() }

    private func failure<T>(
        _ body: () async throws(OutsideFailure) -> T
    ) async -> OutsideFailure? {
        do throws(OutsideFailure) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Search

    @Test("a search asks the html form, and gives as many results as were wanted")
    func search() async throws {
        fake.page("/html/", .init(200, ResultPageTests.html))
        let duck = DuckDuckGo(http, base: base)
        let hits = try await duck.search("swift & c++", limit: 1, within: .seconds(10))
        #expect(hits.map(\.url) == ["https://www.swift.org/a?b=1&c=2"])
        #expect(fake.asked.map(\.query["q"]) == ["swift & c++"])
    }

    @Test("a form that cannot be read leads to the lite one; both unread are a clear failure")
    func fallback() async throws {
        fake.page("/html/", .init(200, "<html>all new</html>"))
        fake.page("/lite/", .init(200, ResultPageTests.lite))
        let duck = DuckDuckGo(http, base: base)
        #expect(try await duck.search("swift", limit: 9, within: .seconds(10)).count == 2)
        fake.page("/lite/", .init(200, "<html>all new</html>"))
        let changed = await failure { () async throws(OutsideFailure) in
            try await duck.search("swift", limit: 9, within: .seconds(10))
        }
        #expect(changed?.kind == .garbled && changed?.fault.code == .upstream)
        fake.page("/lite/", .init(202, ResultPageTests.challenge))
        let robot = await failure { () async throws(OutsideFailure) in
            try await duck.search("swift", limit: 9, within: .seconds(10))
        }
        #expect(robot?.kind == .limited && robot?.retryAfter == .seconds(60))
        fake.page("/html/", .init(200, ResultPageTests.nothing))
        #expect(try await duck.search("xqzz", limit: 9, within: .seconds(10)).isEmpty)
    }

    @Test("what fails for a moment is asked again; what is refused is not")
    func again() async throws {
        fake.page("/html/", .init(503), .init(200, ResultPageTests.html))
        let duck = DuckDuckGo(http, base: base)
        #expect(try await duck.search("swift", limit: 9, within: .seconds(20)).count == 2)
        #expect(fake.asked.count == 2)
        fake.page("/html/", .init(400, "no such thing"))
        let refused = await failure { () async throws(OutsideFailure) in
            try await duck.search("swift", limit: 9, within: .seconds(20))
        }
        #expect(refused?.kind == .refused && refused?.words == "400: no such thing")
        #expect(fake.asked.count == 3)
    }

    // MARK: Images

    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]

    @Test("an image is asked for by words, size and seed, and known by its bytes")
    func image() async throws {
        fake.image(.init(200, bytes: Self.png, headers: [("Content-Type", "text/html")]))
        let image = try await Pollinations(http, base: base, token: "tok_1").make(
            "a red/blue fox?", width: 640, height: 480, seed: 7, model: "flux",
            within: .seconds(10))
        #expect(image == MadeImage(content: Self.png, contentType: "image/png", seed: 7))
        let asked = try #require(fake.asked.first)
        #expect(asked.path == "/prompt/a red/blue fox?")
        #expect(
            asked.query == [
                "width": "640", "height": "480", "seed": "7", "model": "flux", "nologo": "true",
                "private": "true",
            ])
        #expect(asked.headers["authorization"] == "Bearer tok_1")
    }

    @Test("what is no image, is too large, or comes too late is a failure that says so")
    func noImage() async throws {
        let images = Pollinations(http, base: base)
        func make(_ time: Duration = .seconds(10)) async -> OutsideFailure? {
            await failure { () async throws(OutsideFailure) in
                try await images.make("fox", width: 64, height: 64, seed: 1, within: time)
            }
        }
        fake.image(.init(200, "<html>queue is full</html>"))
        #expect(await make()?.kind == .garbled)
        fake.image(.init(200, bytes: [UInt8](repeating: 0xFF, count: Pollinations.mostBytes + 1)))
        #expect(await make()?.kind == .refused)
        fake.image(.init(429, headers: [("Retry-After", "30")]))
        let limited = await make()
        #expect(limited?.kind == .limited && limited?.retryAfter == .seconds(30))
    }

    @Test("a key leads to one seed, another key to another")
    func seeds() {
        #expect(Pollinations.seed(of: "run_1/thumb/1") == Pollinations.seed(of: "run_1/thumb/1"))
        #expect(Pollinations.seed(of: "run_1/thumb/1") != Pollinations.seed(of: "run_1/thumb/2"))
        #expect(
            (0..<1_000).allSatisfy { (0...0x7FFF_FFFF).contains(Pollinations.seed(of: "\($0)")) })
    }

    // MARK: E-mail

    private static let letter = Letter(
        to: ["ada@example.org", "bob@example.com"], subject: "Été", html: "<p>Hi</p>", text: "Hi",
        replyTo: "me@example.org",
        attachments: [
            .init(name: "a.docx", contentType: "application/x", content: [0, 1, 254, 255])
        ])

    private var resend: Resend {
        Resend(http, base: base, key: "re_secret_key_1", from: "Atelier <studio@example.org>")
    }

    @Test("a letter is sent as Resend takes it, once for a key")
    func mail() async throws {
        let payload = try resend.payload(of: Self.letter)
        #expect(try await resend.send(payload, idempotencyKey: "mail_1") == "outside-mail_1")
        #expect(try await resend.send(payload, idempotencyKey: "mail_1") == "outside-mail_1")
        #expect(fake.mails.count == 1)
        let asked = try #require(fake.asked.first)
        #expect(asked.method == "POST" && asked.path == "/emails")
        #expect(asked.headers["authorization"] == "Bearer re_secret_key_1")
        #expect(asked.headers["content-type"] == "application/json")
        let json = try JSONDecoder().decode([String: JSONPart].self, from: Data(asked.body))
        #expect(json["from"] == .text("Atelier <studio@example.org>"))
        #expect(json["to"] == .list(["ada@example.org", "bob@example.com"]))
        #expect(json["subject"] == .text("Été") && json["reply_to"] == .text("me@example.org"))
        #expect(json["html"] == .text("<p>Hi</p>") && json["text"] == .text("Hi"))
        #expect(
            json["attachments"]
                == .files([
                    ["filename": "a.docx", "content": "AAH+/w==", "content_type": "application/x"]
                ]))
    }

    private enum JSONPart: Decodable, Equatable {
        case text(String), list([String]), files([[String: String]])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let list = try? value.decode([String].self) {
                self = .list(list)
            } else {
                self = .files(try value.decode([[String: String]].self))
            }
        }
    }

    @Test(
        "Resend's errors say whether it is worth another try",
        arguments: [
            (422, "validation_error", OutsideFailure.Kind.refused),
            (401, "missing_api_key", .refused), (403, "invalid_from_address", .refused),
            (409, "invalid_idempotent_request", .refused),
            (409, "concurrent_idempotent_requests", .failed),
            (429, "rate_limit_exceeded", .limited), (429, "daily_quota_exceeded", .limited),
            (500, "application_error", .failed), (301, "moved", .refused),
        ])
    func mailErrors(status: Int, name: String, kind: OutsideFailure.Kind) async throws {
        fake.answerMails([
            .refusal(
                status, name, "about re_secret_key_1\\nthis", headers: [("Retry-After", "7")])
        ])
        let (resend, letter) = (resend, Self.letter)
        let payload = try resend.payload(of: letter)
        let failure = await failure { () async throws(OutsideFailure) in
            try await resend.send(payload, idempotencyKey: "mail_1")
        }
        #expect(failure?.kind == kind)
        #expect(failure?.isRetryable == (kind != .refused))
        #expect(failure?.description.contains("re_secret") == false)
        if name == "rate_limit_exceeded" { #expect(failure?.retryAfter == .seconds(7)) }
        if name == "daily_quota_exceeded" { #expect(failure?.retryAfter == .seconds(3_600)) }
    }

    @Test("nobody there, a lost answer and a garbled one may be tried again")
    func mailTrouble() async throws {
        let (resend, letter) = (resend, Self.letter)
        let payload = try resend.payload(of: letter)
        func send(_ resend: Resend) async -> OutsideFailure? {
            await failure { () async throws(OutsideFailure) in
                try await resend.send(payload, idempotencyKey: "mail_1")
            }
        }
        fake.loseAnswers(1)
        #expect(await send(resend)?.isRetryable == true)
        fake.answerMails([.init(200, "<html>")])
        #expect(await send(resend)?.kind == .garbled)
        let nobody = Resend(
            http, base: try BaseURL("http://127.0.0.1:1", of: "X"), key: "re_1", from: "a@b.org")
        #expect(await send(nobody)?.kind == .failed)
    }
}
