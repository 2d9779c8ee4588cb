import EventLoop
import MeshContract

/// The same question to a second replica when the first one is slow: the first answer counts.
extension Replicas {
    private enum Step: Sendable {
        case ended(Result<Body, CallFailure>)
        case slow
    }

    /// Before enough answers were seen to tell what is slow.
    private static let usual: UInt64 = 100_000_000

    /// Asks the one that was picked and, when it takes longer than it should, one more.
    nonisolated(nonsending) func hedged(
        _ hedge: MethodTraits.Hedge, _ first: Pick, _ message: [UInt8], _ errand: Errand,
        within left: UInt64, from: UInt64
    ) async throws(CallFailure) -> Body {
        let after = hedge.after?.nanoseconds ?? slowest(errand.method) ?? Self.usual
        guard after < left, hasOther(than: [first.id]) else {
            return try await ask(first, message, errand, within: left, from: from)
        }
        let result = await withTaskGroup(of: Step.self) { group in
            group.addTask {
                await .ended(self.result(first, message, errand, within: left, from: from))
            }
            group.addTask {
                try? await Task.sleep(for: .nanoseconds(Int64(after)))  // cancelled: not slow
                return .slow
            }
            var running = 1
            while let step = await group.next() {
                switch step {
                case .slow:
                    let now = monotonic()
                    guard !Task.isCancelled, let second = second(beside: first, at: now) else {
                        continue
                    }
                    running += 1
                    let left = left - min(left, now - from)
                    group.addTask {
                        await .ended(self.result(second, message, errand, within: left, from: now))
                    }
                case .ended(let result):
                    running -= 1
                    // Who went away says nothing about the other one's answer.
                    if case .failure(let failure) = result, failure.isWay, running > 0 { continue }
                    group.cancelAll()
                    return result
                }
            }
            return .failure(CallFailure(Fault(.timedOut, "\(service) did not answer"), .final))
        }
        return try result.get()
    }

    private nonisolated(nonsending) func result(
        _ pick: Pick, _ message: [UInt8], _ errand: Errand, within left: UInt64, from: UInt64
    ) async -> Result<Body, CallFailure> {
        do throws(CallFailure) {
            return .success(try await ask(pick, message, errand, within: left, from: from))
        } catch {
            return .failure(error)
        }
    }
}

extension CallFailure {
    /// True when the way failed, or the callee had not begun.
    fileprivate var isWay: Bool { cause != .answer && cause != .final }
}
