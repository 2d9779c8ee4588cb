import MeshContract
import Testing

@testable import Outside

@Suite("What may be asked outside")
struct RulesTests {
    @Test("addresses are those that people have")
    func addresses() {
        for good in ["a@b.org", "first.last+tag@mail.example.co.uk", "x_y-z@1.example"] {
            #expect(Letter.isAddress(good), "\(good)")
        }
        for bad in [
            "", "a", "@b.org", "a@", "a@b", "a@@b.org", "a@b..org", "a b@c.org",
            "a@b.org\nBcc: x@y.z",
            "<a@b.org>", "a,b@c.org", ".a@b.org", "a.@b.org", "a..b@c.org", "a@-b.org", "a@b_c.org",
            "ä@b.org", String(repeating: "a", count: 65) + "@b.org", "a;b@c.org", "\"a\"@b.org",
        ] {
            #expect(!Letter.isAddress(bad), "\(bad)")
        }
    }

    @Test("a letter that cannot be sent says which fields are wrong")
    func letters() {
        func letter(_ change: (inout Letter) -> Void) -> [String] {
            var letter = Letter(to: ["a@b.org"], subject: "S", html: "<p>", text: "t")
            change(&letter)
            return letter.faults.map(\.pointer)
        }
        #expect(letter { _ in } == [])
        #expect(letter { $0.to = [] } == ["/to"])
        #expect(letter { $0.to = Array(repeating: "a@b.org", count: 11) } == ["/to"])
        #expect(letter { $0.to.append("x") } == ["/to/1"])
        #expect(letter { $0.replyTo = "x" } == ["/replyTo"])
        #expect(letter { $0.subject = "  " } == ["/subject"])
        #expect(letter { $0.subject = "a\nBcc: b@c.org" } == ["/subject"])
        #expect(letter { $0.subject = String(repeating: "x", count: 501) } == ["/subject"])
        #expect(letter { ($0.html, $0.text) = ("", "") } == ["/text"])
        #expect(
            letter {
                $0.attachments = [
                    .init(name: "a/b", contentType: "x", content: []),
                    .init(name: "ok.txt", contentType: "x", content: []),
                    .init(name: "..", contentType: "x", content: []),
                ]
            } == ["/attachments/0/name", "/attachments/2/name"])
        #expect(
            letter {
                $0.attachments = [
                    .init(
                        name: "a", contentType: "x",
                        content: [UInt8](repeating: 0, count: Letter.mostBytes))
                ]
            } == ["/attachments"])
    }

    @Test("a base URL has a host, and neither user nor query")
    func bases() throws {
        #expect(try BaseURL("HTTPS://api.example/v1//", of: "X").text == "https://api.example/v1")
        for bad in [
            "", "api.example", "ftp://a.example", "https://", "https://u:p@a.example",
            "https://a.example?x", "https://a.example#x", "https://a .example", "http://:80",
        ] {
            #expect(throws: Fault.self) { try BaseURL(bad, of: "X") }
        }
    }

    @Test("a user who asks too often waits, and nobody else does")
    func window() {
        let window = RateWindow(2, within: 1_000, mostUsers: 2)
        #expect(window.take("a", at: 0) == nil)
        #expect(window.take("a", at: 10) == nil)
        #expect(window.take("a", at: 300) == 700)
        #expect(window.take("b", at: 300) == nil)
        #expect(window.take("c", at: 300) == 1_000)
        #expect(window.take("a", at: 1_000) == nil)
        #expect(window.take("c", at: 1_300) == nil)
    }
}
