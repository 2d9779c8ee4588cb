public import Durable
public import MeshContract

extension StepOptions {
    /// For a call that only has to arrive: a service that restarts is waited for, a minute or two.
    static let patient = StepOptions(attempts: 12, backoff: .milliseconds(50))
}

/// How a fault of another service is journaled.
extension Fault: CodedFailure {
    public var failureCode: String { code.rawValue }
    public var failureMessage: String {
        detail.map { "\(message): \($0)" } ?? message
    }
    public var isPermanent: Bool { !isTransient }
}

/// An answer that is no good: a retry of the run has to ask for another.
struct AnswerFailure: CodedFailure {
    let fault: Fault
    /// True where trying the step again would not help, whatever the fault's code.
    let isPermanent: Bool
    /// The step that has asked for it.
    let retryFrom: String?

    init(_ fault: Fault, isPermanent: Bool, retryFrom place: String) {
        (self.fault, self.isPermanent, retryFrom) = (fault, isPermanent, place)
    }

    var failureCode: String { fault.failureCode }
    var failureMessage: String { fault.failureMessage }
}

/// An answer that is there and not paid: a retry of the run only pays.
struct PaymentFailure: CodedFailure {
    let fault: Fault

    var failureCode: String { fault.failureCode }
    var failureMessage: String { fault.failureMessage }
    var isPermanent: Bool { fault.isPermanent }
}
