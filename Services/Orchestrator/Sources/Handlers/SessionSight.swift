import Contracts
import Durable
import MeshContract
import Refinement
import Wire
import WriteStudio

/// A session as somebody sees it: what its journal tells, and what its person has done since.
struct SessionSight: Sendable {
    let run: Orchestrator.Run
    let input: SessionInput
    /// Of the journal alone.
    let state: SessionState
    /// With the acts that wait; of an ended session, what has come of it since.
    let manuscript: Manuscript
    /// The acts that no journal has.
    let pending: [PersonAct]
    /// What they come to.
    let change: Change

    var isOver: Bool { Self.isOver(run) }

    static func isOver(_ run: Orchestrator.Run) -> Bool {
        ["completed", "failed", "cancelled"].contains(run.state)
    }

    init(
        _ run: Orchestrator.Run, _ input: SessionInput, _ rows: [SessionRow], acts: [PersonAct]
    ) {
        (self.run, self.input) = (run, input)
        let state = SessionState(input, rows)
        let pending = acts.filter { $0.number > state.manuscript.seen }
        var shown = Self.settled(state, isOver: Self.isOver(run))
        let change = shown.change(acts: pending)
        shown.take(change)
        (self.state, self.pending, self.change) = (state, pending, change)
        manuscript = shown
    }

    /// A run that was cut short has taken up nothing at its end: whoever looks does it for it.
    private static func settled(_ state: SessionState, isOver: Bool) -> Manuscript {
        var manuscript = state.manuscript
        let kept = state.kept
        if isOver, !state.isClosed, kept != manuscript.text, let round = state.standing.round {
            manuscript.show(kept, of: round)
        }
        return manuscript
    }

    /// Names what is seen, for an edit that is made from it: the version, and the newest act in it.
    var revision: String {
        "\(state.manuscript.latest.number).\(pending.last?.number ?? state.manuscript.seen)"
    }

    /// An edit of what was seen under a revision. Nil for none of this session's.
    func edit(_ text: String, from revision: String?, acts: [PersonAct]) -> PersonAct.Edit? {
        let parts = (revision ?? self.revision).split(separator: ".")
        guard parts.count == 2, let number = Int(parts[0]), let seen = Int64(parts[1]),
            let version = state.manuscript.version(number)
        else { return nil }
        var base =
            number == state.manuscript.latest.number
            ? Self.settled(state, isOver: isOver) : state.manuscript.until(version)
        let earlier = acts.filter { $0.number > version.seen && $0.number <= seen }
        base.take(base.change(acts: earlier))
        return PersonAct.Edit(
            text: text, base: number, baseText: base.text == version.text ? nil : base.text)
    }

    /// The text after a round; 0 is the draft, nil what is seen now.
    func text(after round: Int?) -> String? {
        guard let round else { return manuscript.text }
        if round == 0 { return input.draft }
        let record = state.rounds.first { $0.number == round }?.record
        return record.flatMap { state.manuscript.version($0.after)?.text }
    }
}

extension SessionInput {
    /// A stored request, also one of the first form.
    init(stored bytes: [UInt8]) throws {
        do {
            self = try WireDecoder.decode(SessionInput.self, from: bytes)
        } catch {
            let first = try WireDecoder.decode(SessionInput1.self, from: bytes)
            self.init(
                user: first.user, plan: first.plan, draft: first.draft,
                references: first.references)
        }
    }
}

extension OrchestratorNode {
    /// A session with all that has become of it.
    func sight(of record: RunStore.Record) async throws -> SessionSight {
        let acts = try await self.acts.acts(on: record.run.id, after: 0)
        return try await sight(of: record, acts: acts)
    }

    func sight(of record: RunStore.Record, acts: [PersonAct]) async throws -> SessionSight {
        let input = try SessionInput(stored: record.request)
        let outcomes = try await engine.outcomes(record.run.id)
        if let first = try await firstForm(record, outcomes) {
            return SessionSight(record.run, input, first, acts: [])
        }
        return SessionSight(
            record.run, input, try outcomes.compactMap { try SessionRow($0) }, acts: acts)
    }

    /// The rows that a run of the first form would have journaled in the present one; nil for others.
    private func firstForm(
        _ record: RunStore.Record, _ outcomes: [JournaledOutcome]
    ) async throws -> [SessionRow]? {
        guard !outcomes.isEmpty, try await isOfFirstForm(record.run.id) else { return nil }
        let input = try WireDecoder.decode(SessionInput1.self, from: record.request)
        let turns = try outcomes.filter { $0.path.hasSuffix(".answer") }
            .map { try $0.decode(TurnResult.self) }
        return SessionProgress1(input, turns).rows(input)
    }

    func isOfFirstForm(_ run: String) async throws -> Bool {
        try await engine.status(run)?.version == RefineWorkflow1.version
    }
}
