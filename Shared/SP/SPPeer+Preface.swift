import EventLoop
import Synchronization

/// What a peer says of itself before any call, and what happens when it is not believed. All of it
/// on the loop's thread.
extension SPPeer {
    /// Says who we are: on a new connection, and on one that lives when it is time again.
    func introduce() {
        askAt = .max
        questions = 0
        // Who has said goodbye says nothing more.
        guard !isLeaving else { return }
        guard let preface = trust.preface else { return opened() }
        goOn(preface.next(nil))
    }

    func answered(_ answer: [UInt8]) {
        if let preface = trust.preface { goOn(preface.next(answer)) }
    }

    private func goOn(_ step: SPPreface.Step) {
        switch step {
        case .ask(let body) where questions < SPPreface.longest:
            questions += 1
            let number = nextNumber()
            asked = number
            state.withLock { $0.out.append(number: number, body: body, prefix: address.prefix) }
            flush()
        case .ask: disagree("it asks and asks")
        case .open: opened()
        case .refused(let why): disagree(why)
        case .later: disagree(nil)
        }
    }

    /// The other side does not take us. What it had taken before holds while it lets it.
    private func disagree(_ why: String?) {
        guard !state.withLock({ $0.isOpen }) else { return askAgain() }
        if let why { refuse(why) }
        drop(.lost)
    }

    func askAgain() {
        guard let preface = trust.preface else { return }
        askAt = monotonic() &+ preface.period.nanoseconds
        loop.wake(by: askAt)
    }

    /// Tells the calls that wait for a connection why none comes about.
    func refuse(_ why: String) {
        var gone: [Answer] = []
        state.withLock { state in
            state.trouble = why
            for (number, call) in state.calls where call.unsent != nil {
                gone.append(call.answer)
                _ = state.take(number)
            }
        }
        for answer in gone { answer.resume(throwing: SPError.refused(why)) }
    }
}
