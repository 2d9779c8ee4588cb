import Contracts
import Durable
import Mesh
import MeshContract

/// What stands around the rounds of every session: credits held before, the document stored after,
/// the credits freed whatever came of it.
///
/// Everything the outside sees goes through a step under its key, so that a crash at any point
/// repeats at most the step in flight, and nothing is charged or stored twice.
struct RunFrame: Sendable {
    let mesh: MeshClient
    let live: LiveText
    let user: String
    let open = OpenStreams()

    /// What the rounds came to.
    struct Work: Sendable {
        var document: String
        var result: SessionResult
    }

    /// Runs `body` between hold and release. A cancel also frees the credits that a failure was just
    /// about to free.
    func run(
        _ run: Run, holding amount: Int64, _ body: (Run) async throws -> Work
    ) async throws -> SessionResult {
        do {
            return try await hold(run, amount, body)
        } catch let error as CancellationError {
            try await run.cleanup("cleanup") { run in
                try await stopStreams(run)
                try await release(run)
            }
            throw error
        }
    }

    private func hold(
        _ run: Run, _ amount: Int64, _ body: (Run) async throws -> Work
    ) async throws -> SessionResult {
        do {
            _ = try await run.step("hold", .patient.own) { _ in
                _ = try await mesh.call(
                    Billing.Hold(account: user, run: run.lifeID, amount: amount))
                return Durable.Done()
            }
            let work = try await body(run)
            let result = try await store(work, run)
            try await release(run)
            return result
        } catch let failure as StepFailure {
            try await stopStreams(run)
            try await release(run)
            throw failure
        }
    }

    /// Ends the answers that nobody will read. One that cannot be ended ends by itself, so this never
    /// fails. The step is there also when nothing is open: a replay has to find it.
    private func stopStreams(_ run: Run) async throws {
        _ = try await run.step("stop-streams", .init(isOwn: true)) { _ in
            for key in open.keys {
                _ = try? await mesh.call(Providers.CancelStream(key: key))
                live.discard(key, of: run.id)
            }
            return Durable.Done()
        }
    }

    /// Frees what is left of the hold, if there is one. Billing that stays away does not undo what
    /// the run has come to: it ends a forgotten hold by itself.
    private func release(_ run: Run) async throws {
        do {
            _ = try await run.step("release", .patient.own) { _ in
                do throws(Fault) {
                    _ = try await mesh.call(Billing.Release(run: run.lifeID))
                } catch {
                    // A run that ended before it had a hold has nothing to give back.
                    guard error.code == .notFound else { throw error }
                }
                return Durable.Done()
            }
        } catch let failure as StepFailure {
            try run.emit(
                SessionEvent.holdKept, SessionEvent.HoldKept(reason: failure.message))
        }
    }

    private func store(_ work: Work, _ run: Run) async throws -> SessionResult {
        var result = work.result
        result.artifact = try await run.step("store", .patient) { step in
            let artifact = try await mesh.call(
                StoredDocument.put(work.document, owner: user, run: run.id, key: step.key),
                within: .seconds(30))
            try step.emit(
                SessionEvent.documentStored,
                SessionEvent.DocumentStored(
                    artifactID: artifact.id, name: artifact.name, sha256: artifact.sha256,
                    bytes: artifact.bytes, version: artifact.version,
                    stopReason: work.result.stopReason, stopText: work.result.stopText))
            return artifact.id
        }
        return result
    }
}
