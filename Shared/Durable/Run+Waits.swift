/// Operations that wait. The run leaves memory when nothing else in it is busy.
extension Run {
    /// Waits for a person. A decision that does not read as `Decision` parks the run.
    public func gate<Decision: Codable & Sendable>(
        _ name: String, as _: Decision.Type = Decision.self, within: Duration? = nil
    ) async throws -> Decision {
        let (path, answer) = try await wait(name, .gate, due: within.map(activation.due))
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
    public func sleep(_ name: String = "sleep", for duration: Duration) async throws {
        _ = try await wait(name, .timer, due: activation.due(after: duration))
    }

    /// Starts another workflow as a run of its own and waits for its end.
    public func child<W: Workflow>(_ type: W.Type, _ input: W.Input) async throws -> W.Output {
        let start = Start(workflow: W.name, version: W.version, input: try Codec.encode(input))
        let (path, answer) = try await wait(W.name, .child, due: nil, start: start)
        return try activation.decode(W.Output.self, answer, at: path)
    }

    private func wait(
        _ name: String, _ kind: Entry.Kind, due: Int64?, start: Start? = nil
    ) async throws -> (path: String, answer: [UInt8]) {
        try await activation.boundary()
        let here = try enter(name, leaf: true)
        defer { leave() }
        let digest = start.map { Codec.digest($0.input) } ?? 0
        var entry = try activation.find(here, kind, digest)
        if entry == nil {
            try activation.admit(here, reserve: 0, shielded: shielded)
            activation.fault("\(here) before")
            entry = try await activation.open(
                Record(path: here, kind: kind, digest: digest, due: due), name, takeEvents(), start)
        } else {
            _ = takeEvents()  // they were committed with this row
        }
        if let outcome = entry?.outcome { return (here, try outcome.get()) }
        try activation.unwindIfEnded(shielded: shielded)
        return (here, try await activation.wait(here).get())
    }
}
