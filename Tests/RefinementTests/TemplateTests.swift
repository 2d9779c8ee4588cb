import FoundationEssentials
import Testing

@testable import Refinement

@Suite("Templates")
struct TemplateTests {
    private static let good = """
        {"format": "atelier.template", "version": 1, "studio": "write", "name": "Board review",
         "agents": [{"name": "W", "role": "writer"}, {"name": "C", "role": "critic"},
                    {"name": "E", "role": "editor", "temperature": 0.1}],
         "criteria": [{"name": "clarity", "weight": 2}],
         "steps": [{"turn": "W"},
                   {"loop": {"max": 4, "until": {"score": 8.5, "plateau": {"rounds": 2}},
                    "steps": [{"parallel": ["C", "E"]}, {"turn": "W"}]}},
                   {"gate": {"name": "final", "prompt": "Good?"}}]}
        """

    private func read(_ text: String) -> Result<Template, TemplateErrors> {
        TemplateReader.read(Array(text.utf8))
    }

    private func pointers(_ change: (String) -> String) -> [String] {
        switch read(change(Self.good)) {
        case .success: return []
        case .failure(let errors): return errors.fields.map(\.pointer)
        }
    }

    private func replacing(_ old: String, _ new: String) -> [String] {
        pointers { text in
            #expect(text.contains(old))
            return text.replacing(old, with: new)
        }
    }

    @Test("what is left out gets its default")
    func reading() throws {
        let template = try read(Self.good).get()
        #expect(template.agents.map(\.model) == ["strong", "critic", "critic"])
        #expect(template.agents.map(\.temperature) == [0.7, 0.7, 0.1])
        #expect(template.steps.count == 3)
        #expect(
            template.steps[1]
                == .loop(
                    LoopPart(
                        max: 4, until: .init(score: 8.5, plateau: Plateau(rounds: 2, within: 0.1)),
                        steps: [.parallel(ParallelPart(agents: ["C", "E"])), .turn("W")])))
        #expect(template.mostTurns == 1 + 4 * 3)
        #expect(template.mostRounds == 5)
        #expect(template.rules?.threshold == 8.5)
        #expect(template.segments.count == 3)
        #expect(
            try read(Self.good.replacing(#"{"name": "final", "prompt": "Good?"}"#, with: "\"x\""))
                .get()
                .steps[2] == .gate(GatePart(name: "x", prompt: "Approve the document?")))
    }

    @Test("written and read again it is the same, byte for byte")
    func roundTrip() throws {
        let template = try read(Self.good).get()
        let json = try template.json()
        #expect(try TemplateReader.read(json).get() == template)
        #expect(try TemplateReader.read(json).get().json() == json)
    }

