import Console
import FoundationEssentials
import Glibc
import Lifecycle
import StackDriver
import Synchronization
import Wire

/// A stack of real executables, killed one service at a time at every point of every tale, and then
/// at random under many sessions at once.
final class Siege: Sendable {
    struct Order: Sendable {
        var programs: String
        var seed: UInt64
        /// How many deaths there are to be in all.
        var kills: Int
        /// Sessions at once while kills come by chance.
        var lanes: Int
        /// Between two kills by chance, on the average.
        var pause: Duration
        /// Of the single kills, one in so many; 0 for none.
        var every: Int
        /// No new kill after this long.
        var most: Duration
        var tales: [Tale]

        /// A gate's time is 36 seconds at least, which a short siege has not.
        var waitsLong: Bool { tales.contains(.gated) && most > .seconds(120) }
    }

    private struct State {
        var told: [Books.Told] = []
        var wrong: [String] = []
        var sessions = 0
        var retries = 0
        var singles = 0
    }

    /// One strike by chance in so many takes all services at once.
    private static let strikesForAPowerCut = 50

    /// After so many strikes the stack is let come up whole.
    private static let strikesBeforeARest = 8

    let order: Order
    let crew: Crew
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init(_ order: Order, settings: [String: String]) throws {
        self.order = order
        crew = try Crew(
            programs: order.programs, folder: "/tmp/atelier-crash-\(getpid())",
            settings: settings)
    }

    var deaths: Int { crew.kills.values.reduce(0, +) }
    private var isLate: Bool { ContinuousClock.now - began > order.most }

    private func note(_ seen: Session.Seen) {
        state.withLock { state in
            state.sessions += 1
            state.told += seen.told
            state.retries += seen.retries
            state.wrong += seen.wrong
        }
        for text in seen.wrong { Terminal.out("  VIOLATION \(text)") }
    }

