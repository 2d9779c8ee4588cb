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
        /// What it is decided by: its name, which is unique among the gates that are open.
        var id: String
        var path: String
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
            .get("/runs/{id}/gates", "Lists the places where a run waits, or waited", list),
            .post("/runs/{id}/gates/{gate}", "Decides a gate, once", Decision.self, decide),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<GateView> {
        let list = try await mesh.call(
            Orchestrator.ListGates(user: incoming.identity.user, run: incoming.parameter("id")))
        return Page(items: list.gates.map(GateView.init))
    }

    @Sendable private func decide(_ body: Decision, _ incoming: Incoming) async throws -> GateView {
        GateView(
            try await mesh.call(
                Orchestrator.DecideGate(
                    user: incoming.identity.user, run: incoming.parameter("id"),
                    gate: incoming.parameter("gate"), decision: body.decision,
                    choice: body.choice,
                    answers: body.answers?.map {
                        .init(question: $0.questionId, answer: $0.answer)
                    },
                    feedback: body.feedback)))
    }
}
