/// The requests for one answer: which target is asked next, and when no more is asked.
///
/// A state machine that performs nothing: whoever drives it asks, waits and says what came of it.
public struct AttemptPlan: Sendable {
    public enum Step: Sendable, Equatable {
        case ask(Target)
        /// Nothing can be asked before this moment.
        case wait(until: UInt64)
        /// Every way that is left is in use; one may come free before the deadline.
        case queue(until: UInt64)
        case stop(End)
    }

    /// Why no more is asked.
    public enum End: Sendable, Equatable {
        /// The last failure is the answer.
        case failed
        /// What is left would have to wait until then, which is past the deadline.
        case tooLate(UInt64)
    }

    /// What a target can do now, from cool-downs and limits.
    public struct Outlook: Sendable, Equatable {
        public var standing: CoolDowns.Standing
        public var room: LimitBook.Room

        public init(_ standing: CoolDowns.Standing = .ready, _ room: LimitBook.Room = .now) {
            (self.standing, self.room) = (standing, room)
        }
    }

    private struct Way: Sendable {
        let target: Target
        let weight: Int
        var asked = 0
        var failures = 0
        /// Its own pause after a failure.
        var notBefore: UInt64 = 0
        var isOut = false
    }

    private struct Stage: Sendable {
        var ways: [Way]
        var asked = 0
    }

    private var stages: [Stage]
    private let tries: Int
    private let backoff: Backoff
    private let deadline: UInt64
    private var isOver = false
    /// Requests so far.
    public private(set) var count = 0

    /// At `deadline` the answer must have begun.
    public init(_ route: Route, backoff: Backoff = Backoff(), deadline: UInt64) {
        stages = route.tiers.map { tier in
            Stage(ways: tier.targets.map { Way(target: $0.target, weight: max($0.weight, 1)) })
        }
        tries = max(route.tries, 1)
        (self.backoff, self.deadline) = (backoff, deadline)
    }

    /// What to do now. The tiers go in their order; within one, what was asked least goes first, and
    /// among those the weights decide with `chance`, from zero up to one.
    public mutating func next(
        now: UInt64, chance: Double, outlook: (Target) -> Outlook
    ) -> Step {
        guard !isOver, now < deadline else { return .stop(.failed) }
        var soonest = UInt64.max
        var resting = UInt64.max
        var isFull = false
        var lastResort: (stage: Int, ways: [Int])?
        for stage in stages.indices where stages[stage].asked < tries {
            var ready: [Int] = []
            var cooling: [Int] = []
            var pausing = UInt64.max
            for way in stages[stage].ways.indices where !stages[stage].ways[way].isOut {
                let outlook = outlook(stages[stage].ways[way].target)
                let pause = stages[stage].ways[way].notBefore
                switch (outlook.standing, outlook.room) {
                case (.asked(let until), _):
                    soonest = min(soonest, max(until, pause))
                case (_, .full): isFull = true
                case (_, .at(let until)): soonest = min(soonest, max(until, pause))
                case (.cooling, .now) where now >= pause: cooling.append(way)
                case (.ready, .now) where now >= pause: ready.append(way)
                case (.cooling, .now): resting = min(resting, pause)
                case (.ready, .now): pausing = min(pausing, pause)
                }
            }
            if !ready.isEmpty { return ask(stage, ready, chance) }
            // A pause of ours is short: what is behind this tier is for when the tier has failed.
            if pausing < deadline { return .wait(until: min(pausing, soonest)) }
            if lastResort == nil, !cooling.isEmpty { lastResort = (stage, cooling) }
        }
        // To leave the only way alone would make its failure last longer.
        if let lastResort { return ask(lastResort.stage, lastResort.ways, chance) }
        soonest = min(soonest, resting)
        if isFull { return .queue(until: min(soonest, deadline)) }
        guard soonest != .max else { return .stop(.failed) }
        return soonest < deadline ? .wait(until: soonest) : .stop(.tooLate(soonest))
    }

    private mutating func ask(_ stage: Int, _ ways: [Int], _ chance: Double) -> Step {
        let least = ways.map { stages[stage].ways[$0].asked }.min() ?? 0
        let fresh = ways.filter { stages[stage].ways[$0].asked == least }
        let sum = fresh.reduce(0) { $0 + stages[stage].ways[$1].weight }
        var left = Int(Double(sum) * min(max(chance, 0), 1))
        var chosen = fresh[fresh.count - 1]
        for way in fresh {
            left -= stages[stage].ways[way].weight
            if left < 0 {
                chosen = way
                break
            }
        }
        stages[stage].ways[chosen].asked += 1
        stages[stage].asked += 1
        count += 1
        return .ask(stages[stage].ways[chosen].target)
    }

    /// A target that was given out could not be asked after all, as when its last place was taken.
    public mutating func withdrew(_ target: Target) {
        guard let (stage, way) = place(of: target) else { return }
        stages[stage].ways[way].asked -= 1
        stages[stage].asked -= 1
        count -= 1
    }

    /// Once a word was shown, nothing is asked again: the answer cannot be begun anew unseen.
    public mutating func shown() { isOver = true }

    public mutating func failed(
        _ target: Target, _ failure: Failure, now: UInt64, chance: Double
    ) {
        switch failure.kind.consequence {
        case .nowhere: isOver = true
        case .otherKey: exclude { $0.lane == target.lane }
        case .otherModel: exclude { ($0.provider, $0.model) == (target.provider, target.model) }
        case .otherTarget: exclude { $0 == target }
        case .again:
            guard failure.mayRepeat else { return exclude { $0 == target } }
            guard let (stage, way) = place(of: target) else { return }
            stages[stage].ways[way].failures += 1
            let pause = backoff.pause(
                after: stages[stage].ways[way].failures, asked: failure.retryAfter, chance: chance)
            let until = now &+ pause.nanosecondsClamped
            for stage in stages.indices {
                for way in stages[stage].ways.indices
                where stages[stage].ways[way].target == target {
                    stages[stage].ways[way].notBefore = until
                }
            }
        }
    }

    private func place(of target: Target) -> (Int, Int)? {
        for stage in stages.indices {
            let way = stages[stage].ways.firstIndex { $0.target == target && $0.asked > 0 }
            if let way { return (stage, way) }
        }
        return nil
    }

    private mutating func exclude(_ isMeant: (Target) -> Bool) {
        for stage in stages.indices {
            for way in stages[stage].ways.indices where isMeant(stages[stage].ways[way].target) {
                stages[stage].ways[way].isOut = true
            }
        }
    }
}
