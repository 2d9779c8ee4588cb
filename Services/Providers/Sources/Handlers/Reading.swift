import Contracts
import EventLoop
import Mesh
import MeshContract

extension ProvidersNode {
    /// The longest that a read is held back.
    static let longestWait = 30_000

    func readStream(
        _ request: Providers.ReadStream, _ call: Call
    ) async throws -> Providers.StreamPiece {
        guard let live = try await find(request) else { throw unknown }
        guard live.info.attempt == request.attempt else { throw stale(live.info.attempt) }
        // Nothing in time is an answer too: it goes out before the caller gives up.
        let patience = max(call.time - .milliseconds(100), .zero)
        let asked = Duration.milliseconds(min(max(request.waitMilliseconds, 0), Self.longestWait))
        return try await live.read(
            from: request.offset, until: monotonic() &+ min(asked, patience).nanoseconds)
    }

    /// The answer in memory, or as it was kept.
    private func find(_ request: Providers.ReadStream) async throws -> LiveAnswer? {
        if let live = answers.find(request.key) { return live }
        guard let record = try await store.find(request.key) else { return nil }
        guard record.attempt == request.attempt else { throw stale(record.attempt) }
        if record.state == .generating {
            // It may have begun, or ended, since we looked.
            if let live = answers.find(request.key) { return live }
            throw Fault(
                .conflict, "the answer was left unfinished by a service that stopped",
                detail: "generate begins it again")
        }
        guard let text = record.text else {
            throw Fault(.notFound, "the text of this answer is no longer kept")
        }
        let live = LiveAnswer(
            record.info, digest: record.digest, text: text, newest: record.newest,
            end: record.completion.map { .completed($0) }
                ?? .failed(record.fault ?? UpstreamFault.stopped),
            alarms: answers.alarms)
        answers.keep(live)
        return live
    }

    private func stale(_ current: Int) -> Fault {
        Fault(.conflict, "this is not the answer's current attempt", detail: "it is \(current)")
    }
}
