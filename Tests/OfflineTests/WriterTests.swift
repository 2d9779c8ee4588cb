import Testing

@testable import Offline

@Suite struct WriterTests {
    @Test(
        "round one mends slips",
        arguments: [
            ("We saw the the pool.", "We saw the pool."),
            ("The The pool is full.", "The pool is full.".replacing("The", with: "The The")),
            ("Is is gone.", "Is gone."),
            ("We know that that is so.", "We know that that is so."),
            ("He had had enough of it.", "He had had enough of it."),
            ("New York New York is a song.", "New York New York is a song."),
            ("Two  spaces   here.", "Two spaces here."),
            ("A blank before , a comma .", "A blank before, a comma."),
            ("Really?? Stop!! Now,, then;; go..", "Really? Stop! Now, then; go."),
            ("Wait... and see.", "Wait... and see."),
            ("See .gitignore and 3 . 5 there.", "See .gitignore and 3. 5 there."),
            ("It is a open file.", "It is an open file."),
            ("It is an system.", "It is a system."),
            ("It took a hour.", "It took an hour."),
            ("A user has an unique name.", "A user has a unique name."),
            ("It is an European one.", "It is a European one."),
            ("That is a unimportant point.", "That is an unimportant point."),
            ("We have an SLA and a MVP.", "We have an SLA and a MVP."),
            ("Pick plan A or plan B.", "Pick plan A or plan B."),
            ("A important day it was.", "An important day it was."),
            ("Line one  \nline two \nline three", "Line one  \nline two\nline three"),
            ("The end.   \n\n   \nNext one.\n", "The end.\n\n\nNext one.\n"),
        ])
    func slips(text: String, expected: String) {
        #expect(Ask.write(text, round: 1) == expected)
    }

    @Test(
        "round one takes out fillers and mends what is around them",
        arguments: [
            ("It is very good work.", "It is good work."),
            ("Basically, the pool is full.", "The pool is full."),
            ("Basically the pool is full.", "The pool is full."),
            ("The pool is, basically, full today.", "The pool is full today."),
            ("The pool is full today, basically.", "The pool is full today."),
            ("It is full and basically, we wait.", "It is full and we wait."),
            ("It is a very old and extremely odd pool.", "It is an old and odd pool."),
            ("It is a really honest answer.", "It is an honest answer."),
            ("It is not very clear to us.", "It is not very clear to us."),
            ("We don't really know the cause.", "We don't really know the cause."),
            ("It is important to note that notes are short.", "Notes are short."),
            ("It is important to note that `ls` lists files.", "`ls` lists files."),
            ("But it should be noted that notes are short.", "But notes are short."),
            (
                "You must keep in mind that notes are short.",
                "You must keep in mind that notes are short."
            ),
            ("Keep in mind that notes are short.", "Notes are short."),
            ("That is a kind of magic.", "That is a kind of magic."),
            ("The pool is kind of full now.", "The pool is full now."),
            ("It was quite a long day.", "It was quite a long day."),
            ("It is the very same pool as before.", "It is the very same pool as before."),
            ("Send it at the end of the day.", "Send it at the end of the day."),
            ("First of all, we stop the job.", "First, we stop the job."),
            ("Very.", "Very."),
            ("It was **very** slow on that day.", "It was **very** slow on that day."),
            ("It was very\nslow on that day.", "It was\nslow on that day."),
            ("Actually, iPhone users were first to see.", "iPhone users were first to see."),
            ("THIS IS VERY BAD FOR US.", "THIS IS VERY BAD FOR US."),
        ])
    func fillers(text: String, expected: String) {
        #expect(Ask.write(text, round: 1) == expected)
    }

    @Test(
        "round two shortens phrases, with case and grammar kept",
        arguments: [
            ("We stop in order to think.", "We stop to think."),
            ("In order to think we stop.", "To think we stop."),
            ("Due to the fact that it broke, we left.", "Because it broke, we left."),
            ("At this point in time it works.", "Now it works."),
            ("The team makes use of two pools.", "The team uses two pools."),
            ("It is able to run and was able to stop.", "It can run and could stop."),
            ("The script is not able to run here.", "The script cannot run here."),
            ("The majority of teams agree on it.", "Most teams agree on it."),
            ("The majority of the teams agree on it.", "Most of the teams agree on it."),
            ("A number of our tests fail on it.", "Several of our tests fail on it."),
            ("There is a number of tests for it.", "There is a number of tests for it."),
            ("It ran for a period of time.", "It ran for some time."),
            ("Due to\nthe fact that it broke, we left.", "Because\nit broke, we left."),
            ("Call *In Order To* a title, please.", "Call *In Order To* a title, please."),
        ])
    func wordy(text: String, expected: String) {
        #expect(Ask.write(text, round: 2) == expected)
        #expect(Ask.write(text, round: 1) == text)
    }

    @Test(
        "round three takes hedges and ends paragraphs",
        arguments: [
            ("It seems that the pool is full.", "The pool is full."),
            ("It may possibly be the pool.", "It may be the pool."),
            ("It is recommended that you restart it.", "You should restart it."),
            ("The pool was full at noon", "The pool was full at noon."),
            ("The pool was full at `noon`", "The pool was full at `noon`."),
            (
                "The pool was full, see https://example.com",
                "The pool was full, see https://example.com"
            ),
            ("The pool was full at noon:\n\n- one\n", "The pool was full at noon:\n\n- one\n"),
            (
                "These are the reasons\n\n- one thing that was seen\n",
                "These are the reasons\n\n- one thing that was seen\n"
            ),
            ("Not a sentence", "Not a sentence"),
        ])
    func hedges(text: String, expected: String) {
        #expect(Ask.write(text, round: 3) == expected)
    }

