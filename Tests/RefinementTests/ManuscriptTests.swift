import Testing

@testable import Refinement

@Suite("A document under several hands")
struct ManuscriptTests {
    private func answer(_ text: String, _ round: Int = 1) -> Manuscript.Answer {
        .init(agent: "Ada", round: round, text: text)
    }

    private func edit(_ number: Int64, _ text: String, base: Int) -> PersonAct {
        PersonAct(number: number, edit: .init(text: text, base: base))
    }

    private func taking(
        _ manuscript: Manuscript, answer: Manuscript.Answer? = nil, notes: [Note] = [],
        acts: [PersonAct] = []
    ) -> Manuscript {
        var next = manuscript
        next.take(
            manuscript.change(answer: answer, notes: notes, acts: acts), answer: answer?.text)
        return next
    }

    @Test("an answer becomes a version, and each of its changes a suggestion")
    func suggestions() throws {
        let draft = Manuscript(draft: "One is long. Two stays. Three is long.\n")
        let next = taking(
            draft, answer: answer("One. Two stays. Three.\n"),
            notes: [Note(by: "Bob", text: "Shorten “Three is long.”")])
        #expect(next.text == "One. Two stays. Three.\n")
        #expect(next.latest.author == .agent("Ada"))
        #expect(next.suggestions.map(\.before) == ["One is long. ", "Three is long.\n"])
        #expect(next.suggestions.map(\.after) == ["One. ", "Three.\n"])
        #expect(next.suggestions.map(\.number) == [1, 2])
        #expect(next.suggestions.allSatisfy { $0.isApplied && $0.state == .open })
        #expect(next.suggestions.map(\.reasonBy) == [nil, "Bob"])
        #expect(next.suggestions[1].reason == "Shorten “Three is long.”")
        // A first draft is no list of changes.
        #expect(taking(Manuscript(draft: " \n"), answer: answer("Text.")).suggestions.isEmpty)
        #expect(taking(draft, answer: answer(draft.text)).versions.count == 1)
    }

    @Test("a rejected change is undone, also under later versions, and not made again")
    func reject() {
        let draft = Manuscript(draft: "One is long. Two. Three.\n")
        var next = taking(draft, answer: answer("One. Two. Three.\n"))
        next = taking(next, answer: answer("One. Two. 3.\n", 2))
        next = taking(
            next, acts: [PersonAct(number: 1, decision: .init(suggestion: 1, accepted: false))])
        #expect(next.text == "One is long. Two. 3.\n")
        #expect(next.suggestions.map(\.state) == [.rejected, .open])
        #expect(next.refusals == [Refusal(before: "One is long. ", after: "One. ")])
        // The same again is kept out by code; what else the answer does is made.
        next = taking(next, answer: answer("One. Two. 3.\n\nFour.\n", 3))
        #expect(next.text == "One is long. Two. 3.\n\nFour.\n")
        #expect(next.suggestions.map(\.obstacle) == [nil, nil, .rejection, nil])
    }

    @Test("what has changed since is left alone, and that is said")
    func passed() {
        let draft = Manuscript(draft: "One is long. Two.\n")
        var next = taking(draft, answer: answer("One. Two.\n"))
        next = taking(next, acts: [edit(1, "Ours now. Two.\n", base: 1)])
        let change = next.change(
            acts: [PersonAct(number: 2, decision: .init(suggestion: 1, accepted: false))])
        #expect(change.verdicts == [Verdict(number: 1, accepted: false, effect: .passed)])
        next.take(change)
        #expect(next.text == "Ours now. Two.\n")
        #expect(next.suggestions[0].state == .rejected)
        // A word once said stands.
        let again = next.change(
            acts: [PersonAct(number: 3, decision: .init(suggestion: 1, accepted: true))])
        #expect(again.verdicts.isEmpty)
    }

