import Testing

@testable import AtelierTools

@Suite("Text in progress")
struct TextLedgerTests {
    private func token(_ offset: Int, _ text: String, attempt: Int = 1) -> TokenData {
        TokenData(step: "s", attempt: attempt, agent: "A", offset: offset, text: text)
    }

    @Test("text that comes a second time is shown once, to the byte")
    func overlap() {
        var ledger = TextLedger()
        #expect(ledger.take(token(0, "grün")) == .more("grün"))
        #expect(ledger.take(token(5, "e ")) == .more("e "))
        #expect(ledger.take(token(0, "grün")) == .nothing)
        #expect(ledger.take(token(0, "grüne Wiese")) == .more("Wiese"))
        #expect(ledger.take(token(12, "")) == .nothing)
    }

    @Test("a new attempt begins again, and the old one's stragglers are dropped")
    func attempts() {
        var ledger = TextLedger()
        _ = ledger.take(token(0, "first"))
        #expect(ledger.take(token(0, "sec", attempt: 2)) == .again("sec"))
        #expect(ledger.take(token(5, " try")) == .nothing)
        #expect(ledger.take(token(3, "ond", attempt: 2)) == .more("ond"))
    }

    @Test("steps do not disturb one another, and the oldest are forgotten")
    func steps() {
        var ledger = TextLedger()
        for number in 0...TextLedger.limit {
            let token = TokenData(step: "\(number)", attempt: 1, agent: "A", offset: 0, text: "x")
            #expect(ledger.take(token) == .more("x"))
        }
        let last = TokenData(
            step: "\(TextLedger.limit)", attempt: 1, agent: "A", offset: 0, text: "x")
        #expect(ledger.take(last) == .nothing)
    }
}
