public import MeshContract

/// How a command ended, as its exit code; the numbers above 63 are those of sysexits(3).
public enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 2
    /// The input does not have the form it must have.
    case badInput = 65
    /// The input file is missing or cannot be read.
    case noInput = 66
    /// A service, or a provider behind it, is not there.
    case unavailable = 69
    case internalError = 70
    /// It may work later.
    case temporary = 75
    /// Not allowed, or not logged in.
    case denied = 77
    /// Not enough credits, or over a cap.
    case noCredits = 78

    /// One table from faults to exit codes, for every command line.
    public init(_ fault: Fault) {
        switch fault.code {
        case .invalid: self = .badInput
        case .notFound, .conflict: self = .failure
        case .unauthenticated, .denied: self = .denied
        case .noCredits, .capped: self = .noCredits
        case .unavailable, .upstream: self = .unavailable
        case .overloaded, .limited, .timedOut: self = .temporary
        case .internal: self = .internalError
        default: self = .failure
        }
    }
}

/// What is wrong with a command line, in words for the person who typed it.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
