import Testing

@testable import Refinement

@Suite("What reviewers say, as one list")
struct CritiqueTests {
    private func notes(_ by: String, _ texts: String...) -> [Note] {
        texts.map { Note(by: by, text: $0) }
    }

    @Test("notes are taken from the list, at the length of the review's own items")
    func reading() {
        let answer = """
            Review

            **Strengths**

            - The opening is vivid.

            **Notes**

            1. The second part repeats the first, as in “the tide comes back”;
               cut it to one paragraph.
            2. Name the source.

            ```json
            {"score": 7, "notes": ["Cut the second part, it repeats the first."]}
            ```
            """
        #expect(
            NoteReader.notes(
                in: answer, by: "Bob", listed: ["Cut the second part, it repeats the first."]
            ).map(\.text) == [
                "The second part repeats the first, as in “the tide comes back”; "
                    + "cut it to one paragraph."
            ])
        #expect(
            NoteReader.notes(in: answer, by: "Bob", listed: []).map(\.text.utf8.count).count == 2)
        #expect(
            NoteReader.notes(in: "Too long.\n\nAnd dull.", by: "Bob", listed: []).map(\.text)
                == ["Too long.", "And dull."])
        #expect(NoteReader.notes(in: "", by: "Bob", listed: ["", " "]).isEmpty)
    }

    @Test("what two reviewers say is said once, by both, and first")
    func duplicates() {
        let merged = MergedCritique([
            notes("Ada", "Give the table a caption.", "Shorten the introduction to one paragraph."),
            notes(
                "Bob", "The introduction should be shortened to a paragraph.", "Name the source."),
        ])
        #expect(merged.repeated == 1)
        #expect(merged.entries.count == 3)
        #expect(merged.entries[0].by == ["Ada", "Bob"])
        #expect(merged.entries[0].text.contains("introduction"))
        #expect(merged.conflicts == 0)
        #expect(merged.entries.map(\.number) == [1, 2, 3])
    }

    @Test("one passage quoted twice with the same advice is one note")
    func quoted() {
        let merged = MergedCritique([
            notes("Ada", "Cut “it should be noted that the tide”: it says nothing."),
            notes("Bob", "Drop the filler “it should be noted that the tide comes in”."),
        ])
        #expect(merged.entries.count == 1)
    }

    @Test("notes that pull in opposite directions stay apart and are marked")
    func conflicts() {
        let merged = MergedCritique([
            notes("Ada", "Cut the paragraph on the storm of 1962.", "Name the source."),
            notes("Bob", "Expand the paragraph on the storm of 1962 with figures."),
        ])
        #expect(merged.entries.count == 3)
        #expect(merged.conflicts == 2)
        #expect(merged.entries[0].conflicts.count == 1)
        #expect(merged.text.contains("against note"))
        let denied = MergedCritique([
            notes("Ada", "Do not cut “the harbour at night”."),
            notes("Bob", "Cut “the harbour at night”."),
        ])
        #expect(denied.conflicts == 2)
    }

    @Test("one reviewer's notes are never merged with each other")
    func own() {
        let merged = MergedCritique([notes("Ada", "Shorten part one.", "Shorten part one!")])
        #expect(merged.entries.count == 2)
        #expect(MergedCritique([]).entries.isEmpty)
    }
}

@Suite("References and what a model can read")
struct ReferenceTests {
    private func material(_ name: String, tokens: Int) -> Material {
        let line = "Thirty-two letters are in a row\n"
        return Material(name: name, text: String(repeating: line, count: tokens / 8))
    }

    @Test("what fits is left as it is")
    func fits() {
        let references = [material("a", tokens: 400), material("b", tokens: 800)]
        let fitted = FittedReferences(references, room: 2_000)
        #expect(fitted.materials == references && fitted.cuts.isEmpty)
    }

    @Test("the longest are cut first, at the end of a line, and it is said how much is left out")
    func cut() throws {
        let references = [
            material("small", tokens: 400), material("large", tokens: 8_000),
            material("larger", tokens: 16_000),
        ]
        let fitted = FittedReferences(references, room: 4_000)
        #expect(fitted.materials[0] == references[0])
        #expect(fitted.cuts.map(\.name) == ["large", "larger"])
        #expect(fitted.cuts.map(\.totalTokens) == [8_000, 16_000])
        let tokens = fitted.materials.reduce(0) { $0 + TokenEstimate.tokens(in: $1.text) }
        #expect(tokens <= 4_000 && tokens > 3_200)
        #expect(fitted.materials[1].text.contains("were left out here"))
        for cut in fitted.cuts { #expect(cut.keptTokens > 1_000 && cut.keptTokens < 2_000) }
    }

    @Test("without room nothing of them is sent, and each is named")
    func none() {
        let fitted = FittedReferences([material("a", tokens: 800)], room: 20)
        #expect(fitted.materials.isEmpty)
        #expect(fitted.cuts == [ReferenceCut(name: "a", keptTokens: 0, totalTokens: 800)])
    }

    @Test("a window leaves room for the answer, and says when the document alone is too long")
    func window() throws {
        let small = ModelWindow(contextTokens: 8_000, outputTokens: nil)
        #expect(small.answerTokens == 4_000)
        #expect(try #require(small.room(beside: 1_000)) == 8_000 - 4_000 - 1_000 - 400)
        #expect(small.room(beside: 7_000) == nil)
        let unknown = ModelWindow(contextTokens: nil, outputTokens: nil)
        #expect(unknown.answerTokens == 16_000)
        #expect(unknown.room(beside: 500_000) == 0)
        #expect(ModelWindow(contextTokens: 1_000_000, outputTokens: 4_096).answerTokens == 4_096)
    }

    @Test("an estimate counts other scripts for more")
    func estimate() {
        #expect(TokenEstimate.tokens(in: "") == 0)
        #expect(TokenEstimate.tokens(in: "twelve chars") == 3)
        #expect(TokenEstimate.tokens(in: "你好") == 2)
    }
}
