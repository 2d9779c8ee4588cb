import Contracts
import FoundationEssentials
import Mesh
import MeshContract
import REST
import Wire

/// `/runs/{id}/retry`, `/fork`, `/steps`, `/limits`: what a person may do with a run beyond letting it
/// go on.
struct RunControlEndpoints: Sendable {
    struct Fork: Decodable, Sendable {
        var fromStep: String
        /// Any JSON: what the step is given in place of its own input.
        var input: WireValue?
        var title: String?
    }

    struct LimitsBody: Decodable, Sendable {
        /// In credits; without it, what the account has.
        var spendLimit: Double?
        /// In seconds from now; without it, thirty days.
        var timeLimit: Int?
    }

    struct StepView: Codable, Sendable {
        /// What a fork names.
        var path: String
        var kind: String
        var state: String
        var takesInput: Bool
        var at: String
        var error: String?

        init(_ step: Orchestrator.Step) {
            (path, kind, state) = (step.path, step.kind, step.state)
            (takesInput, at, error) = (step.takesInput, rfc3339(step.at), step.error)
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .act("/runs/{id}/retry", "Begins a failed run again at the step that failed") {
                RunView(
                    try await mesh.call(
                        Orchestrator.RetryRun(user: $0.identity.user, id: $0.parameter("id"))))
            }.fails(402),
            .post(
                "/runs/{id}/fork", "Makes a run that shares another's beginning", status: 201,
                Fork.self, fork
            ).example(#"{"from_step": "/r1/t0", "title": "Another way"}"#).fails(402),
            .get("/runs/{id}/steps", "Lists what a run has done, step by step") {
                let list = try await mesh.call(
                    Orchestrator.ListSteps(user: $0.identity.user, run: $0.parameter("id")))
                return try Page(list.steps.map(StepView.init), $0, in: 1...1_000, by: \.path)
            }.paged(1...1_000),
            .put(
                "/runs/{id}/limits", "Says what a run may cost, and how long it may take",
                LimitsBody.self, limit
            ).example(#"{"spend_limit": 50, "time_limit": 3600}"#),
        ]
    }

    @Sendable private func fork(_ body: Fork, _ incoming: Incoming) async throws -> RunView {
        RunView(
            try await mesh.call(
                Orchestrator.ForkRun(
                    user: incoming.identity.user, id: incoming.parameter("id"),
                    fromStep: body.fromStep, input: try Self.input(incoming.body),
                    title: body.title, key: try incoming.idempotencyKey)))
    }

    /// The input as it was sent: its names are the workflow's, and not turned into ours.
    private static func input(_ body: [UInt8]) throws -> String? {
        struct Raw: Decodable { var input: WireValue? }
        guard let input = try JSONDecoder().decode(Raw.self, from: Data(body)).input else {
            return nil
        }
        return String(decoding: try JSONEncoder().encode(input), as: UTF8.self)
    }

    @Sendable private func limit(
        _ body: LimitsBody, _ incoming: Incoming
    ) async throws -> RunView {
        let spend = try body.spendLimit.map { limit throws(Fault) in
            try thousandths(limit, at: "/spend_limit")
        }
        do throws(Fault) {
            return RunView(
                try await mesh.call(
                    Orchestrator.LimitRun(
                        user: incoming.identity.user, id: incoming.parameter("id"),
                        spendLimit: spend, seconds: body.timeLimit)))
        } catch {
            throw error.renaming("/seconds", to: "/time_limit")
        }
    }
}

extension Fault {
    /// A session's fields, called as the outside calls them.
    func namedAsSessions(under prefix: String = "") -> Fault {
        renaming("/seconds", to: "/time_limit")
            .renaming("/project", to: "/project_id", under: prefix)
    }

    /// The same with a field called as the outside calls it.
    func renaming(_ pointer: String, to name: String, under prefix: String = "") -> Fault {
        guard let fields else { return self }
        return Fault(
            code, message, detail: detail,
            fields: fields.map {
                FieldFault(prefix + ($0.pointer == pointer ? name : $0.pointer), $0.message)
            }, retryAfterMilliseconds: retryAfterMilliseconds)
    }
}
