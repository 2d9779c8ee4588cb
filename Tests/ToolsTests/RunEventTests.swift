import EventStream
import Console
import MeshContract
import Testing

@testable import AtelierTools

@Suite("Events of a run")
struct RunEventTests {
    private func event(_ type: String, _ data: String) -> RunEvent {
        RunEvent(
            ServerSentEvent(
                id: "1", type: type,
                text: #"{"seq":1,"type":"\#(type)","at":"x","step":"s/1","data":\#(data)}"#))
    }

    @Test("a turn's figures are read with the step they belong to")
    func turn() throws {
        let turn = event(
            "turn.completed",
            #"{"round":2,"agent":"W","role":"writer","offline":true,"input_tokens":10,"#
                + #""output_tokens":5,"estimated":true,"cost":0.25,"words":7}"#)
        guard case .turnCompleted(let data) = turn else {
            Issue.record("\(turn)")
            return
        }
        #expect(data.step == "s/1" && data.inputTokens == 10 && data.offline == true)
    }

    @Test("scores of criteria are read as an object and as a list")
    func criteria() {
        for text in [#"{"b":8,"a":7.5}"#, #"[{"name":"a","score":7.5},{"name":"b","score":8}]"#] {
            let round = event("round.completed", #"{"round":1,"score":7.7,"criteria":\#(text)}"#)
            guard case .roundCompleted(let data) = round else {
                Issue.record("\(round)")
                return
            }
            #expect(data.criteria?.text == "a 7.5, b 8")
        }
    }

    @Test("what cannot be read, and what is not known yet, is passed over")
    func unknown() {
        #expect(event("turn.completed", "{}") == .other("turn.completed"))
        #expect(event("run.dreamt", "{}") == .other("run.dreamt"))
        #expect(RunEvent(ServerSentEvent(id: nil, type: "token", text: "{")) == .other("token"))
    }

    @Test("a run that failed says why, and is final; a paused one is not")
    func ends() {
        #expect(
            event("run.failed", #"{"state":"failed","reason":"r","code":"no-credits"}"#)
                == .ended(RunEnd(state: "failed", reason: "r", code: "no-credits")))
        #expect(RunEnd(state: "cancelled").isFinal)
        #expect(!RunEnd(state: "paused").isFinal && !RunEnd(state: "needs_attention").isFinal)
    }

    @Test("a tally adds up tokens, cost and words by round")
    func tally() {
        var tally = RunTally()
        let figures = #""input_tokens":10,"output_tokens":5,"cost":0.1,"words":50"#
        for (round, role) in [(1, "writer"), (1, "critic"), (2, "writer")] {
            tally.add(
                event(
                    "turn.completed",
                    #"{"round":\#(round),"agent":"A","role":"\#(role)",\#(figures)}"#))
        }
        tally.add(event("round.completed", #"{"round":1,"score":7,"best_round":1}"#))
        tally.add(event("document.stored", #"{"artifact_id":"art_1"}"#))
        #expect(tally.rounds.map(\.inputTokens) == [20, 10])
        #expect(tally.rounds[0].score == 7 && tally.rounds[0].words == 50)
        #expect(tally.outputTokens == 15 && abs(tally.cost - 0.3) < 1e-9)
        #expect(tally.stored?.artifactID == "art_1" && tally.turns == 3)
        #expect(RunWords(maxRounds: 3, agents: 2).progress(tally) == 50)
    }
}

@Suite("Problem documents")
struct ProblemTests {
    @Test("every part of a problem is shown, each wrong field with its pointer")
    func shown() {
        let body =
            #"{"title":"Invalid","status":400,"detail":"no","code":"invalid","request_id":"req_1","#
            + #""errors":[{"pointer":"/agents/0","detail":"is no agent"}]}"#
        let problem = Problem(status: 400, body: Array(body.utf8))
        #expect(
            problem.text == "Invalid: no (code invalid, request req_1)\n  /agents/0: is no agent")
        #expect(problem.exitCode == .badInput && !problem.isPassing)
    }

    @Test("the code decides on the exit code; without one the status does")
    func codes() {
        let capped = Problem(status: 403, body: Array(#"{"code":"capped"}"#.utf8))
        #expect(capped.exitCode == .noCredits)
        let html = Problem(status: 503, body: Array("<html>".utf8))
        #expect(html.exitCode == .temporary && html.isPassing)
        #expect(Problem(status: 401, body: []).exitCode == .denied)
        #expect(Problem(status: 500, body: []).exitCode == .internalError)
    }

    @Test("a peer's words do not reach the terminal's controls")
    func controls() {
        let body = #"{"title":"a\u001b[2Jb\u202ec","detail":"d\u0007"}"#
        #expect(Problem(status: 400, body: Array(body.utf8)).text == "a[2Jbc: d")
        #expect(Printable.line("a\nb\tc", limit: 4) == "a b…")
    }
}
