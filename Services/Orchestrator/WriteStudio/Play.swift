import Durable
import Refinement

/// One playing of a session's template, step by step.
///
/// Everything it decides it decides from the state, and the state from journaled steps: played again
/// after a crash, it comes to the same place.
struct Play {
    let turns: Turns
    let desk: any Desk
    var state: SessionState
    /// The number of the round under way, or of the last one.
    var round = 0
    /// Turns of this round so far.
    private var position = 0
    /// False until watchers were told that the round has begun.
    private var isAnnounced = true

    /// After so many noes a gate's document is left as it is.
    static let mostRevisions = 5

    init(turns: Turns, desk: any Desk, state: SessionState) {
        (self.turns, self.desk, self.state) = (turns, desk, state)
    }

    /// Plays the whole template; why it ended, and the same for people.
    mutating func all(in run: Run) async throws -> (StopReason, String) {
        var end = (StopReason.done, Self.words(.done))
        for segment in state.input.template.segments {
            switch segment {
            case .once(let steps):
                if let reason = try await once(steps, in: run) {
                    end = (reason, Self.words(reason))
                }
            case .loop(let loop): end = try await self.loop(loop, in: run)
            }
            if end.0 == .rejected || end.0 == .expired { break }
        }
        try await close(in: run)
        return end
    }

    /// For what ends outside of a loop, which has rules of its own.
    private static func words(_ reason: StopReason) -> String {
        RoundRules(threshold: nil, maxRounds: 1).words(for: reason, after: [])
    }

    // MARK: Rounds

    private mutating func once(
        _ steps: [TemplateStep], in run: Run
    ) async throws -> StopReason? {
        var play = self
        defer { self = play }
        return try await run.scope("once") { run in
            let isRound = Template.turns(in: steps) > 0
            if isRound { play.begin() }
            let before = play.state.manuscript.latest.number
            let end = try await play.pass(steps, rules: nil, earlier: [], in: run)
            if isRound { try await play.score(before, in: run) }
            return end
        }
    }

    private mutating func loop(
        _ loop: LoopPart, in run: Run
    ) async throws -> (StopReason, String) {
        var play = self
        defer { self = play }
        return try await run.scope("loop") { run in
            var results: [RoundResult] = []
            var end: StopReason?
            while end == nil {
                let ended = try await run.scope("round") { run in
                    play.begin()
                    let before = play.state.manuscript.latest.number
                    let end = try await play.pass(
                        loop.steps, rules: loop.rules, earlier: results, in: run)
                    try await play.score(before, in: run)
                    return end
                }
                if let result = play.state.results.last { results.append(result) }
                end = ended
                if end == nil, case .stop(let reason) = loop.rules.decide(after: results) {
                    end = reason
                }
            }
            let reason = end ?? .maxRounds
            try await play.settle(in: run)
            return (reason, loop.rules.words(for: reason, after: results))
        }
    }

    private mutating func begin() { (round, position, isAnnounced) = (round + 1, 0, false) }

    /// The steps of one round. `earlier` are the loop's rounds so far.
    private mutating func pass(
        _ steps: [TemplateStep], rules: RoundRules?, earlier: [RoundResult], in run: Run
    ) async throws -> StopReason? {
        let before = state.manuscript.latest.number
        for (index, step) in steps.enumerated() {
            switch step {
            case .turn(let name):
                if let agent = state.input.template.agent(name) { try await turn(agent, in: run) }
            case .parallel(let part): try await parallel(part, in: run)
            case .gate(let gate):
                if let end = try await self.gate(gate, in: run) { return end }
            case .loop: break  // a template with one here is refused
            }
            guard let rules, isJudged(after: index, steps) else { continue }
            let result = state.record(of: round, before: before).result
            if let reason = rules.decideEarly(after: earlier + [result]) { return reason }
        }
        return nil
    }

    /// Whether the round's reviews are all in and a writer is still to come: what is good enough must
    /// not be written over.
    private func isJudged(after index: Int, _ steps: [TemplateStep]) -> Bool {
        func reviews(_ step: TemplateStep) -> Bool {
            switch step {
            case .turn(let name): state.input.template.agent(name)?.role.reviews == true
            case .parallel: true
            case .gate, .loop: false
            }
        }
        let rest = steps[(index + 1)...]
        return reviews(steps[index]) && !rest.contains(where: reviews)
            && rest.contains { if case .turn = $0 { true } else { false } }
    }

