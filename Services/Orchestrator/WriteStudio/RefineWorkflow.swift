import Contracts
public import Durable
public import Mesh
public import MeshContract
import Refinement
import Synchronization

/// A document refined by agents in turns: hold credits, rounds of turns, store, release.
///
/// Everything the outside sees goes through a step under its key, so that a crash at any point
/// repeats at most the step in flight, and nothing is charged or stored twice.
public struct RefineWorkflow: Workflow {
    public static let name = "write.refine"
    public static let version = 1

    let mesh: MeshClient
    let live: LiveText

    public init(mesh: MeshClient, live: LiveText) { (self.mesh, self.live) = (mesh, live) }

    public func run(_ input: SessionInput, _ run: Run) async throws -> SessionResult {
        let open = OpenStreams()
        do {
            return try await refine(input, run, open)
        } catch let error as CancellationError {
            // Also when the cancel came while a failure was being tidied up.
            try await run.cleanup("cleanup") { run in
                try await stopStreams(open, run)
                try await release(run)
            }
            throw error
        }
    }

    private func refine(
        _ input: SessionInput, _ run: Run, _ open: OpenStreams
    ) async throws -> SessionResult {
        do {
            try await hold(input, run)
            let (progress, reason) = try await rounds(input, run, open)
            let result = try await store(progress, reason, input, run)
            try await release(run)
            return result
        } catch let failure as StepFailure {
            try await stopStreams(open, run)
            try await release(run)
            throw failure
        }
    }

    /// Ends the answers that nobody will read. One that cannot be ended ends by itself, so this never
    /// fails. The step is there also when nothing is open: a replay has to find it.
    private func stopStreams(_ open: OpenStreams, _ run: Run) async throws {
        _ = try await run.step("stop-streams") { _ in
            for key in open.keys {
                _ = try? await mesh.call(Providers.CancelStream(key: key))
                live.discard(key, of: run.id)
            }
            return Durable.Done()
        }
    }

    // MARK: The frame

    private func hold(_ input: SessionInput, _ run: Run) async throws {
        let amount = TurnPrice.hold(
            agents: input.plan.agents.count, rounds: input.plan.maxRounds)
        _ = try await run.step("hold", .patient) { _ in
            _ = try await mesh.call(
                Billing.Hold(account: input.user, run: run.id, amount: amount))
            return Durable.Done()
        }
    }

    /// Frees what is left of the hold, if there is one. Billing that stays away does not undo what
    /// the run has come to: it ends a forgotten hold by itself.
    private func release(_ run: Run) async throws {
        do {
            _ = try await run.step("release", .patient) { _ in
                do throws(Fault) {
                    _ = try await mesh.call(Billing.Release(run: run.id))
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

    private func store(
        _ progress: SessionProgress, _ reason: String, _ input: SessionInput, _ run: Run
    ) async throws -> SessionResult {
        let artifact = try await run.step("store", .patient) { step in
            let artifact = try await mesh.call(
                Storage.PutDocument(
                    owner: input.user, run: run.id, name: "document.md",
                    contentType: "text/markdown; charset=utf-8",
                    content: Array(progress.document.utf8), key: step.key), within: .seconds(30))
            try step.emit(
                SessionEvent.documentStored,
                SessionEvent.DocumentStored(
                    artifactID: artifact.id, name: artifact.name, sha256: artifact.sha256,
                    bytes: artifact.bytes, version: artifact.version, stopReason: reason))
            return artifact.id
        }
        return SessionResult(
            artifact: artifact, score: progress.score, bestRound: progress.bestRound,
            rounds: progress.rounds.count, stopReason: reason)
    }

    // MARK: Rounds

    private func rounds(
        _ input: SessionInput, _ run: Run, _ open: OpenStreams
    ) async throws -> (SessionProgress, String) {
        var results: [TurnResult] = []
        while true {
            let progress = SessionProgress(input, results)
            switch input.plan.rules.decide(after: progress.rounds.map(\.result)) {
            case .stop(let reason): return (progress, reason.rawValue)
            case .proceed(let number):
                results += try await run.scope("round") { run in
                    let turns = Turns(mesh: mesh, live: live, input: input, open: open)
                    let document = progress.rounds.last?.document ?? input.draft
                    let made = try await turns.round(
                        number, document: document, earlier: results, in: run)
                    let summary = RoundSummary(number: number, before: document, turns: made)
                    let best = RoundRules.bestRound(
                        of: progress.rounds.map(\.result) + [summary.result])
                    // A step of its own, so that watchers hear of it now and not with the next turn.
                    _ = try await run.step("score", .patient) { step in
                        try step.emit(
                            SessionEvent.roundCompleted,
                            SessionEvent.RoundCompleted(
                                round: number, score: summary.score, criteria: summary.criteria,
                                bestRound: best))
                        return Durable.Done()
                    }
                    return made
                }
            }
        }
    }
}

/// The answers a run is waiting for, to be ended when the run is cancelled.
final class OpenStreams: Sendable {
    private let state = Mutex<Set<String>>([])

    var keys: [String] { state.withLock { $0.sorted() } }
    func insert(_ key: String) { state.withLock { _ = $0.insert(key) } }
    func remove(_ key: String) { state.withLock { _ = $0.remove(key) } }
}

extension StepOptions {
    /// For a call that only has to arrive: a service that restarts is waited for, a minute or two.
    static let patient = StepOptions(attempts: 12, backoff: .milliseconds(50))
}

/// How a fault of another service is journaled.
extension Fault: CodedFailure {
    public var failureCode: String { code.rawValue }
    public var failureMessage: String {
        detail.map { "\(message): \($0)" } ?? message
    }
    public var isPermanent: Bool { !isTransient }
}
