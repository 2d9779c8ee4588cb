import EventLoop
import Glibc

/// One command from its start to its end, on the thread that watches it: reads what it says, stops
/// it when its time is over, and learns how it ended.
struct Supervision {
    private enum Source: Int, CaseIterable {
        case output, error, status
    }

    private static let tick: UInt64 = 2_000_000
    /// How long pipes may stay open once the command has ended or was killed.
    private static let grace: UInt64 = 1_000_000_000
    /// How long bubblewrap has to notice that its sandbox is dead.
    private static let notice: UInt64 = 250_000_000

    private let leaf: ControlGroups.Leaf?
    private let pid: pid_t
    private let isIsolated: Bool
    private let started: UInt64
    private let deadline: UInt64
    private var sources: [Source: Descriptor]
    private var output: OutputBuffer
    private var error: OutputBuffer
    /// The first words on the error stream, which are bubblewrap's own when it gives up.
    private var firstWords = OutputBuffer(limit: 1_024)
    private var status = BubblewrapStatus()
    private var isTimedOut = false
    private var end: UInt64?
    private var waitStatus: Int32?

    /// Runs it under bubblewrap. All its processes are gone when this returns.
    static func run(
        _ order: Order, in bubblewrap: Bubblewrap, leaf: ControlGroups.Leaf?
    ) throws(RunnerError) -> Outcome {
        var supervision = try begin(order, in: bubblewrap, leaf)
        return try supervision.watch()
    }

    /// Runs it without isolation. What it left in other process groups lives on.
    static func run(
        _ order: Order, in folder: PlainFolder, user: UInt32?, leaf: ControlGroups.Leaf?
    ) throws(RunnerError) -> Outcome {
        var supervision = try begin(order, in: folder, user, leaf)
        return try supervision.watch()
    }

    // These two return before the watch begins: our copies of the child's ends go with them, and
    // without that no pipe would ever end.

    private static func begin(
        _ order: Order, in bubblewrap: Bubblewrap, _ leaf: ControlGroups.Leaf?
    ) throws(RunnerError) -> Supervision {
        let streams = try Streams(order.input, user: bubblewrap.user)
        let status = try Descriptor.pipe()
        let launch = try bubblewrap.launch(
            order, streams: streams.given, status: status.write, leaf: leaf)
        return try Supervision(
            launch, order.limits,
            [.output: streams.output, .error: streams.error, .status: status.read],
            leaf)
    }

    private static func begin(
        _ order: Order, in folder: PlainFolder, _ user: UInt32?, _ leaf: ControlGroups.Leaf?
    ) throws(RunnerError) -> Supervision {
        let streams = try Streams(order.input, user: user)
        var limits = order.limits
        // Outside a namespace it counts all that the user runs: a bound, but of another kind.
        limits.processes = max(limits.processes, 4_096)
        var arguments = Limiter.arguments(limits) + order.command
        if let user {
            arguments =
                ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--"]
                + arguments
        }
        let environment = [
            "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(folder.path)", "TMPDIR=\(folder.path)",
        ]
        let launch = Launch(
            arguments: leaf?.joining(arguments, environment: environment) ?? arguments,
            descriptors: streams.given, environment: environment, folder: folder.path)
        return try Supervision(
            launch, order.limits, [.output: streams.output, .error: streams.error], leaf)
    }

    private init(
        _ launch: Launch, _ limits: Limits, _ sources: [Source: Descriptor],
        _ leaf: ControlGroups.Leaf?
    ) throws(RunnerError) {
        (self.sources, self.leaf) = (sources, leaf)
        output = OutputBuffer(limit: limits.outputBytes)
        error = OutputBuffer(limit: limits.outputBytes)
        isIsolated = sources[.status] != nil
        started = monotonic()
        deadline = started + UInt64(limits.wallMilliseconds) * 1_000_000
        pid = try launch.start()
    }

    // MARK: The watch

    private mutating func watch() throws(RunnerError) -> Outcome {
        while true {
            reap()
            let now = monotonic()
            if waitStatus != nil && sources.isEmpty { break }
            if let end, now >= end + Self.grace { break }
            if end == nil && now >= deadline {
                isTimedOut = true
                kill(gently: true)
                end = now
            }
            if let end, now >= end + Self.notice { kill(gently: false) }
            wait(now)
        }
        if waitStatus == nil {
            kill(gently: false)
            var last: Int32 = 0
            waitStatus = waitpid(pid, &last, 0) == pid ? last : nil
        }
        return try outcome()
    }

