import Testing

@testable import Refinement

@Suite struct PlanTests {
    private let good = Preset.all[0].plan(title: "Paper")

    private func pointers(_ change: (inout SessionPlan) -> Void) -> [String] {
        var plan = good
        change(&plan)
        return plan.errors().map(\.pointer)
    }

    @Test("every preset makes a plan without errors", arguments: Preset.all)
    func presets(preset: Preset) {
        #expect(preset.plan(title: "x").errors().isEmpty)
        #expect(preset.agents.count == 2)
        #expect(preset.agents[0].role == .writer && preset.agents[1].role.reviews)
        #expect(preset.agents.allSatisfy { $0.instructions.count > 200 })
        #expect(Preset.named(preset.name) == preset && Preset.named(preset.id) == preset)
    }

    @Test("the presets are the five of the product, by their names")
    func names() {
        #expect(
            Preset.all.map { [$0.name] + $0.agents.map(\.name) } == [
                ["Academic paper", "Research Writer", "Critical Editor"],
                ["Creative writing", "Storyteller", "Literary Critic"],
                ["Technical docs", "Technical Writer", "Simplifier"],
                ["Debate", "Pro Advocate", "Counterpoint"],
                ["Legal review", "Legal Drafter", "Compliance Reviewer"],
            ])
    }

    @Test("each wrong field is named by its pointer")
    func fields() {
        #expect(pointers { $0.title = " \n" } == ["/title"])
        #expect(pointers { $0.title = String(repeating: "x", count: 201) } == ["/title"])
        #expect(pointers { $0.maxRounds = 0 } == ["/max_rounds"])
        #expect(pointers { $0.maxRounds = 11 } == ["/max_rounds"])
        #expect(pointers { $0.scoreThreshold = 10.1 } == ["/score_threshold"])
        #expect(pointers { $0.scoreThreshold = .nan } == ["/score_threshold"])
        #expect(pointers { $0.scoreThreshold = nil } == [])
        #expect(pointers { $0.agents.removeLast() } == ["/agents"])
        #expect(pointers { $0.agents = [] } == ["/agents"])
        #expect(pointers { $0.agents[0].role = .critic } == ["/agents"])
        #expect(pointers { $0.agents[1].role = .writer } == ["/score_threshold"])
        #expect(pointers { $0.agents[0].name = "" } == ["/agents/0/name"])
        #expect(pointers { $0.agents[1].name = "research writer" } == ["/agents/1/name"])
        #expect(pointers { $0.agents[1].name = "a\nb" } == ["/agents/1/name"])
        #expect(pointers { $0.agents[1].model = "" } == ["/agents/1/model"])
        #expect(pointers { $0.agents[1].temperature = -1 } == ["/agents/1/temperature"])
        #expect(pointers { $0.agents[1].temperature = .infinity } == ["/agents/1/temperature"])
        #expect(pointers { $0.criteria[2].weight = 0 } == ["/criteria/2/weight"])
        #expect(pointers { $0.criteria[2].weight = .nan } == ["/criteria/2/weight"])
        #expect(pointers { $0.criteria[2].name = "Argument" } == ["/criteria/2/name"])
        #expect(pointers { $0.criteria = [] } == [])
    }

    @Test("all errors come at once")
    func allAtOnce() {
        let found = pointers {
            $0.title = ""
            $0.maxRounds = 99
            $0.agents[0].name = ""
            $0.agents[1].temperature = 3
            $0.criteria[0].weight = -1
        }
        #expect(
            found == [
                "/title", "/max_rounds", "/agents/0/name", "/agents/1/temperature",
                "/criteria/0/weight",
            ])
    }

    private func round(_ number: Int, _ score: Double?, changed: Bool = true) -> RoundResult {
        RoundResult(number: number, score: score, changed: changed)
    }

    @Test("a session goes on until the threshold, the last round, or nothing changes")
    func rules() {
        let rules = RoundRules(threshold: 8, maxRounds: 3)
        #expect(rules.decide(after: []) == .proceed(round: 1))
        #expect(rules.decide(after: [round(1, 7.9)]) == .proceed(round: 2))
        #expect(rules.decide(after: [round(1, nil)]) == .proceed(round: 2))
        #expect(rules.decide(after: [round(1, 8)]) == .stop(.threshold))
        #expect(rules.decide(after: [round(1, 8, changed: false)]) == .stop(.threshold))
        #expect(rules.decide(after: [round(1, 7, changed: false)]) == .stop(.noChange))
        let two = [round(1, 5), round(2, 6)]
        #expect(rules.decide(after: two + [round(3, 7)]) == .stop(.maxRounds))
        #expect(rules.decide(after: two + [round(3, 9)]) == .stop(.threshold))
        let open = RoundRules(threshold: nil, maxRounds: 2)
        #expect(open.decide(after: [round(1, 10)]) == .proceed(round: 2))
    }

    @Test("a score that does not rise by enough for some rounds ends it, and is told in words")
    func plateau() {
        let rules = RoundRules(
            threshold: 9, maxRounds: 9, plateau: Plateau(rounds: 2, within: 0.1))
        func after(_ scores: Double?...) -> RoundRules.Decision {
            rules.decide(after: scores.enumerated().map { round($0 + 1, $1) })
        }
        #expect(after(8) == .proceed(round: 2))
        #expect(after(8, 8) == .proceed(round: 3))
        #expect(after(8, 8, 8.1) == .stop(.plateau))
        #expect(after(8, 8, 8.2) == .proceed(round: 4))
        #expect(after(8, 7, 7) == .stop(.plateau))
        #expect(after(5, 8, 7, 7.5) == .stop(.plateau))
        #expect(after(5, 8, nil, nil) == .proceed(round: 5))
        #expect(rules.decideEarly(after: [round(1, 9.5)]) == .threshold)
        #expect(rules.decideEarly(after: [round(1, 9, changed: false)]) == .threshold)
        #expect(rules.decideEarly(after: [round(1, 5, changed: false)]) == nil)
        let rounds = [round(1, 8.2), round(2, 8.25), round(3, 8)]
        #expect(
            rules.words(for: .plateau, after: rounds)
                == "The score stopped rising: after 8.2 came 8.25, 8, and less than 0.1 more does "
                + "not count.")
        #expect(
            rules.words(for: .threshold, after: [round(2, 9.1)])
                == "The score of round 2, 9.1, reached the 9 that was asked for.")
        for reason in [StopReason.maxRounds, .noChange, .rejected, .expired, .done] {
            #expect(rules.words(for: reason, after: rounds).hasSuffix("."))
        }
        #expect(
            pointers { $0.plateau = Plateau(rounds: 10, within: -1) } == [
                "/plateau/rounds", "/plateau/within",
            ])
    }

    @Test("the best round has the highest score, the later one of two")
    func best() {
        #expect(RoundRules.bestRound(of: []) == nil)
        #expect(RoundRules.bestRound(of: [round(1, nil), round(2, nil)]) == 2)
        #expect(RoundRules.bestRound(of: [round(1, 7), round(2, 9), round(3, 8)]) == 2)
        #expect(RoundRules.bestRound(of: [round(1, 7), round(2, 7), round(3, nil)]) == 2)
        #expect(RoundRules.bestRound(of: [round(1, .nan), round(2, 1)]) == 2)
    }
}
