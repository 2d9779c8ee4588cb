import MeshContract

/// Decides whether a call is tried again, and after what pause. One for each call.
struct Retrying {
    /// Tries that may have been carried out or that weigh on the callee, the first included.
    private static let tries = 4
    /// Times that a call is sent away unread by services that are about to end.
    private static let moves = 32
    private static let shortest: UInt64 = 20_000_000
    private static let longest: UInt64 = 2_000_000_000

    private let isRepeatable: Bool
    private var tries = 1
    private var moves = 0
    private var losses = 0
    private var pause = shortest
    /// The replicas that have failed this call.
    private(set) var tried: [Int] = []
    /// True when another try was in order but for the budget.
    private(set) var isBroke = false

    init(_ traits: MethodTraits) { isRepeatable = traits.isRepeatable }

    /// The pause before the next try, in nanoseconds, which ends before `left`; nil for none.
    /// `hasOther` tells whether another replica could be asked at once. `budget` spends one retry, or
    /// only counts it when it is free.
    mutating func next(
        after failure: CallFailure, left: UInt64, hasOther: ([Int]) -> Bool,
        budget: (_ isFree: Bool) -> Bool
    ) -> UInt64? {
        guard mayRepeat(failure) else { return nil }
        if let replica = failure.replica, !tried.contains(replica) { tried.append(replica) }
        let asked = UInt64(min(max(failure.fault.retryAfterMilliseconds ?? 0, 0), 86_400_000))
        var rest: UInt64 = 0
        if failure.cause == .answer || !hasOther(tried) {
            rest = max(step(), asked * 1_000_000)
            tried = []
        }
        guard rest < left else { return nil }
        if failure.cause == .leaving {
            moves += 1
            return moves <= Self.moves ? rest : nil
        }
        guard tries < Self.tries else { return nil }
        if failure.cause == .lost { losses += 1 }
        // What went down with its connection is sent again once in any case: there are no more of
        // these calls than were under way, and a restart must not lose any of them.
        guard budget(failure.cause == .lost && losses == 1) else {
            isBroke = true
            return nil
        }
        tries += 1
        return rest
    }

    private func mayRepeat(_ failure: CallFailure) -> Bool {
        switch failure.cause {
        case .final: return false
        case .leaving, .full, .refused: return true
        case .lost: return isRepeatable
        case .answer:
            return isRepeatable
                && (failure.fault.code == .unavailable || failure.fault.code == .overloaded)
        }
    }

    /// Decorrelated jitter: at random between the shortest pause and three times the last one, so
    /// that callers who failed together do not come back together.
    private mutating func step() -> UInt64 {
        pause = min(UInt64.random(in: Self.shortest...pause * 3), Self.longest)
        return pause
    }
}
