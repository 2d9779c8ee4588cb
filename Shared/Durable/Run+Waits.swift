/// Operations that wait. The run leaves memory when nothing else in it is busy.
extension Run {
    /// Waits for a person, who is asked the question. A decision that does not read as `Decision`
    /// parks the run; one that does not come in time is the failure `expired`.
    public func gate<Decision: Codable & Sendable>(
        _ name: String, as _: Decision.Type = Decision.self, asking question: GateQuestion? = nil,
        within: Duration? = nil
    ) async throws -> Decision {
        let (path, answer) = try await wait(
            name, .gate, due: within.map(activation.due),
            question: try question.map { try Codec.encode($0) })
        return try activation.decode(Decision.self, answer, at: path)
    }

    /// Waits for the next signal of this name; signals that came earlier are kept in order.
    public func signal<Body: Codable & Sendable>(
        _ name: String, as _: Body.Type = Body.self, within: Duration? = nil
    ) async throws -> Body {
        let (path, answer) = try await wait(name, .signal, due: within.map(activation.due))
        return try activation.decode(Body.self, answer, at: path)
    }

    /// Waits at least this long, across crashes.
    public func timer(_ name: String = "timer", for duration: Duration) async throws {
        _ = try await wait(name, .timer, due: activation.due(after: duration))
    }

    /// Waits until this moment, in milliseconds since 1970.
    public func timer(_ name: String = "timer", until moment: Int64) async throws {
        _ = try await wait(name, .timer, due: moment)
    }

    /// Starts another workflow as a run of its own and waits for its end. It stands in this run's
    /// lane, may spend what this run has left, and is cancelled with it.
    public func child<W: Workflow>(
        _ type: W.Type, _ input: W.Input, name: String = W.name
    ) async throws -> W.Output {
        let start = Start(workflow: W.name, version: W.version, input: try Codec.encode(input))
        let (path, answer) = try await wait(name, .child, due: nil, start: start)
        return try activation.decode(W.Output.self, answer, at: path)
    }

    private func wait(
        _ name: String, _ kind: Entry.Kind, due: Int64?, start: Start? = nil,
        question: [UInt8]? = nil
    ) async throws -> (path: String, answer: [UInt8]) {
        try await activation.boundary()
        let here = try enter(name, leaf: true)
        defer { leave() }
        let digest = start.map { Codec.digest($0.input) } ?? 0
        var entry = try activation.find(here, kind, digest)
        if entry == nil {
            try await activation.meetFrontier(here, shielded: shielded)
            try activation.admit(here, 0, reserve: 0, shielded: shielded)
            activation.fault("\(here) before")
            let record = Record(
                path: here, kind: kind, digest: digest, due: due, question: question)
            entry = try await activation.open(record, name, takeEvents(), start)
        } else {
            _ = takeEvents()  // they were committed with this row
        }
        if let outcome = entry?.outcome { return (here, try outcome.get()) }
        try activation.unwindIfEnded(shielded: shielded)
        return (here, try await activation.wait(here).get())
    }
}
