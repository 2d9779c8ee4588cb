/// Operations that hold others.
extension Run {
    /// Groups operations under a name.
    public func scope<Out>(_ name: String, _ body: (Run) async throws -> Out) async throws -> Out {
        let here = try enter(name, leaf: false)
        defer { leave() }
        let inner = Run(activation, path: here, shielded: shielded)
        defer { adopt(inner) }
        return try await body(inner)
    }

    /// Undoes outside effects while a run is being cancelled: inside, steps run although it is.
    public func cleanup(
        _ name: String, _ body: @escaping @Sendable (Run) async throws -> Void
    ) async throws {
        let here = try enter(name, leaf: false)
        defer { leave() }
        let inner = Run(activation, path: here, shielded: true)
        defer { adopt(inner) }
        try await Task { try await body(inner) }.value  // its own task, for this one is cancelled
    }

    /// Runs `body` for all items, `width` at a time, and answers in their order.
    ///
    /// It waits for all; if some fail, the failure of the first item among them is thrown,
    /// whichever came first in time, so that a replay decides alike.
    public func parallel<Item: Sendable, Out: Sendable>(
        _ name: String, _ items: [Item], width: Int = 8,
        _ body: @escaping @Sendable (Item, Run) async throws -> Out
    ) async throws -> [Out] {
        let here = try enter(name, leaf: false)
        defer { leave() }
        guard !items.isEmpty else { return [] }
        let scopes = items.indices.map {
            Run(activation, path: "\(here)/\($0)", shielded: shielded)
        }
        defer { scopes.forEach(adopt) }
        let results = await race(items, scopes, width: min(max(width, 1), items.count), body)
        try activation.unwindIfEnded(shielded: shielded, ignoringPause: true)
        return try results.map { try $0.get() }
    }

    private func race<Item: Sendable, Out: Sendable>(
        _ items: [Item], _ scopes: [Run], width: Int,
        _ body: @escaping @Sendable (Item, Run) async throws -> Out
    ) async -> [Result<Out, any Error>] {
        activation.branches(add: width - 1)
        return await withTaskGroup(of: (Int, Result<Out, any Error>).self) { group in
            func begin(_ index: Int) {
                group.addTask {
                    do {
                        return (index, .success(try await body(items[index], scopes[index])))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            (0..<width).forEach(begin)
            var begun = width
            var results: [Int: Result<Out, any Error>] = [:]
            while let (index, result) = await group.next() {
                results[index] = result
                if begun < items.count {
                    begin(begun)
                    begun += 1
                } else if results.count < items.count {
                    activation.branches(add: -1)  // the last one goes on as the scope itself
                }
            }
            return items.indices.map { results[$0] ?? .failure(Unwound()) }
        }
    }
}
