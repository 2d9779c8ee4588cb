import Dialects
import Synchronization

/// What stands between a provider and who listens until it is clear that there is an answer: the
/// first of several requests to say something is heard, and what says nothing yet is held back, so
/// that another may still be asked in its place.
final class AnswerGate: Sendable {
    private struct State {
        var winner: Int?
        var held: [Int: [ModelEvent]] = [:]
    }

    private static let mostHeld = 1_000

    private let state = Mutex(State())

    /// True once something was let through: asking again would say it twice.
    var isOpen: Bool { state.withLock { $0.winner != nil } }
    var winner: Int? { state.withLock { $0.winner } }

    /// What may be heard of a request's events; nil when another has been heard already.
    func pass(_ events: [ModelEvent], of request: Int) -> [ModelEvent]? {
        state.withLock { state in
            if let winner = state.winner { return winner == request ? events : nil }
            let held = state.held[request, default: []] + events
            guard held.count > Self.mostHeld || events.contains(where: Self.isAnswer) else {
                state.held[request] = held
                return []
            }
            state.winner = request
            state.held = [:]
            return held
        }
    }

    /// Forgets what a request that failed had begun with.
    func drop(_ request: Int) { state.withLock { $0.held[request] = nil } }

    private static func isAnswer(_ event: ModelEvent) -> Bool {
        switch event {
        case .text, .thinking, .arguments, .signature, .close, .stop: true
        case .open(_, let part): part.text?.isEmpty != true
        case .start, .detail, .usage, .other: false
        }
    }
}
