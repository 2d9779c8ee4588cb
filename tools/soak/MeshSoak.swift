import Console
import EventLoop
import Glibc
import Mesh

/// The mesh under load while its processes are killed and started again, every second.
final class MeshSoak {
    private let place: Place
    private let figures = Figures()
    private let load: Load
    private var servers: [Child]
    private let steady: Child
    private var caller: Child
    private var kills = 0
    private var trends = (caller: Trend(), steady: Trend())

    /// True when nothing is wrong.
    static func run(minutes: Double) async throws -> Bool {
        let place = try Place.make()
        defer { place.remove() }
        let soak = try MeshSoak(at: place)
        defer { soak.end() }
        return try await soak.run(minutes)
    }

    private init(at place: Place) throws {
        self.place = place
        servers = try place.seats.dropLast().map { try Self.serve($0) }
        guard let last = place.seats.last else { throw UsageError("nobody is there") }
        steady = try Self.serve(last)
        caller = try Child(["call", place.folder])
        load = Load(place.directory, loops: (0..<3).map { _ in EventLoop() }, figures)
    }

    private static func serve(_ seat: Place.Seat) throws -> Child {
        try Child(["serve", seat.service, seat.url, seat.hints, seat.folder])
    }

    private func end() {
        for child in servers + [steady, caller] {
            child.signal(SIGKILL)
            var status: Int32 = 0
            waitpid(child.process, &status, 0)
        }
    }

    private func run(_ minutes: Double) async throws -> Bool {
        let warmUp = Duration.seconds(min(minutes * 60 / 4, 90))
        load.start(on: Load.Target.allCases)
        let began = ContinuousClock.now
        try await stress(until: began + warmUp, since: began, isCounted: false)
        let before = try await still()
        Terminal.out("warm: \(Self.words(before))")
        try await stress(
            until: began + .seconds(minutes * 60), since: began, isCounted: true)
        let after = try await still()
        Terminal.out("end:  \(Self.words(after))")
        Terminal.out(figures.line)
        Terminal.out(
            "\(kills) ends of processes; caller \(Self.slope(trends.caller)), "
                + "steady \(Self.slope(trends.steady))")
        let faults = Verdict.faults(
            figures, [("the caller", trends.caller), ("the steady service", trends.steady)],
            before: before, after: after)
        for fault in faults { Terminal.out("WRONG: \(fault)") }
        Terminal.out(faults.isEmpty ? "all is well" : "\(faults.count) things are wrong")
        return faults.isEmpty
    }

    private static func slope(_ trend: Trend) -> String { "\(Int(trend.slope)) kB a minute" }

    private static func words(_ still: Still) -> String {
        "caller \(words(still.caller)), \(still.outstanding) calls; "
            + "steady \(words(still.steady)), \(still.inHand) calls"
    }

    private static func words(_ holdings: Holdings) -> String {
        "\(holdings.kilobytes) kB, \(holdings.descriptors) fd, \(holdings.threads) threads"
    }

    // MARK: Stress

    private func stress(
        until end: ContinuousClock.Instant, since began: ContinuousClock.Instant, isCounted: Bool
    ) async throws {
        var sampleAt = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            try await Task.sleep(for: .seconds(1))
            try await killOne()
            guard ContinuousClock.now >= sampleAt else { continue }
            sampleAt += .seconds(10)
            let minutes = Double((ContinuousClock.now - began) / .seconds(1)) / 60
            sample(minutes, isCounted)
        }
    }

    private func sample(_ minutes: Double, _ isCounted: Bool) {
        let (mine, its) = (Holdings(of: getpid()), Holdings(of: steady.process))
        if isCounted {
            trends.caller.add(minutes, mine.kilobytes)
            trends.steady.add(minutes, its.kilobytes)
        }
        Terminal.out(
            "\(Int(minutes * 60)) s: caller \(Self.words(mine)), \(outstanding) calls; "
                + "steady \(Self.words(its)); \(figures.line)")
    }

    /// One server, in turn, and the other caller. Every third server is told to end instead.
    private func killOne() async throws {
        let number = kills % servers.count
        servers[number].signal(kills % 3 == 2 ? SIGTERM : SIGKILL)
        caller.signal(SIGKILL)
        await servers[number].end()
        await caller.end()
        servers[number] = try Self.serve(place.seats[number])
        caller = try Child(["call", place.folder])
        kills += 1
    }

    private var outstanding: Int {
        load.clients.flatMap(\.peers).reduce(0) { $0 + $1.outstanding }
    }

    // MARK: Stillness

    /// Nothing is called, everybody is there, and nobody else calls.
    private func still() async throws -> Still {
        await load.pause()
        caller.signal(SIGKILL)
        await caller.end()
        let client = load.clients[0]
        var inHand = Int.max
        for _ in 0..<500 {
            inHand = (try? await client.stats(Steady.name).inHand) ?? .max
            let areAllUp = load.clients.allSatisfy { $0.peers.allSatisfy(\.isUp) }
            if inHand == 0, outstanding == 0, areAllUp { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        // Descriptors of connections that have ended are closed by then.
        try await Task.sleep(for: .seconds(2))
        let still = Still(
            caller: Holdings(of: getpid()), steady: Holdings(of: steady.process),
            outstanding: outstanding, inHand: inHand)
        caller = try Child(["call", place.folder])
        load.goOn()
        return still
    }
}
