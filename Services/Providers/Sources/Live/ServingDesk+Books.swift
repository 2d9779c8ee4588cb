import Contracts
import Dialects
import EventLoop
import ServiceKit

extension ServingDesk {
    func book(_ errand: ServedErrand, _ outcome: AnswerRecord.State) {
        let lines = errand.tally.lines
        for line in lines where line === lines.last || line.figures.wasAsked {
            book(
                line, line.usage(of: errand.ask.request), errand.ask.caller,
                line === lines.last ? outcome : .failed, since: errand.startedAt)
        }
    }

    func book(
        _ line: Tally.Line, _ used: TokenUsage, _ caller: Ask.Caller,
        _ outcome: AnswerRecord.State, since begun: UInt64
    ) {
        let (choice, now) = (line.choice, ambient.now())
        books.take(
            Providers.UsageEntry(
                seq: 0, at: now, user: caller.user, run: caller.run, agent: caller.agent,
                provider: choice.provider, model: choice.model, isOffline: choice.isOffline,
                outcome: outcome.rawValue,
                durationMilliseconds: Int64((monotonic() - begun) / 1_000_000),
                usage: directory.bill(used, of: choice, at: now), project: caller.projectName))
    }
}
