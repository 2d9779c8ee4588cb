import Console
import EventStream
import FoundationEssentials
import Glibc
import StackDriver
import Wire

/// The figures of the whole stack: how soon it is ready, what it takes when idle, how long a token
/// is under way, and what fifty sessions at once come to.
struct StackBench {
    let programs: String

    func run() async throws {
        try await readiness()
        try await tokens()
        try await sessions(50)
    }

    // MARK: Start and idle memory

    private func readiness() async throws {
        var times: [Double] = []
        var memory: [Double] = []
        for round in 1...3 {
            let start = ContinuousClock.now
            let stack = try await LiveStack.start(programs: programs)
            times.append((ContinuousClock.now - start).milliseconds)
            defer { try? stack.stop() }  // a figure was taken; what remains is litter
            try await Task.sleep(for: .seconds(2))
            memory.append(residentShare(of: stack))
            if round == 1 {
                for service in LiveStack.services {
                    let share = stack.process(of: service).map(residentShare) ?? 0
                    Terminal.out("  \(service): \(rounded(share)) MB PSS, idle")
                }
            }
        }
        Terminal.out("ready after: \(list(times)) ms (limit 2000)")
        Terminal.out("idle PSS of seven: \(list(memory)) MB (limit 100)")
    }

    private func residentShare(of stack: LiveStack) -> Double {
        LiveStack.services.compactMap { stack.process(of: $0) }.map(residentShare).reduce(0, +)
    }

    /// Megabytes of a process, shared pages counted in part (proc(5), smaps_rollup).
    private func residentShare(_ process: pid_t) -> Double {
        let file = URL(filePath: "/proc/\(process)/smaps_rollup")
        guard let bytes = try? Data(contentsOf: file) else { return 0 }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("Pss:") }
        let number = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return (number ?? 0) / 1_024
    }

    // MARK: Tokens

    /// From the moment a piece left the provider, by its own clock, to the moment the client has it.
    private func tokens() async throws {
        let stack = try await LiveStack.start(programs: programs)
        defer { try? stack.stop() }  // as above
        let client = try StackClient(stack)
        let run = try await Self.start(client, words: 1_200, rounds: 2)
        var delays: [Double] = []
        try await client.follow(run) { event in
            let now = Self.wallNanoseconds()
            if event.type == "token", case .integer(let left)? = try event.json["left_provider_at"],
                left > 0
            {
                delays.append(Double(now - left) / 1e6)
            }
            return event.type != "end"
        }
        Terminal.out(
            "token, provider to SSE client: \(spread(delays)) ms over \(delays.count) (limit p50 5)"
        )
    }

    // MARK: Many sessions

    private func sessions(_ count: Int) async throws {
        let stack = try await LiveStack.start(
            programs: programs, settings: ["ATELIER_OFFLINE_PACE_US": "0"])
        defer { try? stack.stop() }  // as above
        let client = try StackClient(stack)
        let start = ContinuousClock.now
        let durations = try await withThrowingTaskGroup(of: (Double, Int).self) { group in
            for _ in 0..<count {
                group.addTask {
                    let begun = ContinuousClock.now
                    let run = try await Self.start(client, words: 300, rounds: 3)
                    var turns = 0
                    try await client.follow(run) { event in
                        if event.type == "turn.completed" { turns += 1 }
                        return event.type != "end"
                    }
                    return ((ContinuousClock.now - begun).milliseconds, turns)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let seconds = (ContinuousClock.now - start).milliseconds / 1_000
        let turns = durations.map(\.1).reduce(0, +)
        // Two journaled steps a turn, and hold, store and release for each session.
        let steps = turns * 2 + count * 3
        Terminal.out(
            "\(count) sessions at once, instant provider: \(rounded(seconds)) s, \(turns) turns, "
                + "\(rounded(Double(steps) / seconds)) durable steps/s")
        Terminal.out("a session: \(spread(durations.map(\.0))) ms")
        try await Task.sleep(for: .seconds(5))
        Terminal.out("PSS of seven 5 s after them: \(rounded(residentShare(of: stack))) MB")
    }

    private static func start(_ client: StackClient, words: Int, rounds: Int) async throws -> String
    {
        let sentence =
            "It is basically very important to note that the the report was written in "
            + "order to help people who are new here. "
        let draft = "# Report\n\n" + String(repeating: sentence, count: max(words / 20, 1))
        let session = try await client.send(
            "POST", "/api/v1/sessions",
            .map([
                .init(key: "draft", value: .text(draft)),
                .init(key: "max_rounds", value: .integer(Int64(rounds))),
            ]))
        guard case .text(let id)? = session["id"] else {
            throw LiveStack.Failure(description: "a session without an id: \(session)")
        }
        try await client.send("POST", "/api/v1/sessions/\(id)/start")
        return id
    }

    private static func wallNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
