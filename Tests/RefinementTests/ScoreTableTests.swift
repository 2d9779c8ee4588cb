import Testing

@testable import Refinement

@Suite("Scores as models write them")
struct ScoreTableTests {
    private let plan = [
        Criterion(name: "Clarity", weight: 3), Criterion(name: "Structure", weight: 1),
    ]

    @Test(
        "each answer gives the score that a person would read from it", arguments: ScoredAnswer.all)
    func table(entry: ScoredAnswer) {
        let reading = ScoreReader.read(entry.answer, criteria: plan)
        #expect(reading.map { ($0.score * 100).rounded() / 100 } == entry.score, "\(entry.name)")
        if entry.score != nil { #expect(reading?.tier.rawValue == entry.tier, "\(entry.name)") }
        if let reading {
            #expect(reading.criteria.values.allSatisfy { (0...10).contains($0) })
        }
    }

    @Test("the table is as long as it is meant to be, and names each answer once")
    func size() {
        #expect(ScoredAnswer.all.count >= 60)
        #expect(Set(ScoredAnswer.all.map(\.name)).count >= ScoredAnswer.all.count - 6)
    }
}
