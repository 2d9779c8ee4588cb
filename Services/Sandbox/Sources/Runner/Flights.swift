import Contracts
import MeshContract
import Synchronization

/// Executions under way, so that a call made again joins the first instead of starting another.
final class Flights: Sendable {
    private typealias Joiner = CheckedContinuation<Result<Sandbox.Execution, any Error>?, Never>

    /// How many may wait for one.
    private static let joinerLimit = 64

    private let waiting = Mutex<[String: [Joiner]]>([:])

    /// Runs `body`, or waits for the one that runs under this name already.
    func join(
        _ name: String, _ body: () async throws -> Sandbox.Execution
    ) async throws -> Sandbox.Execution {
        if let landed = try await lead(name) { return try landed.get() }
        let result: Result<Sandbox.Execution, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        let joiners = waiting.withLock { $0.removeValue(forKey: name) ?? [] }
        for joiner in joiners { joiner.resume(returning: result) }
        return try result.get()
    }

    /// nil for the first, who has to do the work.
    private func lead(_ name: String) async throws -> Result<Sandbox.Execution, any Error>? {
        await withCheckedContinuation { (joiner: Joiner) in
            let answer = waiting.withLock { waiting -> Result<Sandbox.Execution, any Error>?? in
                guard let joiners = waiting[name] else {
                    waiting[name] = []
                    return .some(nil)
                }
                guard joiners.count < Self.joinerLimit else {
                    return .some(
                        .failure(Fault(.overloaded, "too many callers wait for one command")))
                }
                waiting[name] = joiners + [joiner]
                return nil
            }
            if let answer { joiner.resume(returning: answer) }
        }
    }
}
