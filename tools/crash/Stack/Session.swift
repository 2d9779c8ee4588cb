import Contracts
import EventStream
import StackDriver
import Synchronization
import Wire

/// One session of a tale, told by a client who watches it, acts on it, and comes back whenever the
/// stream breaks.
final class Session: Sendable {
    /// What was seen, for the books to be compared with.
    struct Seen: Sendable {
        var told: [Books.Told] = []
        var documents: [String] = []
        /// The points that were passed, in order.
        var moments: [String] = []
        var retries = 0
        var wrong: [String] = []
    }

    private static let patience = Duration.seconds(150)
    /// A run that its services died under too often fails, honestly, and is retried as often.
    private static let mostRetries = 6
    private static let ends: Set<String> = ["completed", "failed", "cancelled"]

    let tale: Tale
    let caller: Caller
    /// The template's id.
    let template: String
    /// Makes every request of this session one of its kind.
    let key: String
    /// What is to happen at the points that it passes.
    let moment: @Sendable (Int, String) async throws -> Void
    private let seen = Mutex(Seen())

    init(
        _ tale: Tale, _ caller: Caller, template: String, key: String,
        moment: @escaping @Sendable (Int, String) async throws -> Void = { _, _ in }
    ) {
        (self.tale, self.caller, self.template) = (tale, caller, template)
        (self.key, self.moment) = (key, moment)
    }

    /// Tells it to its end; whatever is wrong stands in the answer.
    func tell() async -> Seen {
        do {
            try await story()
        } catch {
            complain("\(error)")
        }
        return seen.withLock { $0 }
    }

    private func complain(_ what: String) {
        seen.withLock { $0.wrong.append("\(tale) \(key): \(what)") }
    }

    private func pass(_ label: String) async throws {
        let number = seen.withLock { seen in
            seen.moments.append(label)
            return seen.moments.count - 1
        }
        try await moment(number, label)
    }

    // MARK: The tale

    private func story() async throws {
        let made = try await caller.send(
            "POST", "/templates/\(template)/runs", ["draft": .text(Tale.draft)], key: key)
        guard let id = made?["id"]?.text else { throw Failure("a session without an id") }
        try await pass("made")
        var state = try await watch(id)
        if tale == .retried {
            try await retry(id, life: 1)
            state = try await watch(id)
        } else {
            state = try await revive(id, state)
        }
        if !tale.ends.contains(state) { complain("\(id) is \(state)") }
        try await settle(id, state)
        if tale == .forked { try await fork(id) }
    }

    private func fork(_ id: String) async throws {
        let steps = try await caller.call(Orchestrator.ListSteps(user: caller.user, run: id)).steps
        guard let last = steps.last(where: { $0.path.hasSuffix(".ask") }) else {
            throw Failure("\(id) has no turn to fork from")
        }
        try await pass("to be forked")
        let fork = try await caller.call(
            Orchestrator.ForkRun(
                user: caller.user, id: id, fromStep: last.path, key: key + "-fork"))
        try await pass("forked")
        let state = try await revive(fork.id, try await watch(fork.id))
        if state != "completed" { complain("the fork \(fork.id) is \(state)") }
        try await settle(fork.id, state)
    }

    private func retry(_ id: String, life: Int64) async throws {
        try await pass("to be retried")
        do {
            _ = try await caller.call(Orchestrator.RetryRun(user: caller.user, id: id))
        } catch {
            // Asked again after its answer was lost, it may have ended anew meanwhile.
            guard try caller.life(of: id) > life else { throw error }
        }
        try await pass("retried")
    }

    /// Lets a run go on that failed because a service died under it too often.
    private func revive(_ id: String, _ ended: String) async throws -> String {
        var state = ended
        for life in 1...Self.mostRetries where state == "failed" {
            seen.withLock { $0.retries += 1 }
            try await retry(id, life: Int64(life))
            state = try await watch(id)
        }
        return state
    }

    // MARK: Watching

    private final class Watch: Sendable {
        struct State {
            var last: Int64 = 0
            var end: String?
            var type = ""
            var hasActed = false
        }

        let state = Mutex(State())
    }

