/// An error that says what the journal shall remember of it.
public protocol CodedFailure: Error {
    /// For programs: stable, short, without spaces.
    var failureCode: String { get }
    /// For people. It is kept and shown: no secret belongs in it.
    var failureMessage: String { get }
    /// True when a retry cannot help; the failure is then journaled at its first appearance.
    var isPermanent: Bool { get }
    /// How long the other side asks to be left alone, where it does: the next attempt comes no
    /// earlier.
    var retryAfter: Duration? { get }
    /// The path of an earlier step that a retry has to begin with, because this one has used up
    /// what that began; see `Run.path(ofNext:)`. Nil for the step that failed.
    var retryFrom: String? { get }
}

extension CodedFailure {
    public var retryAfter: Duration? { nil }
    public var retryFrom: String? { nil }
}

/// How a step, a child or a gate failed, as the journal remembers it.
///
/// Thrown alike in the first run of the code and in every later one, so a `catch` decides the same
/// each time. The type of the error that caused it does not survive; its code and message do.
public struct StepFailure: CodedFailure, Sendable, Equatable {
    /// Where in the code it failed, and where a retry begins.
    public let path: String
    /// For programs.
    public let code: String
    /// For people.
    public let message: String

    /// For a workflow that fails a run with a code of its own.
    public init(path: String, code: String, message: String) {
        (self.path, self.code, self.message) = (path, code, message)
    }

    public var failureCode: String { code }
    public var failureMessage: String { message }
    public var isPermanent: Bool { true }

    /// The longest message that is kept.
    static let messageLimit = 2_000

    init(path: String, _ error: any Error) {
        let coded = error as? any CodedFailure
        let message = coded?.failureMessage ?? "\(error)"
        self.init(
            path: coded?.retryFrom ?? path, code: coded?.failureCode ?? "\(type(of: error))",
            message: String(message.prefix(StepFailure.messageLimit)))
    }
}

/// What a step fails with when an attempt took longer than its timeout.
public struct StepTimeout: CodedFailure {
    /// What the attempt was allowed.
    public let limit: Duration

    public var failureCode: String { "timed-out" }
    public var failureMessage: String { "no answer within \(limit)" }
    public var isPermanent: Bool { false }
}
