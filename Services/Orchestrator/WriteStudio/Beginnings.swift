import Durable
import MeshContract

/// Decides whether an answer that broke off is asked for again.
///
/// A provider service that restarts is waited for, with ever longer pauses; a model that went silent
/// gets one more chance; what a provider refused stays refused.
struct Beginnings {
    private static let mostLost = 12
    private static let mostSilent = 1

    private(set) var mayBegin = true
    private var lost = 0
    private var silent = 0

    /// How long to wait before asking: never none, so that no failure becomes a spin.
    var pause: Duration { .milliseconds(20) * (1 << min(lost + silent, 8)) }

    mutating func note(_ fault: Fault) {
        switch fault.code {
        // The service is away, or back without the answer it was writing.
        case .unavailable, .overloaded, .conflict, .notFound: lost += 1
        case .timedOut: silent += 1
        default: mayBegin = false
        }
        if lost > Self.mostLost || silent > Self.mostSilent { mayBegin = false }
    }
}

/// A turn that failed for good: whatever the fault's code, asking again is over.
struct TurnFailure: CodedFailure {
    let fault: Fault

    var failureCode: String { fault.failureCode }
    var failureMessage: String { fault.failureMessage }
    var isPermanent: Bool { true }
}
