import Durable
import Refinement
import WriteStudio

/// A story of the real Write workflow, between neighbours that die as it does.
protocol SessionStory: Scenario {
    var steps: [TemplateStep] { get }
    /// How many turns each run pays for, when none of them failed and was retried.
    var turns: [String: Int] { get }
    var agents: [Agent] { get }
    /// How each run ends.
    var ends: [String: String] { get }
}

extension SessionStory {
    static var writer: Agent {
        Agent(name: "Writer", role: .writer, model: "m", instructions: "")
    }

    var agents: [Agent] { [Self.writer] }

    func workflows(_ desk: Desk) -> [any Workflow] {
        [
            RefineWorkflow(
                mesh: Neighbours(desk: desk).mesh, live: LiveText(),
                desk: EmptyDesk(studio: desk.world.studio))
        ]
    }

    var input: SessionInput {
        let template = Template(
            name: "Crash", agents: agents, criteria: Criterion.standard, steps: steps)
        return SessionInput(
            user: "usr_1", title: "Title", template: template,
            source: SessionInput.Source(id: nil, name: "Crash"), draft: "A draft.")
    }

    func check(_ end: Ending) {
        let studio = end.world.studio.now
        for (run, state) in ends {
            end.state(run, state)
            let life = end.runs[run]?.life ?? 1
            let own = end.world.charges.filter { Neighbours.run(of: $0.key) == run }
            let count = turns[run] ?? 0
            // A run that its providers died under too often was retried, and paid what it began anew.
            let isRetried = life > (self is SessionRetried ? 2 : 1)
            end.claim(
                own.count == count || (isRetried && own.count > count),
                "\(run) is charged for \(own.count) turns of \(count): \(own.map(\.key).sorted())")
            end.spent(run, own.reduce(0) { $0 + $1.amount })
            for number in 1...max(life, 1) {
                let hold = studio.holds[number == 1 ? run : "\(run)~\(number)"]
                end.claim(hold?.isOpen != true, "\(run): the hold of life \(number) is open")
            }
            let documents = studio.documents.values.filter { $0.run == run }
            end.claim(
                documents.map(\.text) == (state == "completed" ? [Neighbours.text] : []),
                "\(run) is \(state) and keeps \(documents.map(\.text))")
            tell(run, end)
        }
        for row in end.rows where row.kind == "gate" && row.isFailed {
            end.claim(row.at >= row.due ?? 0, "\(row.run): the gate was closed early")
        }
    }

    /// Each turn is told of once, begun and ended.
    private func tell(_ run: String, _ end: Ending) {
        let kinds = end.kinds[run] ?? []
        let done = end.rows.count { $0.run == run && $0.path.hasSuffix(".answer") && $0.isDone }
        let told = kinds.count { $0 == SessionEvent.turnCompleted }
        end.claim(told == done, "\(run) tells of \(told) turns, and has \(done)")
        end.claim(
            kinds.count { $0 == SessionEvent.documentStored } == (ends[run] == "completed" ? 1 : 0),
            "\(run) tells of a document \(kinds.count { $0 == SessionEvent.documentStored }) times")
    }
}

extension Client {
    /// Waits for a session's end, doing at its gate what `act` says. A run that failed because its
    /// services died under it too often goes on in another life.
    func session(_ run: String, atGate act: (String) async throws -> Void = { _ in }) async throws {
        try await until {
            let status = try await status(run)
            if status?.state == .failed {
                world.isBroken = false
                try await retry(run)
                return false
            }
            let gate = status?.waits.first { $0.kind == "gate" }
            if let gate { try await act(gate.name) }
            return status?.state.isFinal ?? false
        }
    }
}

enum Sessions {
    static let all: [any Scenario] = [
        SessionGated(), SessionRounds(), SessionExpiring(), SessionCancelled(),
        SessionCancelledAtGate(), SessionForked(), SessionRetried(),
    ]
}
