import Contracts
import Mesh
import MeshContract

extension AnalyticsNode {
    func usage(
        _ request: Analytics.GetUsage, _ call: Call
    ) async throws -> Analytics.UsageReport {
        if let since = request.since, !Day.moments.contains(since) {
            throw Fault(
                .invalid, "no moment that is known",
                fields: [FieldFault("/since", "takes wall milliseconds")])
        }
        return try await store.usage(
            of: request.user, in: request.run, for: request.project, since: request.since)
    }

    func progress(
        _ request: Analytics.GetProgress, _ call: Call
    ) async throws -> Analytics.FeedProgress {
        Analytics.FeedProgress(usage: try await store.cursor())
    }
}
