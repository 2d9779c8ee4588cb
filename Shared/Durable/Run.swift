import Synchronization

/// A run as its workflow sees it, or one scope of it.
///
/// A scope is a path; what happens in it happens one after the other, so its operations are
/// numbered by the code alone. Work at the same time needs scopes of its own: `parallel` makes
/// them.
public final class Run: Sendable {
    private struct State {
        var next = 0
        var occupied: String?
        var events: [Event] = []
    }

    let activation: Activation
    let path: String
    let shielded: Bool
    private let state = Mutex(State())

    init(_ activation: Activation, path: String = "", shielded: Bool = false) {
        (self.activation, self.path, self.shielded) = (activation, path, shielded)
    }

    /// The id under which the run was started.
    public var id: String { activation.key }

    /// The run's id, with a number from its first retry on: for what begins anew with each life,
    /// such as credits set aside.
    public var lifeID: String { activation.claim.lifeID }

    /// The ids of the lives before this one, the oldest first.
    public var earlierLives: [String] {
        (1..<activation.claim.life).map { Claim.lifeID(activation.key, $0) }
    }

    /// Where the scope's next operation stands if it has this name: for a later failure to say that
    /// a retry begins there.
    public func path(ofNext name: String) -> String {
        place(of: name, at: state.withLock { $0.next })
    }

    private func place(of name: String, at position: Int) -> String {
        path.isEmpty ? "\(position).\(name)" : "\(path)/\(position).\(name)"
    }

    /// Journals what `body` returns, once. `input` is compared on replay and may be changed by a
    /// fork.
    public func step<In: Codable & Sendable, Out: Codable & Sendable>(
        _ name: String, input: In, _ options: StepOptions = .init(),
        _ body: @escaping @Sendable (In, Step) async throws -> Out
    ) async throws -> Out {
        let digest = Codec.digest(try Codec.encode(input))
        return try await perform(name, digest, options) { override, step in
            try await body(override.map { try Codec.decode(In.self, from: $0) } ?? input, step)
        }
    }

    /// Journals what `body` returns, once.
    public func step<Out: Codable & Sendable>(
        _ name: String, _ options: StepOptions = .init(),
        _ body: @escaping @Sendable (Step) async throws -> Out
    ) async throws -> Out {
        try await perform(name, 0, options) { _, step in try await body(step) }
    }

    /// Appends to the run's events, in the transaction of the scope's next row.
    public func emit(_ kind: String, _ body: some Encodable) throws {
        let event = Event(kind: kind, body: try Codec.encode(body))
        state.withLock { $0.events.append(event) }
    }

    func takeEvents() -> [Event] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    /// Takes over what an inner scope emitted and has not journaled.
    func adopt(_ inner: Run) {
        let left = inner.takeEvents()
        state.withLock { $0.events += left }
    }

    /// Begins the operation at the scope's next position, and answers with its path.
    func enter(_ name: String, leaf: Bool) throws -> String {
        guard !name.contains("/") else {
            throw activation.end(.attention("a step's name has no slash: \(name)"))
        }
        let (position, other) = state.withLock { state in
            let other = state.occupied
            if other == nil { (state.occupied, state.next) = (name, state.next + 1) }
            return (state.next - 1, other)
        }
        if let other {
            throw activation.end(
                .attention("\(name) began while \(other) ran in the same scope; use parallel"))
        }
        do {
            try activation.checkPosition(path, position, name, leaf: leaf)
        } catch {
            leave()
            throw error
        }
        return place(of: name, at: position)
    }

    func leave() { state.withLock { $0.occupied = nil } }

    private func perform<Out: Codable & Sendable>(
        _ name: String, _ digest: Int64, _ options: StepOptions,
        _ body: @escaping @Sendable ([UInt8]?, Step) async throws -> Out
    ) async throws -> Out {
        try await activation.boundary()
        let here = try enter(name, leaf: true)
        defer { leave() }
        let entry = try activation.find(here, .step, digest)
        if let entry, let outcome = entry.outcome {
            _ = takeEvents()  // they were committed with this row
            activation.note(here, digest, outcome, number: entry.number)
            return try activation.decode(Out.self, try outcome.get(), at: here)
        }
        try await activation.meetFrontier(here, shielded: shielded)
        try activation.admit(here, digest, reserve: options.reserve, shielded: shielded)
        defer { activation.release(reserve: options.reserve) }
        var record = Record(path: here, kind: .step, digest: digest, isOwn: options.isOwn)
        if options.effect == .once {
            if let entry, !entry.isAhead {
                throw activation.end(.attention("in doubt: \(here) began and its end is unknown"))
            }
            try await activation.commit(record, takeEvents())
        }
        activation.fault("\(here) before")
        let override = entry?.input
        let result = try await attempt(here, options) {
            try Codec.encode(try await body(override, $0))
        }
        activation.fault("\(here) performed")
        record.outcome = result.outcome
        try await activation.commit(record, takeEvents() + result.events, spend: result.spent)
        activation.note(here, digest, result.outcome)
        return try activation.decode(Out.self, try result.outcome.get(), at: here)
    }

    private func attempt(
        _ path: String, _ options: StepOptions,
        _ body: @escaping @Sendable (Step) async throws -> [UInt8]
    ) async throws -> Step.Outcome {
        if !shielded { activation.bodies(add: 1) }
        defer { if !shielded { activation.bodies(add: -1) } }
        return try await Step.attempt(path, options, in: activation, shielded: shielded, body)
    }
}
