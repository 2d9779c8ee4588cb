import EventLoop
import Synchronization

/// What a caller says of itself before any call, and what happens when it is not believed. All of
/// it on the loop's thread.
extension NngCaller {
    /// The most questions of one dialogue: the other side must not keep us talking.
    private static let longestDialogue = 4
    /// How long the other side may take for it.
    private static let patience: UInt64 = 10_000_000_000

    /// Says who we are: on a new connection, and on one that lives when it is time again.
    func introduce() {
        askAt = .max
        questions = 0
        // Who has said goodbye says nothing more.
        guard !isLeaving else { return }
        guard let preface else { return open() }
        answerBy = monotonic() &+ Self.patience
        loop.wake(by: answerBy)
        goOn(preface.next(nil))
    }

    /// True when a reply belongs to the dialogue.
    func isAnswer(_ number: UInt32, _ body: [UInt8]) -> Bool {
        guard number == asked, let preface else { return false }
        asked = nil
        goOn(preface.next(body))
        return true
    }

    private func goOn(_ step: NngPreface.Step) {
        switch step {
        case .ask(let body) where questions < Self.longestDialogue:
            questions += 1
            let number = nextNumber()
            asked = number
            state.withLock { $0.question = (number, body) }
            flush()
        case .ask: disagree("it asks and asks")
        case .open: open()
        case .refused(let why): disagree(why)
        case .later: disagree(nil)
        }
    }

    /// The other side does not take us. What it had taken before holds while it lets it.
    func disagree(_ why: String?) {
        answerBy = .max
        let (isUp, socket) = state.withLock { ($0.isUp, $0.socket) }
        guard !isUp else { return askAgain() }
        if let why { refuse(why) }
        lost(socket, .lost)
    }

    private func askAgain() {
        guard let preface else { return }
        askAt = monotonic() &+ preface.period.nanoseconds
        loop.wake(by: askAt)
    }

    /// Tells the calls that wait for a connection why none comes about.
    private func refuse(_ why: String) {
        var gone: [Answer] = []
        state.withLock { state in
            state.trouble = why
            for (number, call) in state.calls where call.unsent != nil {
                gone.append(call.answer)
                _ = state.take(number)
            }
        }
        for answer in gone { answer.resume(throwing: NngCallError.refused(why)) }
    }

    private func open() {
        answerBy = .max
        askAgain()
        state.withLock { ($0.isUp, $0.trouble) = ($0.socket != nil, nil) }
        flush()
        tell()
    }
}
