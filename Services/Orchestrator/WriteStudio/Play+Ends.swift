import Durable
import Refinement

/// Gates, and how loops and the whole come to their end.
extension Play {
    /// Waits for a person. Answers with why the run ends here, if it does.
    mutating func gate(_ gate: GatePart, in run: Run) async throws -> StopReason? {
        for attempt in 0...Self.mostRevisions {
            let record = try await ask(gate, in: run)
            guard let decision = record.decision else { return .expired }
            if decision.isApproval { return nil }
            switch gate.onReject {
            case .proceed: return nil
            case .stop: return .rejected
            case .revise:
                guard attempt < Self.mostRevisions, let name = state.lastWriter,
                    let writer = state.input.template.agent(name)
                else { return .rejected }
                try await turn(writer, in: run)
            }
        }
        return .rejected
    }

    private mutating func ask(_ gate: GatePart, in run: Run) async throws -> GateRecord {
        var play = self
        defer { self = play }
        return try await run.scope("gate") { run in
            // A gate that is met again has another id: each is decided once.
            let times = play.state.gates.count {
                $0.gate == gate.name || $0.gate.hasPrefix(gate.name + ".")
            }
            let id = times == 0 ? gate.name : "\(gate.name).\(times + 1)"
            let decision = try await Self.decision(on: gate, id, in: run)
            let (desk, manuscript, round) = (play.desk, play.state.manuscript, play.round)
            let record = try await run.step("decided", .patient) { step in
                let acts = try await desk.acts(on: run.id, after: manuscript.seen)
                let change = manuscript.change(acts: acts, round: round)
                try SessionEvent.tell(of: change, on: manuscript, step)
                return GateRecord(gate: id, decision: decision, change: change)
            }
            play.state.take(.gate(record))
            return record
        }
    }

    /// Nil when the time is over.
    private static func decision(
        on gate: GatePart, _ id: String, in run: Run
    ) async throws -> GateDecision? {
        let question = GateQuestion(kind: "approval", prompt: gate.prompt)
        do {
            return try await run.gate(
                id, as: GateDecision.self, asking: question,
                within: gate.hours.map { .seconds($0 * 3_600) })
        } catch let failure as StepFailure {
            guard failure.code == "expired" else { throw failure }
            return nil
        }
    }

    /// After a loop the document is the best round's, for what comes next to build on.
    mutating func settle(in run: Run) async throws {
        let (state, round) = (state, round)
        let record = try await run.step("settle") { step in
            var change = Change(seen: state.manuscript.seen)
            let (kept, best) = (state.kept, state.standing)
            if kept != state.manuscript.text, let number = best.round {
                change.versions = [
                    Change.Draft(
                        author: .best(round: number), round: round, text: kept,
                        seen: state.manuscript.seen)
                ]
                try step.emit(
                    SessionEvent.documentSettled,
                    SessionEvent.DocumentSettled(
                        round: number, score: best.score,
                        version: state.manuscript.latest.number + 1))
            }
            return SettleRecord(round: best.round, score: best.score, change: change)
        }
        self.state.take(.settled(record))
    }

    /// Takes in what a person does up to the last moment: what comes later comes after the run.
    mutating func close(in run: Run) async throws {
        while true {
            let (desk, manuscript) = (desk, state.manuscript)
            let closing = try await run.step("close", .patient) { step in
                let acts = try await desk.close(run.id, after: manuscript.seen)
                let change = manuscript.change(acts: acts)
                try SessionEvent.tell(of: change, on: manuscript, step)
                return Closing(change: change, isClosed: acts.isEmpty)
            }
            state.take(.closed(closing))
            if closing.isClosed { return }
        }
    }
}
