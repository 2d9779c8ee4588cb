import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/runs/{id}/gates`: where a run waits for a person.
struct GateEndpoints: Sendable {
    struct Decision: Decodable, Sendable {
        struct Answer: Decodable, Sendable {
            var questionId: String
            var answer: String
        }

        /// `approve` or `reject`.
        var decision: String
        var choice: Int?
        var answers: [Answer]?
        var feedback: String?
    }

    struct GateView: Codable, Sendable {
        /// What it is decided by: its name, or its path where children wait at gates of one name.
        var id: String
        var path: String
        var name: String
        /// The child run that has it; absent for the run's own.
        var runId: String?
        var kind: String
        var prompt: String
        var options: [String]
        var state: String
        var decision: String?
        var choice: Int?
        var feedback: String?
        var deadline: String?
        /// When it was opened, and once it is decided, when that was.
        var at: String

        private struct Given: Decodable {
            var decision: String?
            var choice: Int?
            var feedback: String?
        }

        init(_ gate: Orchestrator.Gate) {
            (id, path, kind, prompt) = (gate.name, gate.id, gate.kind, gate.prompt)
            (name, runId) = (gate.name, gate.child)
            (options, state) = (gate.options, gate.state)
            (deadline, at) = (gate.deadline.map(rfc3339), rfc3339(gate.at))
            // A decision of another form than the usual one is shown by the studio it belongs to.
            let given = gate.decision.flatMap {
                try? JSONCoding.decode(Given.self, from: Array($0.utf8))
            }
            (decision, choice, feedback) = (given?.decision, given?.choice, given?.feedback)
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/runs/{id}/gates", "Lists the places where a run waits, or waited", list)
                .paged(),
            .post("/runs/{id}/gates/{gate}", "Decides a gate, once", Decision.self, decide)
                .example(#"{"decision": "approve", "feedback": "Go on."}"#)
                .rules(["/decision": .choice(["approve", "reject"])]),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<GateView> {
        let list = try await mesh.call(
            Orchestrator.ListGates(user: incoming.identity.user, run: incoming.parameter("id")))
        let open = Dictionary(grouping: list.gates.filter { $0.state == "open" }, by: \.name)
        return try Page(
            list.gates.map { gate in
                var view = GateView(gate)
                if open[gate.name]?.count ?? 0 > 1 { view.id = gate.id }
                return view
            }, incoming, by: \.path)
    }

    @Sendable private func decide(_ body: Decision, _ incoming: Incoming) async throws -> GateView {
        GateView(
            try await mesh.call(
                Orchestrator.DecideGate(
                    user: incoming.identity.user, run: incoming.parameter("id"),
                    gate: Self.gate(incoming.parameter("gate")),
                    decision: body.decision,
                    choice: body.choice,
                    answers: body.answers?.map {
                        .init(question: $0.questionId, answer: $0.answer)
                    },
                    feedback: body.feedback)))
    }

    /// A path within the run has slashes, which a client has to write as `%2F`.
    private static func gate(_ parameter: String) -> String {
        parameter.replacing("%2F", with: "/").replacing("%2f", with: "/")
    }
}