    private static let left =
        "The old pool in the second building was full by the early morning hours"
    private static let right =
        "had to wait for more than two hours until the other team came back in"

    @Test(
        "a long sentence is cut where a main clause begins",
        arguments: [
            ("\(left), and we \(right).", "\(left). We \(right)."),
            ("\(left), but the team \(right).", "\(left). But the team \(right)."),
            ("\(left); the team \(right).", "\(left). The team \(right)."),
            ("\(left) and they \(right).", "\(left). They \(right)."),
            ("\(left), which means that we \(right).", "\(left). This means that we \(right)."),
            ("\(left), so it \(right).", "\(left). So it \(right)."),
        ])
    func cuts(text: String, expected: String) {
        #expect(Ask.write(text, round: 2) == expected)
        #expect(Ask.write(text, round: 1) == text)
    }

    @Test(
        "a long sentence stays whole where a cut would not be safe",
        arguments: [
            "When \(left), and we \(right).",
            "\(left), the pump, the door, and the lamp in the hall over there by the other side.",
            "Was it so that \(left), and we \(right)?",
            "The reason (\(left), and we \(right)) is known.",
            "We had three things: \(left); two lamps in the hall; one door on a side.",
            "\(left), so that the second team of that day had no place to go for the rest of it.",
        ])
    func keepsWhole(text: String) {
        #expect(Ask.write(text, round: 5) == text)
    }

    @Test(
        "what is no prose is never touched",
        arguments: [
            "```\nvery  very the the , x\n```\n",
            "~~~md\nin order to\n```\nvery good\n~~~\n",
            "- item\n\n  ```sh\n  echo  the the  very\n  ```\n",
            "1. item\n\n       code  with the the\n",
            "    indented  code the the\n",
            "# A Very  very Big the the Heading ,\n",
            "Very Big the the Title\n=====\n",
            "> He said the the very  very thing .\n> in order to stop\n",
            "| a  | very |\n|----|------|\n| in order to | the the |\n",
            "a very | in order to\n---|---\nthe the | x\n",
            "---\ntitle: the the very  thing\n---\n",
            "<div>\nthe the very  thing\n</div>\n",
            "[ref]: https://example.com/very  \"the the\"\n",
            "$$\nthe the  very\n$$\n",
        ])
    func verbatim(text: String) {
        #expect(Ask.write(text, round: 9) == text)
    }

    @Test(
        "within a sentence, code, addresses, quotations and names in brackets stay",
        arguments: [
            "Run `the the  very` now.", "Run ``a ` very  b`` now.",
            "See [the docs](https://example.com/very/in order to) now.",
            "See https://example.com/very?a=in&b=the-the now.",
            "He said \"it is very  very bad\" to us.",
            "He said \u{201C}it is very  very bad\u{201D} to us.",
            "See ![a very  big one](very.png) there.", "See [very big][the the] there.",
            "Mind the very_long_name and a.very.long.path there.",
            "The flag --very-long is 1.5 , 3".replacing(" ,", with: ","),
            "Press <kbd>the the</kbd> now.",
            "A \\* very\\_ odd one".replacing(" very\\_", with: ""),
        ])
    func kept(text: String) {
        #expect(Ask.write(text, round: 2) == text)
    }

    @Test("text of a link is edited, its address is not")
    func links() {
        #expect(
            Ask.write("See [the the very big docs](http://x/very) now.", round: 1)
                == "See [the big docs](http://x/very) now.")
    }

    @Test("list items and check boxes keep their markers and indents")
    func lists() {
        let list = "- [ ] it is very big\n  * the the pool\n    goes  on\n3) in order to stop\n"
        let clean = "- [ ] it is big\n  * the pool\n    goes on\n3) to stop\n"
        #expect(Ask.write(list, round: 2) == clean)
    }

    @Test("a sentence that a critique quotes is edited one round ahead")
    func named() {
        let text = "We stop in order to think of it. They stop in order to think of us."
        let critique = "- Shorten \u{201C}They stop in order to think of us.\u{201D}"
        #expect(
            Ask.write(text, round: 1, critique: critique)
                == "We stop in order to think of it. They stop to think of us.")
        #expect(
            Ask.write(text, round: 1, critique: "Shorten \"We stop in order to think\", please")
                == "We stop to think of it. They stop in order to think of us.")
    }

    @Test(
        "other scripts, missing line ends and marks of byte order survive",
        arguments: [
            "a\r\n\r\nb c\r\nx", "\u{65E5}\u{672C}\u{3001}\u{3067}\u{3059}\u{3002}", "", "\u{E9}x",
            "\u{FEFF}# x\nx", "\u{1F469}\u{200D}\u{1F680} e\u{301} x", "\\", "\u{0}", "`", "[",
            "<a",
        ])
    func scripts(text: String) {
        #expect(Ask.write(text + "x", round: 5) == text + "x")
    }

    @Test("line ends of Windows stay what they are")
    func windows() {
        let out = Ask.write("the the pool\r\nis very\r\nfull now", round: 1)
        #expect(out == "the pool\r\nis\r\nfull now")
    }
}
