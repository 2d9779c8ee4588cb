import Console
import FoundationEssentials
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
                              pairs and chance (--every <n>: one pair in n; --chances <n>; --story <name>;
                              --faults <n>: goes on by chance until there were so many)
          sessions            the same for the Write workflow, whose neighbours die as well
          plants              bugs that are put in have to be found
          stack               a stack of real executables (--programs <folder>, its own without a word):
                              all single kills, then by chance until there are --kills <n>
                              (--lanes <sessions at once>; --pause <ms between two>; --every <n>: one
                              single in n, 0 for none; --pace <us a word>; --keep 1 leaves its folder)
        """

    private static func run(_ arguments: [String]) async throws -> Int32 {
        let flags = try Flags(Array(arguments.dropFirst()))
        try flags.check(
            known: [
                "seed", "seconds", "faults", "every", "chances", "story", "programs", "kills",
                "lanes",
                "pause", "pace", "keep",
            ])
        let seed = try number(flags, "seed") ?? Int.random(in: 1..<1_000_000)
        Terminal.out("seed \(seed)")
        switch arguments.first {
        case "engine": return try await matrix(Scenarios.all, flags, UInt64(seed))
        case "sessions": return try await matrix(Sessions.all, flags, UInt64(seed))
        case "plants": return try await plants(UInt64(seed))
        case "stack": return try await stack(flags, UInt64(seed))
        default: throw UsageError(usage)
        }
    }

    /// All stories, each with all its points, and then chance until there were as many deaths as
    /// asked for.
    private static func matrix(
        _ all: [any Scenario], _ flags: Flags, _ seed: UInt64
    ) async throws -> Int32 {
        let story = try flags.text("story")
        let scenarios = all.filter { story == nil || $0.name == story }
        guard !scenarios.isEmpty else {
            throw UsageError("--story takes one of: \(all.map(\.name).joined(separator: ", "))")
        }
        let (seconds, faults) = (try number(flags, "seconds"), try number(flags, "faults") ?? 0)
        var matrix = Matrix(
            scratch: try Scratch(), plant: nil, seed: seed,
            every: max(1, try number(flags, "every") ?? 1),
            chances: try number(flags, "chances") ?? 500,
            share: seconds.map { .seconds($0) / scenarios.count })
        matrix.report = { Terminal.out("  \($0)") }
        var all = Matrix.Tally()
        let began = ContinuousClock.now
        for scenario in scenarios {
            let began = ContinuousClock.now
            let tally = try await matrix.run(scenario)
            all.add(tally)
            Terminal.out("\(scenario.name): \(tally.points) points, \(tally.text(since: began))")
            for text in tally.wrong { Terminal.out("  VIOLATION \(text)") }
        }
        var random = SplitMix(seed &+ 1)
        while seconds == nil, all.deaths < faults {
            for scenario in scenarios where all.deaths < faults {
                let tally = try await matrix.chance(scenario, cases: 100, seed: random.next())
                all.add(tally)
                for text in tally.wrong {
                    Terminal.out("  VIOLATION \(scenario.name): \(text)")
                }
            }
            Terminal.out("  by chance: \(all.deaths) deaths of \(faults)")
        }
        Terminal.out("in all: \(all.text(since: began))")
        return all.wrong.isEmpty ? 0 : 1
    }

    private static func plants(_ seed: UInt64) async throws -> Int32 {
        var isBlind = false
        let stories: [(World.Plant, any Scenario)] = [
            (.key, Approve()), (.timer, Approve()), (.key, SessionGated()),
        ]
        for (plant, story) in stories {
            let matrix = Matrix(
                scratch: try Scratch(), plant: plant, seed: seed, every: 50, chances: 0, share: nil)
            let tally = try await matrix.run(story)
            let found = tally.wrong.first
            Terminal.out("planted \(plant.rawValue) in \(story.name): \(found ?? "NOT FOUND")")
            if tally.wrong.isEmpty { isBlind = true }
        }
        return isBlind ? 1 : 0
    }

    private static func stack(_ flags: Flags, _ seed: UInt64) async throws -> Int32 {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let order = Siege.Order(
            programs: try flags.text("programs") ?? own.deletingLastPathComponent().path,
            seed: seed, kills: try number(flags, "kills") ?? 2_000,
            lanes: max(1, try number(flags, "lanes") ?? 8),
            pause: .milliseconds(try number(flags, "pause") ?? 400),
            every: try number(flags, "every") ?? 1,
            most: .seconds(try number(flags, "seconds") ?? 3_600), tales: try tales(flags))
        let fake = try await FailingProvider.start()
        let siege = try Siege(
            order,
            settings: [
                "ATELIER_OFFLINE_PACE_US": "\(try number(flags, "pace") ?? 300)",
                "LLM_PROVIDER": "offline", "OLLAMA_URL": "off",
                "OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": "sk-crash",
                "ATELIER_RUNS_PER_USER": "100000",
            ])
        let wrong = try await siege.run()
        Terminal.out(siege.summary)
        for text in wrong { Terminal.out("VIOLATION \(text)") }
        Terminal.out("\(wrong.count) violations")
        if wrong.isEmpty, try number(flags, "keep") ?? 0 == 0 {
            try FileManager.default.removeItem(atPath: siege.crew.folder)
        } else {
            Terminal.out("its folder is kept: \(siege.crew.folder)")
        }
        return wrong.isEmpty ? 0 : 1
    }

    private static func tales(_ flags: Flags) throws -> [Tale] {
        guard let story = try flags.text("story") else { return Tale.quick }
        return try story.split(separator: ",").map {
            guard let tale = Tale(rawValue: String($0)) else {
                throw UsageError(
                    "--story takes \(Tale.quick.map(\.rawValue).joined(separator: ","))")
            }
            return tale
        }
    }

    private static func number(_ flags: Flags, _ name: String) throws -> Int? {
        guard let text = try flags.text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw UsageError("--\(name) takes a number")
        }
        return number
    }
}
