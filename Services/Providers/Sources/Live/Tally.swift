import Dialects
import EventLoop
import Synchronization

/// What a question has come to so far, for the books: a line for each request to a provider. It can
/// be read at any time, also once the asking has failed.
final class Tally: Sendable {
    /// One request to one provider.
    struct Figures: Sendable {
        /// True from when the request may have reached the provider until it was refused.
        var wasAsked = false
        /// What the provider has said so far.
        var usage: TokenUsage?
        /// Bytes of text, reasoning and arguments that came.
        var outputBytes = 0
        /// How the answer ended; nil for one that did not.
        var stop: Stop?
        /// On the monotonic clock; nil before the first step of the answer.
        var firstAt: UInt64?
    }

    final class Line: Sendable {
        let choice: ProviderDirectory.Choice
        /// On the monotonic clock.
        let startedAt = monotonic()
        private let state = Mutex(Figures())

        init(_ choice: ProviderDirectory.Choice) { self.choice = choice }

        var figures: Figures { state.withLock { $0 } }

        func note(_ change: (inout Figures) -> Void) { state.withLock { change(&$0) } }

        /// Takes down what steps of the answer say; true when they have something of it in them.
        @discardableResult
        func take(_ events: [ModelEvent]) -> Bool {
            state.withLock { figures in
                var bytes = 0
                for event in events {
                    switch event {
                    case .text(_, let more), .thinking(_, let more), .arguments(_, let more):
                        bytes += more.utf8.count
                    case .usage(let usage): figures.usage = usage
                    case .stop(let stop): figures.stop = stop
                    case .start, .open, .signature, .detail, .close, .other: break
                    }
                }
                if figures.firstAt == nil, !events.isEmpty { figures.firstAt = monotonic() }
                figures.outputBytes += bytes
                return bytes > 0
            }
        }

        /// What is to be paid for: the provider's figures for a whole answer; for the rest, what
        /// they and the bytes suggest.
        func usage(of request: ModelRequest) -> TokenUsage {
            let figures = figures
            if choice.isOffline || figures.stop != nil, let usage = figures.usage { return usage }
            // Refused before it began: nothing was used.
            guard figures.wasAsked || figures.outputBytes > 0 else { return TokenUsage() }
            let estimate = TokenUsage.estimated(for: request, outputBytes: figures.outputBytes)
            guard var usage = figures.usage else { return estimate }
            if usage.input == 0 { usage.input = estimate.input }
            usage.output = max(usage.output, estimate.output)
            usage.isEstimated = true
            return usage
        }
    }

    private let state = Mutex<[Line]>([])

    /// Begins the line of a request that is about to be sent.
    func open(_ choice: ProviderDirectory.Choice) -> Line {
        let line = Line(choice)
        state.withLock { $0.append(line) }
        return line
    }

    /// Says whose answer is heard, when several were asked at once.
    func prefer(_ line: Line) {
        state.withLock { lines in
            guard lines.last !== line, let at = lines.firstIndex(where: { $0 === line }) else {
                return
            }
            lines.append(lines.remove(at: at))
        }
    }

    /// In the order in which they were begun; the last one is the answer's.
    var lines: [Line] { state.withLock { $0 } }
    var last: Line? { state.withLock { $0.last } }
    /// True once something of an answer has come: asking again would say it twice.
    var hasBegun: Bool { lines.contains { $0.figures.firstAt != nil } }
}
