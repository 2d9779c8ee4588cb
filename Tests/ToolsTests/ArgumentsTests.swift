import Console
import Testing

@testable import AtelierTools

@Suite("Command lines")
struct ArgumentsTests {
    private func read(_ words: String...) throws -> Arguments {
        try Arguments(words, values: ["out", "rounds", "reference"], switches: ["json"])
    }

    @Test("words, switches and flags stand in any order")
    func anyOrder() throws {
        let arguments = try read("--json", "a.md", "--out", "-", "--rounds=3")
        #expect(try arguments.word("document") == "a.md")
        #expect(arguments.has("json"))
        #expect(try arguments.value("out") == "-")
        #expect(try arguments.integer("rounds", in: 1...10) == 3)
        #expect(try read("--", "--odd").words == ["--odd"])
    }

    @Test("a flag may be given several times only where a list is asked for")
    func repeated() throws {
        let arguments = try read("--reference", "a", "--reference", "b", "--out", "1", "--out", "2")
        #expect(arguments.all("reference") == ["a", "b"])
        #expect(throws: UsageError.self) { try arguments.value("out") }
    }

    @Test("what is wrong is said: unknown, without a value, with one too many, out of range")
    func refusals() throws {
        #expect(throws: UsageError.self) { try read("--frob") }
        #expect(throws: UsageError.self) { try read("-x") }
        #expect(throws: UsageError.self) { try read("--out") }
        #expect(throws: UsageError.self) { try read("--json=yes") }
        #expect(throws: UsageError.self) { try read("a", "b").word("document") }
        #expect(throws: UsageError.self) { try read().word("document") }
        #expect(throws: UsageError.self) {
            try read("--rounds", "11").integer("rounds", in: 1...10)
        }
        #expect(throws: UsageError.self) {
            try read("--rounds", "nan").decimal("rounds", in: 0...10)
        }
    }

    @Test("numbers read as a person writes them")
    func figures() {
        #expect(Figures.grouped(1_234_567) == "1,234,567" && Figures.grouped(-12) == "-12")
        #expect(Figures.decimal(7.576) == "7.58" && Figures.decimal(8) == "8")
        #expect(Figures.decimal(-0.001) == "0" && Figures.decimal(.nan) == "-")
        #expect(Figures.time(59_999) == "59 s" && Figures.time(7_800_000) == "2 h 10 min")
    }
}
