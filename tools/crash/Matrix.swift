import Console
import Synchronization

/// Every way to die, one after the other: all singles, all ordered pairs, then chance.
struct Matrix {
    struct Tally: Sendable {
        var points = 0
        var singles = 0
        var pairs = 0
        var chances = 0
        var deaths = 0
        var wrong: [String] = []

        var cases: Int { singles + pairs + chances }

        mutating func add(_ other: Tally) {
            points += other.points
            singles += other.singles
            pairs += other.pairs
            chances += other.chances
            deaths += other.deaths
            wrong += other.wrong
        }

        func text(since began: ContinuousClock.Instant) -> String {
            let time = ContinuousClock.now - began
            let rate = deaths * 1_000 / max(1, Int(time / .milliseconds(1)))
            return "\(singles) singles, \(pairs) pairs, \(chances) by chance, \(deaths) deaths, "
                + "\(wrong.count) violations, \(time.components.seconds) s, \(rate) deaths/s"
        }
    }

    /// Cases under way at once: most of a case is waiting.
    private static let atOnce = 10
    private static let mostComplaints = 20

    let scratch: Scratch
    let plant: World.Plant?
    let seed: UInt64
    /// Of the pairs, one in so many; 1 for all.
    let every: Int
    /// Random cases of each scenario.
    let chances: Int
    /// The time that each story has; nil for as long as it takes.
    let share: Duration?
    /// Told how a long story comes along.
    var report: @Sendable (String) -> Void = { _ in }

    /// Chance alone, for as many cases.
    func chance(_ scenario: any Scenario, cases: Int, seed: UInt64) async throws -> Tally {
        var tally = Tally()
        var random = SplitMix(seed)
        tally.chances = try await tell(
            scenario, Self.chances(cases, &random), until: nil, into: &tally)
        return tally
    }

    private static func chances(_ count: Int, _ random: inout SplitMix) -> [[Fate.Plan]] {
        (0..<count).map { _ in (0..<4).map { _ in .chance(30_000, seed: random.next()) } }
    }

    func run(_ scenario: any Scenario) async throws -> Tally {
        let deadline = share.map { ContinuousClock.now + $0 }
        let points = try await points(of: scenario)
        var tally = Tally(points: points.count)
        var plans: [[Fate.Plan]] = points.map { [.at($0)] }
        tally.singles = try await tell(scenario, plans, until: deadline, into: &tally)
        guard tally.wrong.isEmpty || plant == nil else { return tally }  // it is found
        var random = SplitMix(seed)
        plans = points.flatMap { first in points.map { [.at(first), .at($0)] } }
        if every > 1 {
            plans = plans.filter { _ in Int.random(in: 0..<every, using: &random) == 0 }
        }
        plans.shuffle(using: &random)
        tally.pairs = try await tell(scenario, plans, until: deadline, into: &tally)
        tally.chances = try await tell(
            scenario, Self.chances(chances, &random), until: deadline, into: &tally)
        return tally
    }

    /// Groups of commits differ from time to time: what several undisturbed processes pass, and
    /// those that come after a death.
    private func points(of scenario: any Scenario) async throws -> [Point] {
        var known: Set<Point> = []
        var points: [Point] = []
        func learn(_ verdict: Case.Verdict) throws {
            if plant == nil, !verdict.wrong.isEmpty {
                throw Failure("\(scenario.name), undisturbed: \(verdict.wrong)")
            }
            for point in verdict.traces.joined() where known.insert(point).inserted {
                points.append(point)
            }
        }
        for _ in 0..<3 { try learn(try await verdict(scenario, [])) }
        for point in points where point.label.hasSuffix("committed") && point.occurrence == 1 {
            try learn(try await verdict(scenario, [.at(point)]))
        }
        return points.sorted { "\($0)" < "\($1)" }
    }

    private func verdict(
        _ scenario: any Scenario, _ plans: [Fate.Plan]
    ) async throws -> Case.Verdict {
        try await Case(scenario: scenario, plans: plans, plant: plant, scratch: scratch).run()
    }

    /// Answers with how many were told before the time was over.
    private func tell(
        _ scenario: any Scenario, _ plans: [[Fate.Plan]], until deadline: ContinuousClock.Instant?,
        into tally: inout Tally
    ) async throws -> Int {
        var told = 0
        var left = plans[...]
        let total = plans.count
        var reported = ContinuousClock.now
        try await withThrowingTaskGroup(of: ([Fate.Plan], Case.Verdict).self) { group in
            func next() {
                if let deadline, ContinuousClock.now > deadline { return }
                guard let plans = left.popFirst() else { return }
                group.addTask { (plans, try await verdict(scenario, plans)) }
            }
            for _ in 0..<Self.atOnce { next() }
            while let (plans, verdict) = try await group.next() {
                told += 1
                tally.deaths += verdict.deaths
                if ContinuousClock.now - reported > .seconds(20) {
                    reported = ContinuousClock.now
                    report("\(scenario.name): \(told) of \(total), \(tally.deaths) deaths")
                }
                if !verdict.wrong.isEmpty {
                    let how = plans.map { "[\($0.text)]" }.joined(separator: " then ")
                    if tally.wrong.count < Self.mostComplaints {
                        tally.wrong.append("\(how): \(verdict.wrong.joined(separator: "; "))")
                    }
                    if plant != nil { return }  // it is found
                }
                next()
            }
        }
        return told
    }
}

extension Fate.Plan {
    var text: String {
        switch self {
        case .lives: "lives"
        case .at(let point): "\(point)"
        case .chance(_, let seed): "seed \(seed)"
        }
    }
}