    /// The end of a round, as a step of its own: watchers hear of it now and not with the next turn.
    private mutating func score(_ before: Int, in run: Run) async throws {
        let record = state.record(of: round, before: before)
        var next = state
        next.take(.round(record))
        let best = next.best?.number
        state.take(
            .round(
                try await run.step("score", .patient) { step in
                    try step.emit(
                        SessionEvent.roundCompleted,
                        SessionEvent.RoundCompleted(
                            round: record.number, score: record.score, criteria: record.criteria,
                            bestRound: best))
                    return record
                }))
    }

    // MARK: Turns

    /// What a person has done since the last look, so that the next turn builds on it.
    private mutating func look(in run: Run) async throws {
        let (desk, manuscript, round) = (desk, state.manuscript, round)
        let isFirst = !isAnnounced
        isAnnounced = true
        let change = try await run.step("look", .patient) { step in
            if isFirst {
                try step.emit(
                    SessionEvent.roundStarted, SessionEvent.RoundStarted(round: round))
            }
            let acts = try await desk.acts(on: run.id, after: manuscript.seen)
            let change = manuscript.change(acts: acts, round: round)
            try SessionEvent.tell(of: change, on: manuscript, step)
            return change
        }
        state.take(.look(change))
    }

    mutating func turn(_ agent: Agent, in run: Run) async throws {
        var play = self
        defer { self = play }
        try await run.scope("turn") { run in
            try await play.look(in: run)
            let place = Turns.Place(round: play.round, position: play.position)
            play.position += 1
            let result = try await play.turns.take(agent, place, on: play.state, in: run)
            let notes = play.state.notes.flatMap(\.self)
            play.state.take(.answer(result))
            if agent.role == .writer { try await play.apply(result, notes, in: run) }
        }
    }

    /// Brings a writer's answer into the document: as far as locks, a person's edits and their words on
    /// suggestions allow.
    private mutating func apply(_ turn: TurnResult, _ notes: [Note], in run: Run) async throws {
        let (desk, manuscript) = (desk, state.manuscript)
        let answer = Manuscript.Answer(agent: turn.agent, round: turn.round, text: turn.text)
        let change = try await run.step("apply", .patient) { step in
            let acts = try await desk.acts(on: run.id, after: manuscript.seen)
            let change = manuscript.change(answer: answer, notes: notes, acts: acts)
            try SessionEvent.tell(of: change, on: manuscript, by: answer, step)
            return change
        }
        state.take(.apply(change))
    }

    /// Reviewers side by side; then, where the template asks for it, their notes as one list.
    private mutating func parallel(_ part: ParallelPart, in run: Run) async throws {
        var play = self
        defer { self = play }
        let agents = part.agents.compactMap(state.input.template.agent)
        try await run.scope("parallel") { run in
            try await play.look(in: run)
            let (state, turns, round, first) = (play.state, play.turns, play.round, play.position)
            play.position += agents.count
            let results = try await run.parallel("reviews", Array(agents.enumerated())) {
                item, run in
                let place = Turns.Place(round: round, position: first + item.offset)
                return try await turns.take(item.element, place, on: state, in: run)
            }
            for result in results { play.state.take(.answer(result)) }
            if part.merge == .notes { try await play.merge(results, in: run) }
        }
    }

    private mutating func merge(_ results: [TurnResult], in run: Run) async throws {
        let round = round
        let record = try await run.step("merge") { step in
            let critique = MergedCritique(
                results.map {
                    NoteReader.notes(in: $0.text, by: $0.agent, listed: $0.reading?.notes ?? [])
                })
            let agents = results.map(\.agent)
            try step.emit(
                SessionEvent.critiqueMerged,
                SessionEvent.CritiqueMerged(
                    round: round, agents: agents, notes: critique.entries.count,
                    repeated: critique.repeated, conflicts: critique.conflicts))
            return MergeRecord(round: round, agents: agents, critique: critique)
        }
        state.take(.merged(record))
    }
}
