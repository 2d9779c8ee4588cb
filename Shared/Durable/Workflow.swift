/// An ordinary async function whose steps survive the process.
///
/// The function is run again from the top after a crash or a long wait; what stands in the journal
/// is returned instead of repeated. Code between the operations of `Run` therefore runs again:
/// time, chance and the outside belong into steps, and no set or dictionary may order them.
public protocol Workflow<Input>: Sendable {
    associatedtype Input: Codable & Sendable
    associatedtype Output: Codable & Sendable

    /// Stands in the journal, together with `version`.
    static var name: String { get }

    /// Raised with every change that moves, renames or removes a step; old versions stay
    /// registered.
    static var version: Int { get }

    func run(_ input: Input, _ run: Run) async throws -> Output
}

/// The result of a step that has nothing to say.
public struct Done: Codable, Sendable, Equatable {
    /// There is only one.
    public init() {}
}

/// True for errors that only unwind the function: eviction, pause, shutdown, cancellation.
///
/// A `catch` that swallows one harms no journal, but its own effects would be wrong: rethrow it, or
/// catch `StepFailure` alone.
public func isUnwinding(_ error: any Error) -> Bool {
    error is Unwound || error is CancellationError
}

struct Unwound: Error {}