    /// Answers with whatever was wrong.
    func run() async throws -> [String] {
        Signals.catchAll()
        try crew.startAll()
        defer { crew.abandon() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.crew.watch() }
            group.addTask { [crew] in
                for await _ in Signals.stream() {
                    crew.abandon()
                    _exit(130)
                }
            }
            let caller = try await Caller.reach(crew)
            let calm = try await calm(caller)
            if order.every > 0 { try await singles(caller, calm) }
            try await chance(caller, calm)
            let audit = try await audit(caller)
            group.cancelAll()
            let late = try await crew.stopAll()
            var wrong = state.withLock { $0.wrong } + crew.wrong + audit
            wrong += late.map { "\($0) does not end when it is told to" }
            let told = state.withLock { $0.told }
            wrong += try Books(crew.folder).wrongAltogether(told)
            wrong += try StackPlants(folder: crew.folder).unseen(told)
            return wrong
        }
    }

    // MARK: Undisturbed

    /// How each tale goes when nobody disturbs it: the offline provider is deterministic.
    struct Calm: Sendable {
        var templates: [Tale.Template: String] = [:]
        var documents: [Tale: String] = [:]
        var moments: [Tale: [String]] = [:]
    }

    private func calm(_ caller: Caller) async throws -> Calm {
        var calm = Calm()
        for template in Tale.Template.allCases {
            let kept = try await caller.send(
                "POST", "/templates", template.json, key: "crash-\(template)")
            calm.templates[template] = kept?["id"]?.text
        }
        for tale in order.tales {
            let seen = await session(tale, caller, calm, key: "calm-\(tale)").tell()
            note(seen)
            guard seen.wrong.isEmpty else {
                throw Failure("undisturbed: \(seen.wrong.joined(separator: "; "))")
            }
            calm.documents[tale] = seen.documents.first
            calm.moments[tale] = seen.moments
        }
        calm.documents[.expired] = calm.documents[.gated]
        return calm
    }

    private func session(
        _ tale: Tale, _ caller: Caller, _ calm: Calm, key: String,
        moment: @escaping @Sendable (Int, String) async throws -> Void = { _, _ in }
    ) -> Session {
        Session(
            tale, caller, template: calm.templates[tale.template] ?? "", key: key, moment: moment)
    }

    /// Tells a session, and compares its document with the one of calm times.
    private func tell(
        _ tale: Tale, _ caller: Caller, _ calm: Calm, key: String,
        moment: @escaping @Sendable (Int, String) async throws -> Void = { _, _ in }
    ) async {
        var seen = await session(tale, caller, calm, key: key, moment: moment).tell()
        // A cancel that came too late leaves a whole document as well.
        let wanted = calm.documents[tale == .cancelled ? .plain : tale]
        for document in seen.documents {
            guard let wrong = tale.wrong(document, seen, calm: wanted) else { continue }
            seen.wrong.append("\(tale) \(key): \(wrong)")
        }
        note(seen)
    }

    // MARK: Single kills

    /// Each service at each point of each tale: first at once, then, as far as kills and time go, a
    /// little later, inside of what follows.
    private func singles(_ caller: Caller, _ calm: Calm) async throws {
        var random = SplitMix(order.seed)
        for isLater in [false, true] {
            for tale in order.tales {
                let moments = calm.moments[tale] ?? []
                var (told, points) = (0, 0)
                for place in moments.indices {
                    for service in Crew.services {
                        points += 1
                        let delay = isLater ? Int.random(in: 1...15, using: &random) : 0
                        let isLeftOut = Int.random(in: 0..<order.every, using: &random) > 0
                        if isLeftOut || isLate || deaths >= order.kills { continue }
                        try await single(
                            tale, service, place, .milliseconds(delay), caller, calm)
                        told += 1
                    }
                }
                let when = isLater ? "later" : "at once"
                report("\(tale), \(moments.count) points: \(told) of \(points) singles \(when)")
            }
        }
    }

    private func single(
        _ tale: Tale, _ service: String, _ place: Int, _ delay: Duration, _ caller: Caller,
        _ calm: Calm
    ) async throws {
        let key =
            "\(tale)-\(service)-\(place)-\(delay.components.attoseconds / 1_000_000_000_000_000)"
        let (due, asked) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [crew] in
                for await _ in due {
                    try await Task.sleep(for: delay)
                    try await crew.kill([service])
                }
            }
            await tell(tale, caller, calm, key: key) { [crew] number, _ in
                guard number == place else { return }
                if delay == .zero { try await crew.kill([service]) } else { asked.yield() }
            }
            asked.finish()
            try await group.waitForAll()
        }
        state.withLock { $0.singles += 1 }
    }

    // MARK: Chance

    /// Kills by chance, under as many sessions at once as there are lanes.
    private func chance(_ caller: Caller, _ calm: Calm) async throws {
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<order.lanes {
                group.addTask { [self] in
                    var random = SplitMix(order.seed &+ UInt64(lane) &* 7_919)
                    var number = 0
                    while !isOver.isRaised {
                        // Long waits are cheap, and would keep a lane from anything else.
                        let tales =
                            lane == 0 && order.waitsLong ? [.expired] : order.tales
                        guard let tale = tales.randomElement(using: &random) else { return }
                        number += 1
                        await tell(tale, caller, calm, key: "lane-\(lane)-\(number)")
                    }
                }
            }
            group.addTask { [self] in
                defer { isOver.raise() }
                try await strike(caller)
            }
            try await group.waitForAll()
        }
        report("the end of chance")
    }

    private func strike(_ caller: Caller) async throws {
        var strikes = 0
        var random = SplitMix(order.seed &+ 1)
        var reported = deaths / 100
        let mean =
            Double(order.pause.components.attoseconds) / 1e18
            + Double(order.pause.components.seconds)
        while deaths < order.kills, !isLate {
            // Now and then two at once, or one again that has hardly begun.
            let wait = -log(Double.random(in: 0.000_1..<1, using: &random)) * mean
            try await Task.sleep(for: .seconds(wait))
            let service = Crew.services.randomElement(using: &random) ?? "orchestrator"
            strikes += 1
            // On a machine with other work a start takes longer than the next kill.
            if strikes % Self.strikesBeforeARest == 0 {
                _ = try await caller.send("GET", "/sessions?limit=1")
            }
            let isPowerCut = Int.random(in: 0..<Self.strikesForAPowerCut, using: &random) == 0
            try await crew.kill(isPowerCut ? Crew.services : [service])
            if deaths / 100 > reported {
                reported = deaths / 100
                report("chance")
            }
        }
    }

    private func report(_ what: String) {
        let (sessions, wrong, retries) = state.withLock { ($0.sessions, $0.wrong, $0.retries) }
        let seconds = (ContinuousClock.now - began).components.seconds
        let count = wrong.count + crew.wrong.count
        Terminal.out(
            "[\(seconds) s] \(what): \(deaths) kills, \(sessions) sessions, "
                + "\(retries) retried, \(count) violations")
    }

    var summary: String {
        let (sessions, runs, singles, retries) = state.withLock {
            ($0.sessions, $0.told.count, $0.singles, $0.retries)
        }
        let each = crew.kills.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(deaths) kills (\(singles) single; \(each.joined(separator: ", "))), "
            + "\(sessions) sessions, \(runs) runs, \(retries) retried after a failure"
    }

    // MARK: The end

    /// Billing's own audit, once everything that was told has arrived.
    private func audit(_ caller: Caller) async throws -> [String] {
        let result = try await Program.run(
            order.programs + "/atelier-billing",
            ["call", "audit", "--data", crew.folder],
            environment: ProcessInfo.processInfo.environment)
        var wrong: [String] = []
        if !result.output.contains("\"problems\":[]") {
            wrong.append("billing's audit: \(result.output)")
        }
        // Usage reaches analytics when it does; a stack that is still is given time for it.
        let told = state.withLock { $0.told }
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try Books(crew.folder).uncounted(told).isEmpty { break }
            try await Task.sleep(for: .milliseconds(200))
        }
        return wrong
    }
}

/// Raised once, seen by many.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
