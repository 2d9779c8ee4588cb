import Contracts
import MeshContract
import Refinement
import Testing
import WriteStudio

@Suite("What a session may begin with")
struct InputTests {
    private func faults(_ change: (inout Orchestrator.CreateSession) -> Void) -> [String] {
        var request = Orchestrator.CreateSession(user: "u", draft: "A draft.")
        change(&request)
        do {
            _ = try SessionRequest(request).input()
            return []
        } catch {
            #expect(error.code == .invalid)
            return error.fields?.map(\.pointer) ?? ["no fields"]
        }
    }

    private typealias Agent = Orchestrator.Agent

    @Test("without a word, a preset's agents make three rounds")
    func defaults() throws {
        let input = try SessionRequest(.init(user: "u", draft: "# A title\n\nText.")).input()
        #expect(input.title == "A title")
        #expect(input.template.mostRounds == 3)
        #expect(input.template.agents.count == 2)
        #expect(input.template.rules?.threshold == nil)
        #expect(input.template.rules?.plateau == .standard)
        #expect(input.source == .init(id: "technical", name: "Technical docs"))
    }

    @Test(
        "the title is the first line that says something",
        arguments: [
            ("", "Untitled"), ("\n\n  \n", "Untitled"), ("# \n## Plan B\nx", "Plan B"),
            ("Just words\nand more", "Just words"), ("###", "Untitled"),
        ])
    func titles(draft: String, title: String) throws {
        #expect(try SessionRequest(.init(user: "u", draft: draft)).input().title == title)
    }

    @Test("every field that is refused is named, all at once")
    func pointers() {
        #expect(faults { $0.preset = "nothing" } == ["/preset"])
        #expect(faults { $0.maxRounds = 0 } == ["/max_rounds"])
        #expect(faults { $0.maxRounds = 11 } == ["/max_rounds"])
        #expect(faults { $0.scoreThreshold = 10.5 } == ["/score_threshold"])
        #expect(faults { $0.scoreThreshold = .nan } == ["/score_threshold"])
        #expect(faults { $0.title = "  " } == ["/title"])
        #expect(faults { $0.title = "two\nlines" } == ["/title"])
        #expect(faults { $0.criteria = [.init(name: "", weight: 1)] } == ["/criteria/0/name"])
        #expect(faults { $0.criteria = [.init(name: "a", weight: 0)] } == ["/criteria/0/weight"])
        #expect(
            faults {
                $0.agents = [
                    Agent(name: "A", role: "writer", temperature: 3),
                    Agent(name: "a", role: "boss"), Agent(name: "", role: "critic"),
                ]
                $0.maxRounds = -1
            } == [
                "/agents/1/role", "/max_rounds", "/agents/0/temperature", "/agents/1/name",
                "/agents/2/name",
            ])
        #expect(faults { $0.agents = [] } == ["/agents"])
        #expect(
            faults {
                $0.agents = [Agent(name: "A", role: "critic"), Agent(name: "B", role: "editor")]
            } == ["/agents"])
        #expect(
            faults {
                $0.agents = [Agent(name: "A", role: "writer"), Agent(name: "B", role: "writer")]
                $0.scoreThreshold = 5
            } == ["/score_threshold"])
    }

    @Test("texts are bounded, one by one and together")
    func sizes() {
        let large = String(repeating: "x", count: SessionRequest.maxTextBytes + 1)
        let half = String(repeating: "x", count: SessionRequest.maxTextBytes)
        #expect(faults { $0.draft = large } == ["/draft"])
        #expect(
            faults { $0.references = [.init(name: "n", content: large)] }
                == ["/references/0/content"])
        #expect(
            faults { request in
                request.draft = half
                request.references = [.init(name: "n", content: half)]
            } == ["/references"])
        #expect(
            faults {
                $0.references = Array(repeating: .init(name: "n", content: "c"), count: 11)
            } == ["/references"])
        #expect(
            faults { $0.references = [.init(name: "", content: "c")] } == ["/references/0/name"])
        #expect(faults { $0.draft = half } == [])
    }

    @Test("a turn costs a thousandth of a credit for ten millionths of a dollar, rounded up")
    func prices() {
        #expect(TurnPrice.thousandths(costMicroUSD: nil) == 100)
        #expect(TurnPrice.thousandths(costMicroUSD: 0) == 100)
        #expect(TurnPrice.thousandths(costMicroUSD: 1_000) == 100)
        #expect(TurnPrice.thousandths(costMicroUSD: 1_001) == 101)
        func used(isOwnKey: Bool?) -> Providers.Usage {
            Providers.Usage(
                inputTokens: 1, outputTokens: 1, cachedTokens: 0, isEstimated: false,
                costMicroUSD: 50_000, isOwnKey: isOwnKey)
        }
        #expect(TurnPrice.thousandths(of: used(isOwnKey: nil)) == 5_000)
        #expect(TurnPrice.thousandths(of: used(isOwnKey: true)) == 100)
        #expect(TurnPrice.thousandths(costMicroUSD: 1_010) == 101)
        #expect(TurnPrice.thousandths(costMicroUSD: -50_000) == 100)
        #expect(TurnPrice.thousandths(costMicroUSD: .max) == .max / 10 + 1)
        #expect(TurnPrice.hold(turns: 40) == 4_000)
    }
}
