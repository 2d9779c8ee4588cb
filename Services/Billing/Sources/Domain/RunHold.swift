/// What is set aside for one run.
struct RunHold: Sendable, Equatable {
    enum State: String, Sendable {
        case open, released, expired
    }

    let run: String
    let account: String
    /// What was asked for at first.
    let amount: Int64
    var captured: Int64
    var remaining: Int64
    /// What the last capture asked for and could not take.
    var shortfall: Int64
    var state: State
    let expiresAt: Int64

    var isOpen: Bool { state == .open }

    init(
        run: String, account: String, amount: Int64, captured: Int64 = 0, remaining: Int64,
        shortfall: Int64 = 0, state: State = .open, expiresAt: Int64
    ) {
        (self.run, self.account, self.amount) = (run, account, amount)
        (self.captured, self.remaining, self.shortfall) = (captured, remaining, shortfall)
        (self.state, self.expiresAt) = (state, expiresAt)
    }
}
