import Synchronization

/// What the services beside the orchestrator have committed; it outlives every process of a case.
final class Studio: Sendable {
    struct Hold: Sendable {
        var isOpen = true
        var captured: Int64 = 0
    }

    struct Answer: Sendable {
        var attempt = 1
        /// Read to its end, and so kept by its key.
        var isWhole = false
        /// In progress when its service died.
        var isLost = false
        var isCancelled = false
    }

    struct State: Sendable {
        var holds: [String: Hold] = [:]
        var answers: [String: Answer] = [:]
        /// By key: whose, and the text.
        var documents: [String: (run: String, text: String)] = [:]
        var closed: Set<String> = []
        /// Milliseconds that the world's clock was put forward.
        var ahead: Int64 = 0
        /// True while answers stop in their middle.
        var isSlow = false
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }

    @discardableResult
    func change<T>(_ body: (inout sending State) throws -> sending T) rethrows -> sending T {
        try state.withLock { try body(&$0) }
    }

    /// Forgets the answers in progress, as a provider service that was restarted does.
    func loseAnswers() {
        state.withLock { state in
            for key in state.answers.keys where state.answers[key]?.isWhole == false {
                state.answers[key]?.isLost = true
            }
        }
    }
}
