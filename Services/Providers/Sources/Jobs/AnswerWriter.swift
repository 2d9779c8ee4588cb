import Contracts
import Curl
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
    let directory: ProviderDirectory
    let offline: OfflineProvider
    let http: HTTPClient
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
        let result = await produce(work)
        await book(work, result)
        if case .success(let whole) = result, let rest = whole.rest { await Upstream.settle(rest) }
    }

    private func book(_ work: Answers.Work, _ result: Result<Upstream.Whole, any Error>) async {
        let ending = ending(of: work, result)
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

    /// Runs the provider beside those who may end it: a caller, the service's end, and silence.
    private func produce(_ work: Answers.Work) async -> Result<Upstream.Whole, any Error> {
        let live = work.live
        return await withTaskGroup(of: Result<Upstream.Whole, any Error>?.self) { group in
            group.addTask(executorPreference: loop) {
                do {
                    return .success(try await provide(work))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask(executorPreference: loop) {
                await live.untilInterrupted()
                return nil
            }
            group.addTask(executorPreference: loop) {
                await watch(live)
                return nil
            }
            for await result in group {
                group.cancelAll()
                if let result { return result }
            }
            return .failure(CancellationError())
        }
    }

    private func provide(_ work: Answers.Work) async throws -> Upstream.Whole {
        let info = work.live.info
        if info.isOffline {
            return .init(reason: try await offline.write(work.request, into: work.live))
        }
        guard let name = DialectName(rawValue: info.provider),
            let upstream = directory.upstream(info.provider)
        else { throw Fault(.invalid, "\(info.provider) is not configured here") }
        let chat = RequestRules.chat(work.request, provider: info.provider, model: info.model)
        return try await Upstream(
            http: http, name: name, endpoint: upstream.endpoint, timeout: directory.config.timeout,
            rule: RetryRule(tries: directory.config.tries)
        ).write(chat, into: work.live)
    }

    /// Returns when the provider has been silent for too long: signs of life without a token do
    /// not count.
    private func watch(_ live: LiveAnswer) async {
        let limit = directory.config.timeout.nanoseconds
        while !Task.isCancelled {
            let quiet = monotonic() - live.figures.progress
            guard quiet < limit else { return live.interrupt(.silent) }
            try? await Task.sleep(for: .nanoseconds(Int64(limit - quiet)))  // ends when cancelled
        }
    }

    // MARK: Booking

    private func ending(
        of work: Answers.Work, _ result: Result<Upstream.Whole, any Error>
    ) -> AnswerEnding {
        let info = work.live.info
        var state = AnswerRecord.State.completed
        var stopReason: String?
        var fault: Fault?
        switch result {
        case .success(let whole): stopReason = RequestRules.word(whole.reason)
        case .failure(let error):
            fault = self.fault(of: work.live, error)
            state = work.live.interruption == .cancelled ? .cancelled : .failed
        }
        let figures = work.live.figures
        let usage = Cost.usage(
            self.usage(of: work, figures, isWhole: fault == nil), provider: info.provider,
            model: info.model)
        let entry = Providers.UsageEntry(
            seq: 0, at: ambient.now(), user: work.request.user, run: work.request.run,
            agent: work.request.agent, provider: info.provider, model: info.model,
            isOffline: info.isOffline, outcome: state.rawValue,
            durationMilliseconds: Int64((monotonic() - work.live.startedAt) / 1_000_000),
            usage: usage)
        return AnswerEnding(
            state: state, text: work.live.text, newest: figures.newest, stopReason: stopReason,
            fault: fault, entry: entry)
    }

    private func fault(of live: LiveAnswer, _ error: any Error) -> Fault {
        let provider = live.info.provider
        switch live.interruption {
        case .cancelled: return UpstreamFault.cancelled
        case .stopped: return UpstreamFault.stopped
        case .silent: return UpstreamFault.silent(provider, directory.config.timeout)
        case nil: break
        }
        if error is CancellationError { return UpstreamFault.stopped }
        let key = directory.upstream(provider)?.endpoint.key
        return UpstreamFault.make(error, provider: provider, key: key)
    }

    /// The provider's figures for a whole answer; for the rest, what they and the text suggest.
    private func usage(
        of work: Answers.Work, _ figures: LiveAnswer.Figures, isWhole: Bool
    ) -> TokenUsage {
        let info = work.live.info
        if info.isOffline { return OfflineProvider.usage(work.request, outputBytes: figures.bytes) }
        if isWhole, let usage = figures.usage { return usage }
        // Refused before it began: nothing was used.
        guard figures.wasAsked || figures.bytes > 0 else { return TokenUsage() }
        let chat = RequestRules.chat(work.request, provider: info.provider, model: info.model)
        let estimate = TokenUsage.estimated(for: chat, outputBytes: figures.bytes)
        guard var usage = figures.usage else { return estimate }
        if usage.input == 0 { usage.input = estimate.input }
        usage.output = max(usage.output, estimate.output)
        usage.isEstimated = true
        return usage
    }
}