    @Test("a person's edit made during a turn is merged with the answer, and has the last word")
    func editInFlight() {
        let draft = Manuscript(draft: "The tide is low. The boats lie still. It is night.\n")
        let next = taking(
            draft, answer: answer("The tide is out. The boats lie quiet. It is midnight.\n"),
            acts: [edit(1, "The tide is low. The boats lie there. It is night.\n", base: 0)])
        #expect(next.text == "The tide is out. The boats lie there. It is midnight.\n")
        #expect(next.versions.map(\.author) == [.draft, .agent("Ada"), .person])
        #expect(next.suggestions.count == 4)
        let kept = next.suggestions[3]
        #expect(kept.obstacle == .edit && !kept.isApplied)
        #expect(kept.after == "The boats lie quiet. ")
        // A person may prefer it after all.
        let accepted = taking(
            next, acts: [PersonAct(number: 2, decision: .init(suggestion: 4, accepted: true))])
        #expect(accepted.text == "The tide is out. The boats lie quiet. It is midnight.\n")
    }

    @Test("what a person wrote is built on, and not silently taken back")
    func undoing() {
        let draft = Manuscript(draft: "The tide is low. The boats lie still.\n")
        var next = taking(
            draft, acts: [edit(1, "The tide is high. The boats lie still. Gulls.\n", base: 0)])
        let mine = next.text
        // An agent that worked from memory would bring the old words back.
        next = taking(next, answer: answer("The tide is low. The boats lie quiet. Gulls.\n", 2))
        #expect(next.text == "The tide is high. The boats lie quiet. Gulls.\n")
        #expect(next.suggestions.map(\.obstacle) == [.edit, nil])
        #expect(mine != next.text)
        // To go further is another thing.
        next = taking(next, answer: answer("The tide is highest. The boats lie quiet. Gulls.\n", 3))
        #expect(next.text.hasPrefix("The tide is highest."))
    }

    @Test("a change that was kept out is made when a person accepts it")
    func acceptKeptOut() throws {
        let draft = Manuscript(draft: "The first one. The second one.\n", locks: ["second"])
        var next = taking(draft, answer: answer("A first one. A 2nd one.\n"))
        #expect(next.text == "A first one. The second one.\n")
        let kept = try #require(next.suggestions.first { $0.obstacle == .lock })
        next = taking(
            next,
            acts: [PersonAct(number: 1, decision: .init(suggestion: kept.number, accepted: true))])
        #expect(next.text == "A first one. A 2nd one.\n")
        #expect(next.suggestions.first { $0.number == kept.number }?.state == .accepted)
    }

    @Test("locks set during a turn hold for its answer")
    func lockInFlight() {
        let draft = Manuscript(draft: "The first one. The second one.\n")
        let next = taking(
            draft, answer: answer("A first one. A second one.\n"),
            acts: [PersonAct(number: 1, locks: ["The first"])])
        #expect(next.text == "The first one. A second one.\n")
        #expect(next.locks == ["The first"])
    }

    @Test("acts count once, and what was taken in is remembered")
    func once() {
        let draft = Manuscript(draft: "One.\n")
        let act = edit(7, "Two.\n", base: 0)
        var next = taking(draft, acts: [act])
        #expect(next.seen == 7 && next.latest.seen == 7)
        next = taking(next, acts: [act])
        #expect(next.versions.count == 2)
    }

    @Test("an earlier version is taken up again with a person's later work in it")
    func best() {
        var text = Manuscript(draft: "One. Two. Three.\n")
        text = taking(text, answer: answer("One. Best. Three.\n"))
        text = taking(text, answer: answer("One. Worse. Three.\n", 2))
        text = taking(text, acts: [edit(1, "One. Worse. Three.\nMine.\n", base: 2)])
        #expect(text.withPersonsWork(from: 1) == "One. Best. Three.\nMine.\n")
        #expect(text.withPersonsWork(from: 3) == text.text)
    }

    @Test("a journaled change gives the same manuscript again, and holds an answer once")
    func replay() throws {
        let draft = Manuscript(draft: "One. Two.\n\nThree.\n")
        let answer = answer("1. Two.\n\nThree.\n")
        let change = draft.change(answer: answer, acts: [edit(1, "One. Two.\n\nIII.\n", base: 0)])
        #expect(change.versions.first?.text == nil)
        var (first, second) = (draft, draft)
        first.take(change, answer: answer.text)
        second.take(change, answer: answer.text)
        #expect(first == second)
        #expect(first.text == "1. Two.\n\nIII.\n")
    }
}
