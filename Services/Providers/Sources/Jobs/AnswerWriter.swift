import Contracts
import Dialects
import EventLoop
import Lifecycle
import Log
import Mesh
import MeshContract
import ServiceKit

/// Writes the answers that were begun, each in a task of its own on the loop, and books each end.
struct AnswerWriter: Sendable {
    let answers: Answers
    let store: AnswerStore
    let asking: any Asking
    let directory: ProviderDirectory
    let loop: EventLoop
    let publisher: any EventPublisher
    let ambient: Ambient
    let log: Log

    /// Told to stop, it interrupts what is being written and books that.
    var job: Running {
        Running("answers", run: run, stop: { [answers] in answers.stop() })
    }

    private func run() async {
        await withDiscardingTaskGroup { group in
            for await work in answers.work {
                group.addTask(executorPreference: loop) { await write(work) }
            }
        }
    }

    private func write(_ work: Answers.Work) async {
        let tally = Tally()
        let failure = await produce(work, tally)
        await book(work, tally, failure)
    }

    private func book(_ work: Answers.Work, _ tally: Tally, _ failure: (any Error)?) async {
        let ending = ending(of: work, tally, failure)
        let end: LiveAnswer.End =
            if let fault = ending.fault {
                .failed(fault)
            } else {
                .completed(
                    Providers.Completion(
                        stopReason: ending.stopReason ?? "", usage: ending.entry.usage))
            }
        do {
            // The end is told once it is kept: nobody acts on an answer that a crash takes back.
            let seq = try await store.finish(work.live.info, ending) {
                [answers, live = work.live] in
                live.finish(end)
                answers.keep(live)
            }
            publisher.publish(Providers.UsageRecorded(last: seq))
        } catch {
            log.error(
                "an answer could not be kept",
                ["key": work.live.info.key, "error": "\(error)"])
            answers.drop(work.live)
            work.live.finish(.failed(Fault(.internal, "the answer could not be kept")))
        }
        if let fault = ending.fault {
            log.info(
                "an answer ended without success",
                [
                    "key": work.live.info.key, "provider": work.live.info.provider,
                    "model": work.live.info.model, "fault": fault.code.rawValue,
                    "message": fault.message,
                ])
        }
    }

    // MARK: Producing

    /// Asks beside those who may end it: a caller, and the service's end. Nil for success.
    private func produce(_ work: Answers.Work, _ tally: Tally) async -> (any Error)? {
        let live = work.live
        return await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask(executorPreference: loop) {
                do {
                    return .success(try await ask(work, tally))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask(executorPreference: loop) {
                await live.untilInterrupted()
                return nil
            }
            for await result in group {
                group.cancelAll()
                switch result {
                case .success: return nil
                case .failure(let error): return error
                case nil: continue
                }
            }
            return CancellationError()
        }
    }

    private func ask(_ work: Answers.Work, _ tally: Tally) async throws {
        let (request, info) = (work.request, work.live.info)
        // A route stays one: behind its first target are others.
        let isRoute = directory.named(provider: request.provider, model: request.model) != nil
        let ask = Ask(
            request: chat(work), provider: isRoute ? nil : info.provider,
            model: isRoute ? request.model : info.model,
            caller: .init(
                user: request.user, project: Ask.Caller.subject(of: request.project, request.user),
                run: request.run, agent: request.agent),
            key: request.key)
        try await asking.ask(ask, tally: tally) { [live = work.live] in try live.hear($0) }
    }

    private func chat(_ work: Answers.Work) -> ModelRequest {
        RequestRules.chat(
            work.request, provider: work.live.info.provider, model: work.live.info.model)
    }

    // MARK: Booking

    private func ending(
        of work: Answers.Work, _ tally: Tally, _ failure: (any Error)?
    ) -> AnswerEnding {
        let info = work.live.info
        var state = AnswerRecord.State.completed
        var stopReason: String?
        var fault: Fault?
        if let failure {
            fault = self.fault(of: work.live, failure)
            state = work.live.interruption == .cancelled ? .cancelled : .failed
        } else {
            stopReason = RequestRules.word(tally.last?.figures.stop?.reason ?? .end)
        }
        let now = ambient.now()
        let choice = tally.last?.choice ?? .init(provider: info.provider, model: info.model)
        let entry = Providers.UsageEntry(
            seq: 0, at: now, user: work.request.user, run: work.request.run,
            agent: work.request.agent, provider: choice.provider, model: choice.model,
            isOffline: choice.isOffline, outcome: state.rawValue,
            durationMilliseconds: Int64((monotonic() - work.live.startedAt) / 1_000_000),
            usage: bill(tally, chat(work), choice, now), project: work.request.project)
        return AnswerEnding(
            state: state, text: work.live.text, newest: work.live.figures.newest,
            stopReason: stopReason, fault: fault, entry: entry)
    }

    /// With what the requests that came to nothing have cost: whoever asked pays for them too.
    private func bill(
        _ tally: Tally, _ request: ModelRequest, _ choice: ProviderDirectory.Choice, _ now: Int64
    ) -> Providers.Usage {
        let lines = tally.lines
        let used = lines.last?.usage(of: request) ?? TokenUsage()
        let others = lines.dropLast().map { line in
            directory.bill(line.usage(of: request), of: line.choice, at: now)
        }
        return others.reduce(directory.bill(used, of: choice, at: now)) { $0.adding($1) }
    }

    private func fault(of live: LiveAnswer, _ error: any Error) -> Fault {
        switch live.interruption {
        case .cancelled: return UpstreamFault.cancelled
        case .stopped: return UpstreamFault.stopped
        case nil: break
        }
        if error is CancellationError { return UpstreamFault.stopped }
        return UpstreamFault.make(error, provider: live.info.provider)
    }
}
