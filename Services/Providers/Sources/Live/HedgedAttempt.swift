import Dialects
import EventLoop
import Routing

/// A request that gets a second one beside it when it is slow: the first of both to say something is
/// heard, the other one is ended, and what it had cost is booked.
struct HedgedAttempt: Sendable {
    let errand: Errand
    let delay: Duration

    private enum Word: Sendable {
        case late
        /// Nil for a whole answer.
        case ended(Int, (any Error)?)
    }

    /// What ends one request without the other.
    private struct Leash: Sendable {
        private let cut: AsyncStream<Never>
        private let hand: AsyncStream<Never>.Continuation

        init() { (cut, hand) = AsyncStream.makeStream() }

        func end() { hand.finish() }
        func untilEnded() async { for await _ in cut {} }
    }

    /// Throws the failure of the first request, or of the one that was heard.
    func run(_ first: Traffic.Ticket, _ plan: inout AttemptPlan) async throws {
        let leashes = [Leash(), Leash()]
        var second: Traffic.Ticket?
        var failures: [Int: any Error] = [:]
        var isWhole = false
        await withTaskGroup(of: Word.self) { group in
            group.addTask { await held(first, 0, leashes) }
            group.addTask {
                try? await Task.sleep(for: delay)  // ends early when there is nothing to wait for
                return .late
            }
            var open = 1
            for await word in group {
                switch word {
                case .late:
                    guard open == 1, !errand.gate.isOpen, !Task.isCancelled,
                        case .ask(let ticket) = errand.asking.traffic.next(
                            &plan, tokens: errand.tokens)
                    else { continue }
                    (second, open) = (ticket, 2)
                    group.addTask { await held(ticket, 1, leashes) }
                case .ended(let number, let failure):
                    open -= 1
                    if let failure { failures[number] = failure } else { isWhole = true }
                    if isWhole || open == 0 {
                        open = 0
                        group.cancelAll()
                    }
                }
            }
        }
        guard !isWhole else { return }
        if let winner = errand.gate.winner, let failure = failures[winner] { throw failure }
        if let second, let failure = failures[1] {
            plan.failed(
                second.target, Traffic.failure(failure), now: monotonic(),
                chance: .random(in: 0...1))
        }
        throw failures[0] ?? CancellationError()
    }

    private func held(
        _ ticket: Traffic.Ticket, _ number: Int, _ leashes: [Leash]
    ) async -> Word {
        await withTaskGroup(of: Word?.self) { group in
            group.addTask {
                do {
                    try await errand.attempt(ticket, number) { leashes[1 - number].end() }
                    return .ended(number, nil)
                } catch {
                    return .ended(number, error)
                }
            }
            group.addTask {
                await leashes[number].untilEnded()
                return nil
            }
            var ended = Word.ended(number, CancellationError())
            for await word in group {
                group.cancelAll()
                if let word { ended = word }
            }
            return ended
        }
    }
}
