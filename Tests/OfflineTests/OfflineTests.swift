import Testing

@testable import Offline

@Suite struct OfflineTests {
    @Test(
        "pieces joined are the text, and none is long",
        arguments: [
            "", " ", "one", "one two", "  lead and  trail \n\n", "a\r\nb\r\n", "e\u{301} \u{301}x",
            "日本語のテキストはとても長くて空白がないので途中で切られますよねそうですよね。",
            "\u{1F469}\u{200D}\u{1F680} ok", String(repeating: "x", count: 1000),
            String(repeating: " \n", count: 300), "# T\n\n- a\n- b\n\n```\ncode  here\n```\n",
        ])
    func pieces(text: String) {
        let pieces = Offline.pieces(of: text)
        #expect(Array(pieces.joined().utf8) == Array(text.utf8))
        #expect(pieces.allSatisfy { !$0.isEmpty })
        let words = pieces.map { $0.unicodeScalars.count { !$0.properties.isWhitespace } }
        #expect(words.allSatisfy { $0 <= 24 })
    }

    @Test("pieces are words with the blanks after them")
    func words() {
        #expect(Offline.pieces(of: "One two\n\nthree.") == ["One ", "two\n\n", "three."])
    }

    @Test("tokens are estimated at four bytes each, rounded up")
    func tokens() {
        #expect(Offline.tokens(in: "") == 0)
        #expect(Offline.tokens(in: "abc") == 1)
        #expect(Offline.tokens(in: String(repeating: "word ", count: 80)) == 100)
    }

    @Test("a plain chat gets an honest answer with the figures of its text")
    func chat() {
        let answer = Offline.reply(
            system: "You are helpful.", messages: [("user", "What is the time? Tell me now.")])
        #expect(answer.contains("offline provider"))
        #expect(answer.contains("No model"))
        #expect(answer.contains("7 words in 2 sentences"))
    }

    @Test("no message, an empty one and a broken prompt get an answer too")
    func empty() {
        for messages in [[], [("user", "")], [("user", "<<<DOCUMENT x>>>")], [("assistant", "a")]] {
            #expect(!Offline.reply(system: "", messages: messages).isEmpty)
        }
    }

    @Test("a prompt without a task line tells the role by the system prompt")
    func roleBySystem() {
        let message = "<<<DOCUMENT aa>>>\nIt is the the pool.\n<<<END DOCUMENT aa>>>"
        let written = Offline.reply(
            system: "You are Ada, the writer in a team.", messages: [("user", message)])
        #expect(written == "It is the pool.")
        let reviewed = Offline.reply(
            system: "You are Bob, the critic in a team.", messages: [("user", message)])
        #expect(reviewed.contains("\"score\""))
    }

    @Test("a document that was cut off before its end line is still found")
    func cutOff() {
        let message = "Task: revise the document.\n<<<DOCUMENT aa>>>\nIt is the the pool."
        #expect(Offline.reply(system: "", messages: [("user", message)]) == "It is the pool.")
    }

    @Test("the tables hold at least eighty entries, each found in a sentence of its own")
    func tables() {
        #expect(Phrases.all.count >= 80)
    }

    @Test("time grows with the size of the text, not faster")
    func linear() {
        let clock = ContinuousClock()
        let unit =
            "It is very  late, and `code` is \"quoted\" in order to show [a link](x) the the. "
        let hard = "``` [ ( \" < * ` ] "
        func time(_ copies: Int) -> Duration {
            let text = String(repeating: unit + hard, count: copies)
            return clock.measure { _ = Ask.write(text, round: 3) }
        }
        _ = time(20)
        let (small, large) = (time(60), time(480))
        #expect(large < small * 32, "\(small) for one, \(large) for eight")
    }
}
