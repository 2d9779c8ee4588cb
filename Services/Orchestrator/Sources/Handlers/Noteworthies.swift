import Contracts
import Mesh
import MeshContract

/// What people may want to be told of, for the gateway, which tells them.
extension OrchestratorNode {
    private static let longestWait = 30_000
    private static let mostEntries = 500

    func noteworthy(
        _ request: Orchestrator.ListNoteworthy, _ call: Call
    ) async throws -> Orchestrator.NoteworthyPage {
        let limit = min(max(request.limit, 1), Self.mostEntries)
        let wait = min(max(request.waitMilliseconds, 0), Self.longestWait)
        // Heard before the first look, so that nothing falls between look and wait.
        let rings = bell.rings()
        let page = try await noteworthies.page(after: request.after, limit: limit)
        guard page.entries.isEmpty, page.newest >= request.after, wait > 0 else { return page }
        return try await withThrowingTaskGroup(of: Orchestrator.NoteworthyPage?.self) { group in
            group.addTask {
                for await _ in rings {
                    // It rings before what it tells of is on disk.
                    let page = try await self.noteworthies.pageInTurn(
                        after: request.after, limit: limit)
                    if !page.entries.isEmpty { return page }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(wait))
                return nil
            }
            defer { group.cancelAll() }
            if let page = try await group.next() ?? nil { return page }
            return page
        }
    }
}
