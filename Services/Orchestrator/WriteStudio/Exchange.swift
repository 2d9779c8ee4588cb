import Contracts
import Durable
import Mesh
import MeshContract
import Refinement

/// One question to an agent and its answer, as two steps of a run: asked, and read to its end, paid
/// and judged.
struct Exchange: Sendable {
    let mesh: MeshClient
    let live: LiveText
    let open: OpenStreams
    let agent: Agent
    let round: Int
    /// Without a key and a run, which the exchange puts in.
    let request: Providers.Generate
    /// What of the references the agent does not get to read.
    var cuts: [ReferenceCut] = []
    let settlement: Settlement

    /// The answer, as its step is journaled. A retry asks anew, for what has failed once is kept under
    /// its key; where it was only the paying that failed, the answer is taken as it is.
    func take(in run: Run) async throws -> TurnResult {
        let place = run.path(ofNext: "ask")
        let asked = try await ask(in: run)
        let asker = asker(of: asked, at: place, in: run)
        let key = "\(asker)/\(place)"
        open.insert(key)
        let payment = Payment(
            mesh: mesh, hold: run.lifeID, earlier: run.earlierLives, asker: asker)
        let result = try await run.step("answer", .patient) { step in
            do {
                var request = request
                (request.key, request.run) = (key, run.id)
                let stream = key == asked.key ? asked : try await mesh.call(request)
                let reader = AnswerReader(
                    mesh: mesh, live: live, run: run.id, agent: agent.name, request: request,
                    place: place)
                let answer = try await reader.read(stream, in: step)
                return try await settlement.settle(answer, by: payment, in: step)
            } catch let fault as Fault {
                throw AnswerFailure(fault, isPermanent: fault.isPermanent, retryFrom: place)
            }
        }
        // What fails or is cancelled stays open, for the workflow's end to close.
        open.remove(key)
        live.end(key, of: run.id)
        return result
    }

    /// The life of this run that the answer is asked for and paid in. A fork may share the question
    /// with the run that it comes from, and not the answer: it asks anew, for the old key is charged
    /// to the other.
    private func asker(
        of asked: Providers.StreamInfo, at place: String, in run: Run
    ) -> String {
        let life = String(asked.key.dropLast(place.utf8.count + 1))
        return life == run.lifeID || run.earlierLives.contains(life) ? life : run.id
    }

    private func ask(in run: Run) async throws -> Providers.StreamInfo {
        try await run.step("ask", .patient) { step in
            var request = request
            (request.key, request.run) = (step.key, run.id)
            // Known before it is asked for: a cancel may come before the answer does.
            open.insert(step.key)
            let stream = try await mesh.call(request)
            try step.emit(
                SessionEvent.turnStarted,
                SessionEvent.TurnStarted(
                    round: round, agent: agent.name, role: agent.role, provider: stream.provider,
                    model: stream.model, offline: stream.isOffline, step: step.key))
            if !cuts.isEmpty {
                try step.emit(
                    SessionEvent.referencesCut,
                    SessionEvent.ReferencesCut(round: round, agent: agent.name, references: cuts))
            }
            return stream
        }
    }
}
