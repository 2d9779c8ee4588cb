import Contracts
import MeshContract

/// What one execution may use.
struct Limits: Sendable, Equatable {
    var wallMilliseconds = 10_000
    var memoryBytes = 256 << 20
    /// Of each output stream.
    var outputBytes = 64 << 10
    /// Processes and threads together.
    var processes = 64
    /// Of the workspace, and of `/tmp` once more.
    var diskBytes = 64 << 20
    /// False when a control group counts the memory that is really used: address space, which some
    /// runtimes reserve by the gigabyte, then need not be short.
    var limitsAddressSpace = true

    /// The most that one process may map; nil for no limit.
    var addressBytes: Int? { limitsAddressSpace ? memoryBytes : nil }
}

/// What may be asked for, at most, and what is given to who asks for nothing.
struct Allowance: Sendable {
    static let leastMemoryBytes = 16 << 20
    static let mostOutputBytes = 1 << 20

    var usual = Limits()
    var mostWallMilliseconds = 60_000
    var mostMemoryBytes = 1 << 30

    /// The limits that `request` asks for. More than there is is refused, not cut: the caller
    /// would take an early end for a fault of the code.
    func limits(
        for request: Sandbox.Execute, refuse: (_ pointer: String, _ message: String) -> Void
    ) -> Limits {
        func pick(_ value: Int?, _ usual: Int, _ range: ClosedRange<Int>, _ pointer: String) -> Int
        {
            guard let value else { return min(usual, range.upperBound) }
            if !range.contains(value) {
                refuse(pointer, "is from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        var limits = usual
        limits.wallMilliseconds = pick(
            request.wallMilliseconds, usual.wallMilliseconds, 1...mostWallMilliseconds,
            "/wallMilliseconds")
        limits.memoryBytes = pick(
            request.memoryBytes, usual.memoryBytes, Self.leastMemoryBytes...mostMemoryBytes,
            "/memoryBytes")
        limits.outputBytes = pick(
            request.outputBytes, usual.outputBytes, 0...Self.mostOutputBytes, "/outputBytes")
        return limits
    }
}
