import Console
import EventStream
import Testing

@testable import AtelierTools

@Suite("Flags that say who takes part")
struct CastFlagsTests {
    @Test("criteria have weights, 1 where none is given")
    func criteria() throws {
        #expect(
            try CastFlags.criteria("clarity=3, evidence=1.5,wit") == [
                .init(name: "clarity", weight: 3), .init(name: "evidence", weight: 1.5),
                .init(name: "wit", weight: 1),
            ])
        for bad in ["", "a,,b", "=3", "a=0", "a=-1", "a=x"] {
            #expect(throws: UsageError.self) { try CastFlags.criteria(bad) }
        }
    }

    @Test("a plateau is rounds, and how little does not count")
    func plateau() throws {
        #expect(try CastFlags.plateau("2") == .init(rounds: 2))
        #expect(try CastFlags.plateau("3:0.25") == .init(rounds: 3, within: 0.25))
        #expect(try CastFlags.plateau("off") == .init(rounds: 0))
        for bad in ["", "0", "10", "x", "2:", "2:9", "2:x"] {
            #expect(throws: UsageError.self) { try CastFlags.plateau(bad) }
        }
    }

    @Test("an agent is a name, a role, and where wanted a model of a provider")
    func agents() throws {
        let ada = try CastFlags.agent("Ada L:writer:gpt-4o@openai")
        #expect(ada.name == "Ada L" && ada.role == "writer")
        #expect(ada.model == "gpt-4o" && ada.provider == "openai")
        let bob = try CastFlags.agent("Bob:critic")
        #expect(bob.model == nil && bob.provider == nil)
        #expect(try CastFlags.agent("Bob:editor:strong").model == "strong")
        let cyd = try CastFlags.agent("Cyd:editor:@ollama")
        #expect(cyd.model == nil && cyd.provider == "ollama")
        for bad in ["", "Ada", "Ada:king", ":writer"] {
            #expect(throws: UsageError.self) { try CastFlags.agent(bad) }
        }
    }

    @Test("what happens beside the turns is told in words")
    func notes() throws {
        let words = RunWords(maxRounds: 3, agents: 2)
        func note(_ type: String, _ data: String) -> String? {
            let text = #"{"seq":1,"type":"\#(type)","at":"x","data":\#(data)}"#
            return words.note(on: RunEvent(ServerSentEvent(id: "1", type: type, text: text)))
        }
        #expect(
            note("gate.opened", #"{"gate":"1.g","name":"final","question":{"prompt":"Good?"}}"#)
                == "waiting for you at final: Good?")
        #expect(
            note(
                "references.cut",
                #"{"round":1,"agent":"Ada","references":[{"name":"a","kept_tokens":5,"#
                    + #""total_tokens":9000}]}"#)
                == "Ada could read only a (5 of 9,000 tokens)")
        #expect(
            note(
                "critique.merged",
                #"{"round":1,"agents":["A","B"],"notes":5,"repeated":1,"conflicts":2}"#)
                == "merged into 5 notes, 1 repeat left out, 2 of them against another")
        let change = #"{"round":1,"agent":"A","version":2,"suggestions":[1,2],"kept_out":"#
        #expect(
            note("document.changed", change + #"{"lock":[2]}}"#)
                == "kept out: 1 change by a lock")
        #expect(note("document.changed", change + "{}}") == nil)
        #expect(note("gate.opened", "{}") == nil)
    }
}
