import Contracts
import Mesh
import MeshContract
import ServiceKit

/// What people say of a run to one another.
extension OrchestratorNode {
    private static let longestText = 10_000
    private static let longestPlace = 200

    func addComment(
        _ request: Orchestrator.AddComment, _ call: Call
    ) async throws -> Orchestrator.Comment {
        var faults: [FieldFault] = []
        if request.text.allSatisfy(\.isWhitespace) {
            faults.append(FieldFault("/text", "is empty"))
        } else if request.text.utf8.count > Self.longestText {
            faults.append(FieldFault("/text", "has more than \(Self.longestText) bytes"))
        }
        if let about = request.about, !(1...Self.longestPlace).contains(about.utf8.count) {
            faults.append(FieldFault("/about", "takes 1 to \(Self.longestPlace) bytes"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the comment was refused", fields: faults)
        }
        _ = try await store.find(request.run, user: request.user)
        return try await comments.add(request, at: ambient.now())
    }

    func listComments(
        _ request: Orchestrator.ListComments, _ call: Call
    ) async throws -> Orchestrator.CommentPage {
        _ = try await store.find(request.run, user: request.user)
        let limit = min(max(request.limit, 1), 200)
        let found = try await comments.list(request.run, after: request.after, limit: limit + 1)
        let page = Array(found.prefix(limit))
        return Orchestrator.CommentPage(
            comments: page, next: found.count > limit ? page.last?.id : nil)
    }
}