    /// Sleeps until there is something to read or to do, and reads it.
    private mutating func wait(_ now: UInt64) {
        let open = Source.allCases.filter { sources[$0] != nil }
        var polls = open.map { source in
            pollfd(fd: sources[source]?.raw ?? -1, events: Int16(POLLIN), revents: 0)
        }
        // bubblewrap's end closes the status; anything else is noticed by asking.
        let isTold = sources[.status] != nil && end == nil
        let wake = min(isTold ? .max : now + Self.tick, end == nil ? deadline : .max)
        let pause = wake > now ? (wake - now) / 1_000_000 + 1 : 0
        guard poll(&polls, nfds_t(polls.count), Int32(min(pause, 60_000))) > 0 else { return }
        for (source, poll) in zip(open, polls) where poll.revents != 0 { read(source) }
    }

    private mutating func read(_ source: Source) {
        guard let descriptor = sources[source] else { return }
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            let count = Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
            guard count > 0 else {
                sources[source] = nil
                return
            }
            let bytes = buffer[..<count]
            switch source {
            case .output: output.append(bytes)
            case .error:
                error.append(bytes)
                firstWords.append(bytes)
            case .status: status.append(bytes)
            }
        }
    }

    private mutating func reap() {
        guard waitStatus == nil else { return }
        var status: Int32 = 0
        let found = waitpid(pid, &status, WNOHANG)
        guard found == pid || (found < 0 && errno == ECHILD) else { return }
        waitStatus = found == pid ? status : 0
        end = end ?? monotonic()
        Glibc.kill(-pid, SIGKILL)  // what is left of its group
    }

    /// Ends all at once: inside, the end of process 1 is the end of the namespace. Gently, that is
    /// all, and bubblewrap lives to bury it; otherwise it would be left to the machine's init.
    private func kill(gently: Bool) {
        guard waitStatus == nil else { return }
        if let child = status.child {
            Glibc.kill(child, SIGKILL)
            if gently { return }
        }
        leaf?.kill()
        Glibc.kill(-pid, SIGKILL)
        Glibc.kill(pid, SIGKILL)
    }

    // MARK: The end

    private func outcome() throws(RunnerError) -> Outcome {
        let ending = try ending()
        let kills = leaf?.memoryKills ?? 0
        let isOutOfMemory =
            kills > 0
            || (ending != .exited(0) && !isTimedOut && Outcome.complains(ofMemory: error.text))
        return Outcome(
            ending: ending, standardOutput: output.text, standardError: error.text,
            isTruncated: output.isTruncated || error.isTruncated, isTimedOut: isTimedOut,
            isOutOfMemory: isOutOfMemory,
            wallMilliseconds: Int((monotonic() - started) / 1_000_000))
    }

    private func ending() throws(RunnerError) -> Ending {
        if isTimedOut { return .signalled(Int(SIGKILL)) }
        if let code = status.exitCode { return Ending(code: code) }
        guard isIsolated, leaf?.memoryKills ?? 0 == 0 else {
            let raw = waitStatus ?? 0
            let signal = raw & 0x7f  // wait(2): the low bits are the signal, the next byte the code
            return signal == 0 ? .exited(Int(raw >> 8 & 0xff)) : .signalled(Int(signal))
        }
        // Without an exit code in the status the command never began.
        let words = firstWords.text
        throw .setup(words.isEmpty ? "ended without a word" : words)
    }
}

/// The three streams of a command: a file in, two pipes out.
private struct Streams {
    let given: [Descriptor]
    let output: Descriptor
    let error: Descriptor

    init(_ input: String, user: UInt32?) throws(RunnerError) {
        let (out, error) = (try Descriptor.pipe(), try Descriptor.pipe())
        given = [try Descriptor.file(Array(input.utf8)), out.write, error.write]
        (output, self.error) = (out.read, error.read)
        for descriptor in given { descriptor.give(to: user) }
    }
}
