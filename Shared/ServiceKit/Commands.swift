public import Console
public import Mesh
public import MeshContract

/// A contract seen from the command line: one verb for each method, its fields as flags.
public struct Commands: Sendable {
    public let cards: [MethodCard]
    private var calls:
        [String: @Sendable (Flags, MeshClient) async throws -> any Encodable & Sendable]

    public init<each M: MeshMethod>(_ contract: Contract<repeat each M>) {
        cards = contract.methods
        calls = [:]
        func add<One: MeshMethod>(_: One.Type) {
            let known = Field.of(One.self).map(\.name)
            calls[One.name] = { flags, mesh in
                try await mesh.call(flags.decode(One.self, known: known), within: .seconds(60))
            }
        }
        repeat add((each M).self)
    }

    /// Calls the running service and answers with its reply.
    public func call(
        _ name: String, _ flags: Flags, over mesh: MeshClient
    ) async throws -> any Encodable & Sendable {
        guard let call = calls[name] else {
            let list = cards.map(\.name).joined(separator: ", ")
            throw UsageError("no method \(name); there is \(list)")
        }
        return try await call(flags, mesh)
    }

    /// The reference, as lines or as a Markdown table.
    public func reference(markdown: Bool) -> [String] {
        if markdown {
            return ["| Method | What it does |", "| --- | --- |"]
                + cards.map { "| `\($0.usage)` | \($0.summary) |" }
        }
        return Render.table(cards.map { [$0.usage, $0.summary] })
    }
}
