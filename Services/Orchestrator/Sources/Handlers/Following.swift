import Contracts
import Durable
import Mesh
import MeshContract
import WriteStudio

/// Watching a run: what is new since the watcher's cursor, or a wait for it.
extension OrchestratorNode {
    private static let longestWait = 30_000
    private static let mostEvents = 200

    func follow(_ request: Orchestrator.Follow, _ call: Call) async throws -> Orchestrator.News {
        guard request.marks.count <= 32 else { throw Fault(.invalid, "too many marks") }
        _ = try await store.find(request.run, user: request.user)
        // Watched before the first look, so that nothing falls between look and wait.
        let notices = engine.watch(request.run)
        let wait = min(max(request.waitMilliseconds, 0), Self.longestWait)
        return try await withThrowingTaskGroup(of: Orchestrator.News?.self) { group in
            group.addTask {
                for await notice in notices {
                    if let news = try await self.news(request, after: notice) { return news }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(wait))
                return nil
            }
            defer { group.cancelAll() }
            if let news = try await group.next() ?? nil { return news }
            return try await self.look(request)
        }
    }

    /// nil when there is nothing new for this watcher.
    private func news(
        _ request: Orchestrator.Follow, after notice: Notice
    ) async throws -> Orchestrator.News? {
        if case .progress = notice {
            let texts = live.pieces(of: request.run, beyond: request.marks)
            if texts.isEmpty { return nil }
            return Orchestrator.News(events: [], texts: texts, state: "running", isEnded: false)
        }
        let news = try await look(request)
        return news.events.isEmpty && news.texts.isEmpty && !news.isEnded ? nil : news
    }

    private func look(_ request: Orchestrator.Follow) async throws -> Orchestrator.News {
        // The run is read before its events: an end that is seen has all its events in the log. So
        // is the text that is being written: the event that begins its step is then among them.
        let run = try await store.find(request.run, user: request.user)
        let writing = live.pieces(of: request.run, beyond: request.marks)
        let events = try await engine.events(
            request.run, after: request.after, limit: Self.mostEvents
        ).map(EventText.event)
        let last = events.last?.seq ?? request.after
        let isOver = ["completed", "failed", "cancelled"].contains(run.state)
        return Orchestrator.News(
            events: events, texts: texts(request, writing, beside: events), state: run.state,
            isEnded: isOver && last >= run.lastSeq)
    }

    /// The event that ends a step has the rest of its text beside it, so that whoever reads both has
    /// it whole.
    private func texts(
        _ request: Orchestrator.Follow, _ writing: [Orchestrator.TextPiece],
        beside events: [Orchestrator.Event]
    ) -> [Orchestrator.TextPiece] {
        let ending = Set(
            events.filter { $0.type == SessionEvent.turnCompleted }.compactMap(\.step))
        let ended = live.pieces(of: request.run, beyond: request.marks, ending: ending)
            .filter { ending.contains($0.step) }
        // Where there are more events, a step whose beginning is among them has to wait.
        guard events.count < Self.mostEvents else { return ended }
        return ended + writing.filter { !ending.contains($0.step) }
    }
}
