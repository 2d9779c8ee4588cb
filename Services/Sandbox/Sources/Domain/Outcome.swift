import Contracts

/// How a process ended.
enum Ending: Sendable, Equatable {
    case exited(Int)
    case signalled(Int)

    /// As bubblewrap passes it on, and shells before it: 128 + n stands for signal n. A program that
    /// exits with such a code itself looks the same.
    init(code: Int) {
        self = (129...192).contains(code) ? .signalled(code - 128) : .exited(code)
    }
}

/// What came of an execution.
struct Outcome: Sendable {
    var ending: Ending
    var standardOutput: String
    var standardError: String
    var isTruncated: Bool
    var isTimedOut: Bool
    /// Best effort: the control group's count is certain, the program's own words are a guess.
    var isOutOfMemory: Bool
    var wallMilliseconds: Int

    func execution(_ id: String, startedAt: Int64) -> Sandbox.Execution {
        var (exitCode, signal): (Int?, Int?)
        switch ending {
        case .exited(let code): exitCode = code
        case .signalled(let number): signal = number
        }
        return Sandbox.Execution(
            id: id, exitCode: exitCode, signal: signal, standardOutput: standardOutput,
            standardError: standardError, isTruncated: isTruncated, isTimedOut: isTimedOut,
            isOutOfMemory: isOutOfMemory, wallMilliseconds: wallMilliseconds, startedAt: startedAt)
    }

    /// What programs say when an allocation was refused.
    static func complains(ofMemory text: String) -> Bool {
        [
            "MemoryError", "Cannot allocate memory", "cannot allocate memory", "memory exhausted",
            "bad_alloc", "out of memory", "Out of memory", "OutOfMemory",
        ].contains { text.contains($0) }
    }
}