    @Test("the example is a good template")
    func example() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/examples/board-paper.atelier.json"
        let template = try TemplateReader.read(Array(try Data(contentsOf: URL(filePath: path))))
            .get()
        #expect(template.gateCount == 1 && template.mostTurns == 1 + 4 * 3 + 2)
        #expect(template.mostRounds == 1 + 4 + 1)
    }

    @Test("each mistake is named by its place")
    func mistakes() {
        #expect(pointers { _ in "{" } == [""])
        #expect(pointers { _ in "[]" }.first == "")
        #expect(replacing("atelier.template", "other") == ["/format"])
        #expect(replacing("\"version\": 1", "\"version\": 2") == ["/version"])
        #expect(replacing("\"write\"", "\"code\"") == ["/studio"])
        #expect(replacing("\"name\": \"Board review\",", "") == ["/name"])
        #expect(replacing("Board review", " ") == ["/name"])
        #expect(replacing("\"critic\"", "\"boss\"") == ["/agents/1/role"])
        #expect(replacing("0.1", "\"cold\"") == ["/agents/2/temperature"])
        #expect(replacing("0.1", "3") == ["/agents/2/temperature"])
        #expect(replacing("\"temperature\"", "\"temprature\"") == ["/agents/2/temprature"])
        #expect(replacing("\"weight\": 2", "\"weight\": 0") == ["/criteria/0/weight"])
        #expect(replacing("{\"turn\": \"W\"},\n", "{\"turn\": \"X\"},\n") == ["/steps/0/turn"])
        #expect(replacing("{\"turn\": \"W\"},\n", "{\"go\": \"W\"},\n") == ["/steps/0"])
        #expect(
            replacing("{\"turn\": \"W\"},\n", "{\"turn\": \"W\", \"gate\": \"g\"},\n")
                == ["/steps/0"])
        #expect(replacing("\"max\": 4", "\"max\": 11") == ["/steps/1/loop/max"])
        #expect(replacing("\"max\": 4", "\"max\": 2.5") == ["/steps/1/loop/max"])
        #expect(replacing("8.5", "85") == ["/steps/1/loop/until/score"])
        #expect(
            replacing("\"rounds\": 2", "\"rounds\": 20")
                == ["/steps/1/loop/until/plateau/rounds"])
        #expect(
            replacing("[\"C\", \"E\"]", "[\"C\", \"W\"]")
                == ["/steps/1/loop/steps/0/parallel/1"])
        #expect(replacing("[\"C\", \"E\"]", "[\"C\"]") == ["/steps/1/loop/steps/0/parallel"])
        #expect(
            replacing("[\"C\", \"E\"]", "[\"C\", \"C\"]")
                == ["/steps/1/loop/steps/0/parallel/1"])
        #expect(replacing("\"final\"", "\"Final!\"") == ["/steps/2/gate/name"])
        #expect(
            replacing("\"prompt\": \"Good?\"", "\"on_reject\": \"weep\"")
                == ["/steps/2/gate/on_reject"])
    }

    @Test("what only the whole shows is found, too")
    func whole() {
        let loop = "{\"loop\": {\"max\": 2, \"steps\": [{\"turn\": \"C\"}]}}"
        #expect(
            replacing("{\"turn\": \"W\"}]}}", "\(loop)]}}") == ["/steps/1/loop/steps/1/loop"])
        // An agent that no step names.
        #expect(replacing("{\"parallel\": [\"C\", \"E\"]}", "{\"turn\": \"C\"}") == ["/agents/2"])
        #expect(
            pointers { text in
                text.replacing("{\"turn\": \"W\"},\n", with: "{\"gate\": \"first\"},\n")
            } == ["/steps/0/gate/on_reject"])
        let deaf = Self.good.replacing("{\"parallel\": [\"C\", \"E\"]}, ", with: "")
            .replacing("{\"turn\": \"W\"},\n", with: "{\"parallel\": [\"C\", \"E\"]},\n")
        #expect(pointers { _ in deaf } == ["/steps/1/loop/until"])
        #expect(pointers { $0 + String(repeating: " ", count: 300_000) } == [""])
    }

    @Test("hostile files neither trap nor take long")
    func hostile() {
        for text in [
            String(repeating: "[", count: 20_000), "{\"steps\": 1e999}", "nul", "\u{0}",
            "{\"format\": {}, \"agents\": [[[]]], \"steps\": [null, 1, {}]}",
            "{\"steps\": [" + String(repeating: "{\"turn\":\"W\"},", count: 5_000) + "{}]}",
        ] {
            guard case .failure(let errors) = read(text) else {
                Issue.record("\(text.prefix(40)) was taken")
                continue
            }
            #expect(!errors.fields.isEmpty && errors.fields.count <= TemplateReader.mostErrors)
        }
    }

    @Test(
        "every preset is a template that has nothing wrong", arguments: Template.builtIn.map(\.id))
    func presets(id: String) throws {
        let template = try #require(Template.builtIn.first { $0.id == id }?.template)
        #expect(TemplateRules.errors(in: template).isEmpty)
        #expect(try TemplateReader.read(template.json()).get() == template)
        #expect(template.rules?.plateau == .standard)
        #expect(template.rules?.threshold == 8.5)
    }

    @Test("a plan is a loop of turns, its reviewers side by side where it says so")
    func plan() {
        var plan = SessionPlan(
            title: "T",
            agents: [("W", Role.writer), ("A", .editor), ("B", .critic)].map {
                Agent(name: $0.0, role: $0.1, model: "m", instructions: "")
            }, maxRounds: 4, scoreThreshold: 9)
        #expect(Template(plan, name: "N").rules == plan.rules)
        #expect(Template(plan, name: "N").mostTurns == 12)
        plan.parallelCritique = true
        #expect(
            Template(plan, name: "N").steps == [
                .loop(
                    LoopPart(
                        max: 4, until: .init(score: 9),
                        steps: [.turn("W"), .parallel(ParallelPart(agents: ["A", "B"]))]))
            ])
        var changes = Template.Changes()
        (changes.maxRounds, changes.plateau) = (2, Plateau(rounds: 1, within: 0))
        let changed = Template(plan, name: "N").changed(by: changes)
        #expect(
            changed.rules
                == RoundRules(
                    threshold: 9, maxRounds: 2, plateau: Plateau(rounds: 1, within: 0)))
    }
}