    /// Watches to the end of a life, acting as the tale has it, and answers with the state.
    private func watch(_ id: String) async throws -> String {
        let watch = Watch()
        return try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await self.follow(id, watch) }
            group.addTask { try await self.guardian(id) }
            defer { group.cancelAll() }
            while let state = try await group.next() { if let state { return state } }
            throw Failure("\(id) was not watched to its end")
        }
    }

    /// Throws when a run stands still.
    private func guardian(_ id: String) async throws -> String? {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .seconds(1))
            let run = try await caller.send("GET", "/runs/\(id)")
            if run?["state"]?.text == "needs_attention" {
                throw Failure("\(id) needs attention: \(run?["error"]?.text ?? "")")
            }
        }
        let run = try await caller.send("GET", "/runs/\(id)")
        throw Failure("\(id) stands still: \(run.map { "\($0)" } ?? "")")
    }

    private func follow(_ id: String, _ watch: Watch) async throws -> String {
        while true {
            try Task.checkCancellation()
            do {
                try await caller.http.follow(id, after: watch.state.withLock { $0.last }) { event in
                    try await self.see(event, id, watch)
                }
            } catch {
                if error is Failure || error is CancellationError { throw error }
                try await Task.sleep(for: .milliseconds(15))  // the gateway is on its way back
            }
            if let end = watch.state.withLock({ $0.end }) { return end }
            // Who has seen all events before the stream broke is told of no end.
            let run = try await caller.send("GET", "/runs/\(id)")
            let isAll = run?["last_seq"]?.number == watch.state.withLock { $0.last }
            if let state = run?["state"]?.text, isAll, Self.ends.contains(state) { return state }
        }
    }

    /// False once the end was seen.
    private func see(
        _ event: ServerSentEvent, _ id: String, _ watch: Watch
    ) async throws -> Bool {
        if event.type == "end" {
            let end = try event.json["state"]?.text
            watch.state.withLock { $0.end = end }
            return false
        }
        if let number = event.id.flatMap({ Int64($0) }) {
            let before = watch.state.withLock { watch in
                defer { watch.last = number }
                return watch.last
            }
            if number != before + 1 { complain("\(id): event \(number) came after \(before)") }
        } else if event.type != "token" {
            return true
        }
        let isNew = watch.state.withLock { watch in
            defer { watch.type = event.type }
            return watch.type != event.type || event.type != "token"
        }
        if isNew { try await pass(event.type) }
        try await act(on: event, id, watch)
        return true
    }

    private func act(
        on event: ServerSentEvent, _ id: String, _ watch: Watch
    ) async throws {
        let hasActed = watch.state.withLock { $0.hasActed }
        switch (tale, event.type) {
        case (.cancelled, "token") where !hasActed:
            watch.state.withLock { $0.hasActed = true }
            try await cancel(id)
        case (.paused, "token") where !hasActed:
            watch.state.withLock { $0.hasActed = true }
            try await pause(id)
        case (.edited, "token") where !hasActed:
            watch.state.withLock { $0.hasActed = true }
            try await edit(id)
        case (.cancelledAtGate, "gate.opened"): try await cancel(id)
        case (.gated, "gate.opened"): try await decide(id, "final", "approve")
        case (.revised, "gate.opened"):
            let isFirst = !hasActed
            watch.state.withLock { $0.hasActed = true }
            try await decide(
                id, isFirst ? "final" : "final.2", isFirst ? "reject" : "approve")
        default: break
        }
    }

    private func decide(_ id: String, _ gate: String, _ decision: String) async throws {
        try await pass("to be decided")
        let body: WireValue =
            decision == "approve"
            ? ["decision": .text(decision)]
            : ["decision": .text(decision), "feedback": "Shorter, please."]
        let answer = try await caller.send("POST", "/runs/\(id)/gates/\(gate)", body)
        if answer?["state"]?.text != "decided" { complain("\(gate) is not decided") }
        try await pass("decided")
    }

    private func cancel(_ id: String) async throws {
        try await pass("to be cancelled")
        let answer = try await caller.send("POST", "/runs/\(id)/cancel", settled: [409])
        if answer != nil { seen.withLock { $0.moments.append("cancel was acknowledged") } }
        try await pass("cancelled")
    }

    private func pause(_ id: String) async throws {
        try await pass("to be paused")
        guard try await caller.send("POST", "/runs/\(id)/pause", settled: [409]) != nil else {
            return
        }
        try await pass("paused")
        while true {
            let state = try await caller.send("GET", "/runs/\(id)")?["state"]?.text ?? ""
            guard state == "paused" else {
                if Self.ends.contains(state) { return }
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            if try await caller.send("POST", "/runs/\(id)/resume", settled: [409]) != nil { break }
        }
        try await pass("resumed")
    }

    /// Writes a line below the document as it is seen, and does so again when it is not known whether
    /// it arrived.
    private func edit(_ id: String) async throws {
        try await pass("to be edited")
        while true {
            let session = try await caller.send("GET", "/sessions/\(id)")
            guard let text = session?["document"]?.text, let base = session?["revision"]?.text
            else { throw Failure("\(id) has no revision") }
            if text.contains(Tale.line) { break }
            let answer = try await caller.send(
                "PUT", "/sessions/\(id)/document",
                ["document": .text(text + "\n" + Tale.line + "\n"), "base": .text(base)],
                settled: [409, 422])
            if answer != nil { break }
        }
        try await pass("edited")
    }

    // MARK: The end

    /// Compares what the services tell of a run with what was seen, and notes it for the books.
    private func settle(_ id: String, _ state: String) async throws {
        let events = try await caller.items("/runs/\(id)/events?limit=1000")
        let numbers = events.compactMap { $0["seq"]?.number }
        if numbers != Array(1...Int64(max(events.count, 1))) { complain("\(id): \(numbers)") }
        func steps(_ type: String) -> [String] {
            events.filter { $0["type"]?.text == type }.compactMap { $0["data"]?["step"]?.text }
        }
        for type in ["turn.started", "turn.completed"] {
            let all = steps(type)
            if Set(all).count != all.count { complain("\(id): \(type) twice: \(all)") }
        }
        let isAcknowledged = seen.withLock { $0.moments.contains("cancel was acknowledged") }
        if isAcknowledged && state != "cancelled" {
            complain("\(id): its cancel was acknowledged, and it is \(state)")
        }
        let own = steps("turn.completed").filter {
            $0.hasPrefix(id + "/") || $0.hasPrefix(id + "~")
        }
        let document = try await caller.send("GET", "/sessions/\(id)")?["document"]?.text ?? ""
        let told = Books.Told(
            run: id, state: state, turns: Set(own), isEdited: tale == .edited)
        seen.withLock { seen in
            seen.told.append(told)
            if state == "completed" { seen.documents.append(document) }
        }
        for text in try Books(caller.folder).wrong(told) { complain(text) }
    }
}
