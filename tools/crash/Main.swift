import Console
import Glibc

/// Kills everything at every point, and looks what is left.
@main
enum Main {
    static func main() async {
        do {
            exit(try await run(Array(CommandLine.arguments.dropFirst())))
        } catch {
            Terminal.error("atelier-crash: \(error)")
            exit(error is UsageError ? ExitCode.usage.rawValue : ExitCode.failure.rawValue)
        }
    }

    private static let usage = """
        usage: atelier-crash <part> [--seed <number>] [--seconds <most>]
          engine              processes of the engine alone, in this process: all singles, all ordered
                              pairs and chance (--every <n>: one pair in n; --chances <n>; --story <name>)
          plants              bugs that are put in have to be found
        """

    private static func run(_ arguments: [String]) async throws -> Int32 {
        let flags = try Flags(Array(arguments.dropFirst()))
        try flags.check(known: ["seed", "seconds", "every", "chances", "story"])
        let seed = try number(flags, "seed") ?? Int.random(in: 1..<1_000_000)
        Terminal.out("seed \(seed)")
        switch arguments.first {
        case "engine": return try await engine(flags, UInt64(seed))
        case "plants": return try await plants(UInt64(seed))
        default: throw UsageError(usage)
        }
    }

    private static func engine(_ flags: Flags, _ seed: UInt64) async throws -> Int32 {
        let story = try flags.text("story")
        let scenarios = Scenarios.all.filter { story == nil || $0.name == story }
        let seconds = try number(flags, "seconds")
        let matrix = Matrix(
            scratch: try Scratch(), plant: nil, seed: seed,
            every: try number(flags, "every") ?? 1, chances: try number(flags, "chances") ?? 500,
            share: seconds.map { .seconds($0) / scenarios.count })
        var (deaths, cases, wrong) = (0, 0, 0)
        for scenario in scenarios {
            let began = ContinuousClock.now
            let tally = try await matrix.run(scenario)
            deaths += tally.deaths
            cases += tally.cases
            wrong += tally.wrong.count
            Terminal.out(
                "\(scenario.name): \(tally.points) points, \(tally.singles) singles, "
                    + "\(tally.pairs) pairs, \(tally.chances) by chance, \(tally.deaths) deaths, "
                    + "\(tally.wrong.count) violations, \((ContinuousClock.now - began).components.seconds) s"
            )
            for text in tally.wrong { Terminal.out("  VIOLATION \(text)") }
        }
        Terminal.out("\(cases) cases, \(deaths) deaths, \(wrong) violations")
        return wrong == 0 ? 0 : 1
    }

    private static func plants(_ seed: UInt64) async throws -> Int32 {
        var isBlind = false
        for plant in World.Plant.allCases {
            let matrix = Matrix(
                scratch: try Scratch(), plant: plant, seed: seed, every: 50, chances: 0, share: nil)
            let tally = try await matrix.run(Approve())
            Terminal.out("planted \(plant.rawValue): \(tally.wrong.first ?? "NOT FOUND")")
            if tally.wrong.isEmpty { isBlind = true }
        }
        return isBlind ? 1 : 0
    }

    private static func number(_ flags: Flags, _ name: String) throws -> Int? {
        guard let text = try flags.text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw UsageError("--\(name) takes a number")
        }
        return number
    }
}
