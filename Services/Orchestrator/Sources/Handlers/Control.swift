import Contracts
import Durable
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Wire

/// What a person may do with a run beyond letting it go on.
extension OrchestratorNode {
    private static let longestFeedback = 20_000
    private static let mostAnswers = 50

    func retry(_ request: Orchestrator.RetryRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user)
        if try await !engine.retry(run.id) {
            let now = try await store.find(run.id, user: run.user)
            // Asked twice, it goes on once.
            let life = try await engine.status(run.id)?.life ?? 1
            guard life > 1, now.state == "running" || now.state == "waiting" else {
                throw Fault(.conflict, "a run that is \(now.state) cannot be retried")
            }
        }
        return try await store.find(run.id, user: run.user)
    }

    func fork(_ request: Orchestrator.ForkRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user)
        let input = try request.input.map { try json($0, at: "/input") }
        let title = String((request.title ?? "\(run.title) (fork)").prefix(200))
        let fork = RunStore.Fork(
            id: ambient.makeID("run"), origin: run, step: request.fromStep, title: title,
            key: request.key, at: ambient.now())
        do {
            try await engine.fork(run.id, at: request.fromStep, input: input, as: fork.id) {
                [limit = config.runsPerUser] db in
                try RunStore.insert(fork, atMost: limit, in: db)
            }
        } catch let known as RunStore.Known {
            return known.run
        } catch let refusal as ForkRefusal {
            let field = if case .takesNoInput = refusal { "/input" } else { "/from_step" }
            throw Fault(.invalid, "\(refusal)", fields: [FieldFault(field, "\(refusal)")])
        }
        return try await store.find(fork.id, user: run.user)
    }

    private func json(_ text: String, at field: String) throws -> WireValue {
        do {
            return try JSONDecoder().decode(WireValue.self, from: Data(text.utf8))
        } catch {
            throw Fault(.invalid, "the input is not JSON", fields: [.init(field, "is not JSON")])
        }
    }

    func steps(
        _ request: Orchestrator.ListSteps, _ call: Call
    ) async throws -> Orchestrator.StepList {
        _ = try await store.find(request.run, user: request.user)
        return Orchestrator.StepList(
            steps: try await engine.steps(request.run).map(Orchestrator.Step.init))
    }

    func limit(_ request: Orchestrator.LimitRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user)
        let faults = Self.faults(spend: request.spendLimit, seconds: request.seconds)
        guard faults.isEmpty else {
            throw Fault(.invalid, "these are no limits", fields: faults)
        }
        guard !["completed", "failed", "cancelled"].contains(run.state) else {
            throw Fault(.conflict, "a run that is \(run.state) needs no limits")
        }
        try await store.limit(run.id, spend: request.spendLimit, seconds: request.seconds)
        let limits = RunStore.limits(
            spend: request.spendLimit, seconds: request.seconds.map(Int64.init))
        try await engine.limit(run.id, limits)
        return try await store.find(run.id, user: run.user)
    }

    /// What is wrong with the limits of a run.
    static func faults(spend: Int64?, seconds: Int?) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let spend, spend < 0 { faults.append(.init("/spend_limit", "is negative")) }
        if let seconds, !(1...3_650 * 86_400).contains(seconds) {
            faults.append(.init("/seconds", "is not from a second to ten years"))
        }
        return faults
    }

    // MARK: Gates

    func gates(
        _ request: Orchestrator.ListGates, _ call: Call
    ) async throws -> Orchestrator.GateList {
        _ = try await store.find(request.run, user: request.user)
        return Orchestrator.GateList(
            gates: try await engine.gates(request.run).map {
                try Orchestrator.Gate($0, of: request.run)
            })
    }

    func decide(_ request: Orchestrator.DecideGate, _ call: Call) async throws -> Orchestrator.Gate
    {
        let run = try await store.find(request.run, user: request.user)
        let gate = try await gate(request)
        let decision = try Self.decision(request, gate)
        if !gate.isClosed,
            try await engine.decide(run.id, gate: gate.path, decision, by: request.user)
        {
            return try Orchestrator.Gate(try await self.gate(request), of: run.id)
        }
        let now = try await self.gate(request)
        let asked = try WireDecoder.decode(WireValue.self, from: WireEncoder.canonical(decision))
        guard now.isClosed, now.decision == asked else {
            throw Fault(
                .conflict, now.isClosed ? "the gate is decided" : "the run is \(run.state)")
        }
        return try Orchestrator.Gate(now, of: run.id)
    }

    /// The gate at this path, or the newest of this name.
    private func gate(_ request: Orchestrator.DecideGate) async throws -> Engine.Gate {
        let gates = try await engine.gates(request.run)
        let found =
            gates.first { $0.path == request.gate }
            ?? gates.first { $0.name == request.gate && !$0.isClosed }
            ?? gates.last { $0.name == request.gate }
        guard let found else { throw Fault(.notFound, "no gate \(request.gate.prefix(100))") }
        return found
    }

    private static func decision(
        _ request: Orchestrator.DecideGate, _ gate: Engine.Gate
    ) throws(Fault) -> GateDecision {
        var faults: [FieldFault] = []
        if !["approve", "reject"].contains(request.decision) {
            faults.append(.init("/decision", "is approve or reject"))
        }
        if let choice = request.choice, let options = gate.question?.options,
            !options.indices.contains(choice)
        {
            faults.append(.init("/choice", "is from 0 to \(options.count - 1)"))
        }
        if request.feedback?.utf8.count ?? 0 > longestFeedback {
            faults.append(.init("/feedback", "has \(longestFeedback) bytes at most"))
        }
        let answers = request.answers ?? []
        let isTooMuch = answers.contains {
            $0.question.utf8.count + $0.answer.utf8.count > longestFeedback
        }
        if answers.count > mostAnswers || isTooMuch {
            faults.append(
                .init("/answers", "are \(mostAnswers) at most, \(longestFeedback) bytes each"))
        }
        let byID = Dictionary(answers.map { ($0.question, $0.answer) }) { $1 }
        if byID.count != answers.count {
            faults.append(.init("/answers", "answer a question once"))
        }
        guard faults.isEmpty else { throw Fault(.invalid, "this is no decision", fields: faults) }
        return GateDecision(
            decision: request.decision, choice: request.choice,
            answers: request.answers == nil ? nil : byID, feedback: request.feedback)
    }

    // MARK: Lanes

    /// Where the runs of a user stand in line: so many at once as the plan gives, in each studio.
    func lane(of user: String, _ studio: String) async -> Lane {
        let status = try? await mesh.call(Billing.GetStatus(account: user))
        let most = status.flatMap { config.runsAtOnce[$0.plan] } ?? config.usualRunsAtOnce
        return Lane(queue: studio, share: user, most: most)
    }
}

extension Orchestrator.Step {
    init(_ step: Engine.StepRecord) {
        self.init(
            path: step.path, kind: step.kind, state: step.state.rawValue,
            takesInput: step.takesInput, at: step.at, error: step.failure?.message)
    }
}

extension Orchestrator.Gate {
    init(_ gate: Engine.Gate, of run: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        self.init(
            id: gate.path, name: gate.name, kind: gate.question?.kind ?? "approval",
            prompt: gate.question?.prompt ?? gate.name, options: gate.question?.options ?? [],
            state: gate.isClosed ? "decided" : "open",
            decision: try gate.decision.map {
                String(decoding: try encoder.encode($0), as: UTF8.self)
            },
            deadline: gate.due, at: gate.at, child: gate.run == run ? nil : gate.run)
    }
}
