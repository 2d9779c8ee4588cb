import Refinement
import Testing

@testable import Offline

@Suite struct CriticTests {
    private let bad = """
        It is important to note that the the system is basically very slow. In order to fix it, we \
        would like to make use of a cache , due to the fact that it is really quite easy.
        """
    private let good = "The system is slow. We want to add a cache, because that is easy."

    @Test("a bad text scores low, its clean form above eight")
    func scores() throws {
        #expect(try #require(Ask.score(bad)) < 6)
        #expect(try #require(Ask.score(good)) > 8)
    }

    @Test("the answer ends in the form that was asked for, with the criteria by their names")
    func form() throws {
        let criteria = [
            Criterion(name: "Plain language", weight: 3), Criterion(name: "Brevity"),
            Criterion(name: "Legal \"substance\"", weight: 0.5),
        ]
        let answer = Ask.review(bad, criteria: criteria)
        #expect(answer.hasSuffix("}\n```\n"))
        let reading = try #require(ScoreReader.read(answer, criteria: criteria))
        #expect(reading.tier == .json)
        #expect(Set(reading.criteria.keys) == Set(criteria.map(\.name)))
        #expect(reading.criteria.values.allSatisfy { (0...10).contains($0) })
        #expect(!reading.notes.isEmpty)
    }

    @Test("notes name the sentences they are about")
    func notes() {
        let answer = Ask.review(bad)
        #expect(answer.contains("\u{201C}It is important to note that the system is basically"))
        #expect(answer.contains("leave out 'it is important to note that'"))
        #expect(answer.contains("Mend the slip in"))
    }

    @Test("code, tables and quotations are not measured")
    func proseOnly() {
        let noise =
            "\n\n```\nvery the the in order to\n```\n\n> very the the\n\n| very | the the |\n"
        let (plain, noisy) = (Figures(of: good), Figures(of: good + noise))
        #expect(plain.words == noisy.words)
        #expect(noisy.phraseCount == 0 && noisy.slipCount == 0)
    }

    @Test("figures count what is there")
    func figures() {
        let long = Array(repeating: "one more word on it", count: 7).joined(separator: " ")
        let figures = Figures(
            of: "# One\n\n### Three\n\nThe pool was closed by us. A \(long).\n\n- item\n")
        #expect(figures.words == 6 + 36 + 1)
        #expect(figures.sentences == 3)
        #expect(figures.longSentences.map(\.words) == [36])
        #expect(figures.longest?.words == 36)
        #expect(figures.passiveCount == 1)
        #expect(figures.skippedLevels == 1)
        #expect(figures.headings.map(\.text) == ["One", "Three"])
    }

    @Test(
        "syllables",
        arguments: [
            ("the", 1), ("note", 1), ("notes", 1), ("table", 2), ("asked", 1), ("wanted", 2),
            ("readable", 3), ("incident", 3), ("calendar", 3), ("a", 1), ("boxes", 2),
            ("document", 3), ("tree", 1), ("operations", 4),
        ])
    func syllables(word: String, count: Int) {
        #expect(Syllables.count(in: word) == count)
    }

    @Test(
        "sentences end where a reader would say so",
        arguments: [
            ("One. Two! Three? Four.", 4), ("Use e.g. Paris or i.e. London.", 1),
            ("Mr. Smith saw Dr. Jones.", 1), ("It costs 3.5 now. Good.", 2),
            ("Wait... and see. Now.", 2), ("He said \"Stop.\" Then he left.", 2),
            ("It is (really.) Done.", 2), ("Run `a.b`. Then stop.", 2), ("See file.txt now", 1),
            ("**Bold.** Next.", 2), ("J. R. Smith left.", 1), ("", 0),
        ])
    func sentences(text: String, count: Int) {
        #expect(Sentences.ranges(in: Tokenizer.tokens(of: text)).count == count)
    }

    @Test("tokens and blocks joined are the text exactly")
    func exact() throws {
        var texts = [
            bad, good, "", "\n\n", "- a\n\n  b\n", "```\nnever closed", "---\nno end", "a\r\n",
        ]
        texts += try ["incident-notes.md", "project-proposal.md"].map(Example.text)
        for text in texts {
            #expect(Tokenizer.tokens(of: text).joinedText == text)
            #expect(BlockReader.blocks(of: text).map(\.source).joined() == text)
        }
    }
}
