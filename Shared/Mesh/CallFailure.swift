import MeshContract

/// Why one try of a call brought no reply.
struct CallFailure: Error {
    enum Cause: Equatable {
        /// The callee's own words.
        case answer
        /// The callee refused before it had begun.
        case refused
        /// The connection ended with the call under way.
        case lost
        /// The callee is about to end and has not looked at it.
        case leaving
        /// Too much waits on this side already.
        case full
        /// Nothing will help: the time is over, the caller gave up, all circuits are open.
        case final
    }

    let fault: Fault
    let cause: Cause
    /// Which replica it was; nil for none.
    var replica: Int?

    init(_ fault: Fault, _ cause: Cause, replica: Int? = nil) {
        (self.fault, self.cause, self.replica) = (fault, cause, replica)
    }

    init(_ error: ChannelError, _ service: String, _ size: Int, _ time: Duration, _ replica: Int) {
        let cause: Cause =
            switch error {
            case .lost: .lost
            case .leaving: .leaving
            case .full: .full
            case .absent: .answer
            case .deadline, .closed, .tooLarge, .cancelled, .refused: .final
            }
        self.init(error.fault(service, size, within: time), cause, replica: replica)
    }

    /// What a callee answered instead of a reply.
    init(answer fault: Fault, replica: Int) {
        let isRefusal = fault.notExecuted == true
        let cause: Cause =
            !isRefusal ? .answer : fault.code == .unavailable ? .leaving : .refused
        self.init(fault, cause, replica: replica)
    }
}
